/// A picture: rectangles and text by class, one style sheet for light and dark pages.
///
/// No scripts, no CSS variables, generic fonts; sizes are in pixels.
struct SVGDocument {
  /// Legible where a page is narrow.
  static let width = 720

  private var body = ""
  /// Bottom of what was drawn so far.
  private var bottom = 0

  init() {}

  enum Anchor: String { case start, middle, end }

  /// - Parameters:
  ///   - kind: A class of the style sheet.
  ///   - x: Left edge in tenths of a pixel.
  ///   - y: Top edge in pixels.
  ///   - width: In tenths of a pixel.
  ///   - height: In pixels.
  mutating func rectangle(_ kind: String, x: Int, y: Int, width: Int, height: Int) {
    body +=
      "<rect class=\"\(kind)\" x=\"\(tenths(x))\" y=\"\(y)\" width=\"\(tenths(width))\""
      + " height=\"\(height)\"/>\n"
    bottom = max(bottom, y + height)
  }

  /// - Parameters:
  ///   - text: One line; made safe here.
  ///   - kind: Classes of the style sheet.
  ///   - x: Where the anchor stands, in tenths of a pixel.
  ///   - y: Base line in pixels.
  ///   - anchor: Which end of the text stands there.
  mutating func text(
    _ text: String, _ kind: String, x: Int, y: Int, anchor: Anchor = .start
  ) {
    let end = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    body += "<text class=\"\(kind)\" x=\"\(tenths(x))\" y=\"\(y)\"\(end)>\(xml(text))</text>\n"
    bottom = max(bottom, y + 4)
  }

  /// A filled curve of steps above a base line.
  ///
  /// - Parameters:
  ///   - kind: A class of the style sheet.
  ///   - steps: Each step's right edge and height, in tenths of a pixel; edges ascend from `x`.
  ///   - x: Left edge in tenths of a pixel.
  ///   - bottom: Base line in pixels.
  mutating func area(
    _ kind: String, steps: [(right: Int, height: Int)], x: Int, bottom: Int
  ) {
    guard steps.contains(where: { $0.height > 0 }) else { return }
    var path = "M\(tenths(x)) \(bottom)"
    var height = 0
    for (index, step) in steps.enumerated() {
      if step.height != height { path += "V\(tenths(bottom * 10 - step.height))" }
      height = step.height
      // Equal heights are one step.
      if index + 1 < steps.count, steps[index + 1].height == height { continue }
      path += "H\(tenths(x + step.right))"
    }
    body += "<path class=\"\(kind)\" d=\"\(path)V\(bottom)Z\"/>\n"
    self.bottom = max(self.bottom, bottom)
  }

  /// The whole document.
  ///
  /// - Parameters:
  ///   - title: What it shows.
  ///   - description: The key numbers, for readers who do not see it.
  ///   - fills: Rules beside the common ones.
  /// - Returns: SVG 1.1 text.
  func document(title: String, description: String, fills: String = "") -> String {
    let height = bottom + 16
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(height)" \
      viewBox="0 0 \(Self.width) \(height)" role="img" aria-labelledby="title desc">
      <title id="title">\(xml(title))</title>
      <desc id="desc">\(xml(description))</desc>
      <style>
      \(pictureStyle)\(fills)
      </style>
      <rect class="page" x="0" y="0" width="\(Self.width)" height="\(height)"/>
      \(body)</svg>

      """
  }

  private func tenths(_ value: Int) -> String {
    value % 10 == 0 ? String(value / 10) : "\(value / 10).\(abs(value % 10))"
  }
}

/// Text as XML character data: entities for mark-up, `?` for characters that XML forbids.
func xml(_ text: String) -> String {
  var result = ""
  for scalar in printable(text).unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// An upper bound of a text's width in pixels, whatever sans-serif font is used.
///
/// Per character, in hundredths of the font size, a little above DejaVu Sans, the widest of the
/// common ones.
func widestText(_ text: String, fontSize: Int) -> Int {
  let hundredths = text.unicodeScalars.reduce(0) { sum, scalar in
    switch scalar {
    case "m", "w", "M", "W", "%", "@": sum + 102
    case "A"..."Z", "~", "+", "=", "<", ">", "#": sum + 86
    case " ", ".", ",", ":", ";", "'", "|", "!", "i", "j", "l": sum + 36
    case "\u{80}"...: sum + 110
    default: sum + 66
    }
  }
  return (hundredths * fontSize + 99) / 100
}

/// The text, cut so that it is no wider than `width` pixels, by leaving out its middle: addresses and
/// settings that begin alike differ at their ends.
///
/// - Parameters:
///   - text: Anything; made printable here.
///   - width: Pixels.
///   - fontSize: Pixels.
///   - isProse: It is read from its beginning, and loses its end instead.
/// - Returns: The text, or what is left of it and an ellipsis.
func fitted(_ text: String, width: Int, fontSize: Int, isProse: Bool = false) -> String {
  let text = printable(text)
  guard widestText(text, fontSize: fontSize) > width else { return text }
  // No character is narrower than 36 hundredths; a name may have a million of them.
  let most = width * 100 / (36 * fontSize) + 1
  let scalars = text.unicodeScalars
  let count = scalars.count
  var tail = isProse ? scalars.suffix(0) : scalars.suffix(min(most, count - count / 3))
  var head = scalars.prefix(min(most, count - tail.count))
  while !head.isEmpty || !tail.isEmpty {
    let shown = String(head) + "…" + String(tail)
    if widestText(shown, fontSize: fontSize) <= width { return shown }
    // Two thirds are the tail's.
    if tail.count > 2 * head.count { tail.removeFirst() } else { head.removeLast() }
  }
  return "…"
}
