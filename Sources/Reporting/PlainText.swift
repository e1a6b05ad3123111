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

/// Lines of at most `width` characters, broken at spaces; a longer word stays whole.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return line.isEmpty ? lines : lines + [line]
}
