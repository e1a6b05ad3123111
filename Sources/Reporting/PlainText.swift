// Text from a capture or a map, made safe to show: names and messages may hold anything.

/// The text with every control, line-breaking and direction-changing character replaced by `?`.
///
/// - Parameter text: Anything.
/// - Returns: A text of one line that leaves a terminal as it is.
public func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { result.append(isUnprintable(scalar) ? "?" : scalar) }
  return String(result)
}

private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0...0x1f, 0x7f...0x9f: true
  case 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
  case 0xfffe, 0xffff: true
  default: false
  }
}

/// Columns of a terminal that a printable text takes: two for a wide character, one for any other.
///
/// Source: Unicode Standard Annex #11, East Asian Width, the blocks whose characters are W or F.
func terminalColumns(_ text: String) -> Int {
  guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text.utf8.count }
  return text.reduce(0) { $0 + ($1.unicodeScalars.first.map(isWide) == true ? 2 : 1) }
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0xa4cf,
    0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff01...0xff60,
    0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
    true
  default: false
  }
}

/// The text, cut to at most `limit` Unicode scalars; a cut shows as the ellipsis at its end.
///
/// Scalars, not characters: one character may hold any number of combining marks.
func clipped(_ text: String, to limit: Int, ellipsis: String = "…") -> String {
  let scalars = text.unicodeScalars
  guard scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex) != nil,
    scalars.count > limit
  else { return text }
  let kept = max(0, limit - ellipsis.unicodeScalars.count)
  return String(String.UnicodeScalarView(scalars.prefix(kept))) + ellipsis
}

/// The text, cut to at most `limit` Unicode scalars by leaving out its middle: names that begin alike
/// differ at their ends.
func shortenedInside(_ text: String, to limit: Int) -> String {
  let scalars = Array(text.unicodeScalars)
  guard scalars.count > limit, limit > 3 else { return clipped(text, to: limit, ellipsis: "...") }
  let head = (limit - 3) / 3
  let tail = limit - 3 - head
  let ends = [scalars.prefix(head), "...".unicodeScalars.map(\.self)[...], scalars.suffix(tail)]
  return String(String.UnicodeScalarView(ends.joined()))
}

/// Names cut to their limits by leaving out their middles, told apart where that is possible.
///
/// A PCI domain of 0 goes first, as in lspci. Where names become one, what they begin with alike is
/// left out instead.
///
/// - Parameter names: Printable names, each with its limit.
/// - Returns: A text each.
func shortenedApart(_ names: [(text: String, limit: Int)]) -> [String] {
  var result = names.map { shortenedInside(withoutDomain($0.text, over: $0.limit), to: $0.limit) }
  for places in Dictionary(grouping: result.indices, by: { result[$0] }).values {
    let texts = Set(places.map { names[$0].text })
    guard texts.count > 1, let some = texts.first else { continue }
    let common = texts.reduce(some) { String(zip($0, $1).prefix { $0 == $1 }.map(\.0)) }
    // Numbers stay whole.
    let rest = common.reversed().prefix { $0.isLetter || $0.isNumber }.count
    let count = common.count - rest
    for place in places where count > 3 {
      let (text, limit) = names[place]
      result[place] = "..." + shortenedInside(String(text.dropFirst(count)), to: limit - 3)
    }
  }
  return result
}

/// `01:00.0 bar 0` of `0000:01:00.0 bar 0`, where that is longer than the limit.
private func withoutDomain(_ name: String, over limit: Int) -> String {
  let domain = "0000:"
  let start = name.dropFirst(domain.count)
  let places = Array(start.prefix(7))
  guard name.count > limit, name.hasPrefix(domain), places.count == 7, places[2] == ":",
    places[5] == "."
  else { return name }
  return String(start)
}

/// The text padded with spaces to a width.
func padded(_ text: String, to width: Int, right: Bool = false) -> String {
  let space = String(repeating: " ", count: max(0, width - text.count))
  return right ? space + text : text + space
}

/// `NAME=VALUE` as one word of a POSIX shell's command line: as it is where the name is of letters,
/// digits, `.`, `-`, `_` and `:`, else between single quotes.
///
/// - Parameters:
///   - name: Anything.
///   - value: A keyword, of the same characters.
/// - Returns: The word.
func shellAssignment(_ name: String, _ value: String) -> String {
  let text = name + "=" + value
  // Where there is no name, zsh takes the `=` for the path of a command.
  return isPlainWord(name) ? text : quotedWord(text)
}

/// A text as one word of a POSIX shell's command line: as it is where that is plain, else between
/// single quotes.
public func shellWord(_ text: String) -> String {
  isPlainWord(text.replacing("/", with: "")) ? text : quotedWord(text)
}

private func isPlainWord(_ text: String) -> Bool {
  !text.isEmpty
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
}

private func quotedWord(_ text: String) -> String {
  "'" + text.replacing("'", with: "'\\''") + "'"
}

/// `a`, `a and b`, `a, b and c`.
func listed(_ items: [String]) -> String {
  guard let last = items.last else { return "" }
  guard items.count > 1 else { return last }
  return items.dropLast().joined(separator: ", ") + " and " + last
}
