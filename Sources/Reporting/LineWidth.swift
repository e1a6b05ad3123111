// How wide a line may be, and what is done about text that is wider.

/// The width of an output that has none: a file or a pipe, of which nothing is cut off.
public let unlimitedWidth = 1 << 24

/// Columns of prose where nothing limits it.
private let proseWidth = 100

/// Lines of at most `width` characters, broken at spaces; a longer word stays whole.
func wrapped(_ text: String, width: Int) -> [String] {
  // Less by a margin may be what is left of no limit; the margin counts.
  let margin = max(0, unlimitedWidth - width)
  let width = margin < proseWidth / 2 ? proseWidth - margin : width
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

/// A text with its long lines broken at spaces, what follows indented by four more than they are.
///
/// - Parameters:
///   - text: Lines that each end in a line feed; ANSI escape codes take no room.
///   - width: Characters of a line; a longer word stays whole.
/// - Returns: The same words in the same order.
public func folded(_ text: String, width: Int) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .flatMap { shownCount($0) > width ? fold($0, width) : [String($0)] }
    .joined(separator: "\n")
}

private func fold(_ line: Substring, _ width: Int) -> [String] {
  let indent = String(repeating: " ", count: line.prefix { $0 == " " }.count + 4)
  var lines: [String] = []
  var current = ""
  var space = ""
  for part in line.split(separator: " ", omittingEmptySubsequences: false) {
    let isEmpty = current.allSatisfy { $0 == " " }
    if !isEmpty, !part.isEmpty, shownCount(current + space + part) > width {
      lines.append(current)
      current = indent + part
    } else if part.isEmpty {
      // Spaces in a row pad a column; none is left at a line's end.
      space += " "
      continue
    } else {
      current += space + part
    }
    space = " "
  }
  return lines + [current]
}

/// Characters that take room on a terminal.
private func shownCount(_ text: some StringProtocol) -> Int {
  guard text.contains("\u{1b}") else { return text.count }
  var count = 0
  var isCode = false
  for character in text {
    if character == "\u{1b}" {
      isCode = true
    } else if isCode {
      isCode = character != "m"
    } else {
      count += 1
    }
  }
  return count
}
