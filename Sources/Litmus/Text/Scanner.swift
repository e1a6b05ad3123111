import TraceCore

/// Cuts a litmus text into tokens, on demand.
///
/// Blanks and `(* comments *)`, which nest, separate tokens. The text is UTF-8 without control
/// characters other than tabs and line ends.
struct Scanner {
  let bytes: [UInt8]
  let file: String
  private(set) var position = 0

  /// - Parameters:
  ///   - bytes: The text.
  ///   - file: Name for errors.
  /// - Throws: ``TraceError`` where it is not text.
  init(_ bytes: [UInt8], file: String) throws(TraceError) {
    self.bytes = bytes
    self.file = file
    try checkCharacters()
  }

  private func checkCharacters() throws(TraceError) {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .emptyInput: return
      case .error: throw error("not UTF-8 text", at: offset)
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        let isBlank = scalar == "\t" || scalar == "\n" || scalar == "\r"
        guard isBlank || scalar.properties.generalCategory != .control else {
          throw error("a control character, 0x\(hex(UInt64(scalar.value)))", at: offset)
        }
        offset += encoded.count
      }
    }
  }

  // MARK: Places

  /// Line and column, from 1, of a byte.
  func place(_ offset: Int) -> (line: UInt64, column: Int) {
    var line: UInt64 = 1
    var start = 0
    for index in 0..<min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      start = index + 1
    }
    return (line, offset - start + 1)
  }

  func error(_ message: String, at offset: Int) -> TraceError {
    let (line, column) = place(offset)
    return TraceError(.configuration, message, file: file, line: line, column: column)
  }

  // MARK: Tokens

  /// The byte at a distance from the position; 0 beyond the end.
  private func byte(_ distance: Int = 0) -> UInt8 {
    position + distance < bytes.count ? bytes[position + distance] : 0
  }

  private func starts(with text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard position + length <= bytes.count else { return false }
    return bytes[position..<position + length].elementsEqual(text.description.utf8)
  }

  private mutating func skipBlanks() throws(TraceError) {
    while position < bytes.count {
      if byte() <= UInt8(ascii: " ") {
        position += 1
      } else if starts(with: "(*") {
        try skipComment()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(TraceError) {
    let start = position
    var depth = 0
    repeat {
      guard position < bytes.count else {
        throw error("a comment that does not end with '*)'", at: start)
      }
      if starts(with: "(*") {
        depth += 1
        position += 2
      } else if starts(with: "*)") {
        depth -= 1
        position += 2
      } else {
        position += 1
      }
    } while depth > 0
  }

  /// The next token; `.end` again and again at the end.
  mutating func next() throws(TraceError) -> Token {
    try skipBlanks()
    let start = position
    guard position < bytes.count else { return Token(kind: .end, text: "", offset: start) }
    if byte() == UInt8(ascii: "\"") { return try quoted() }
    if byte().isWordByte { return word() }
    return try symbol()
  }

  private mutating func word() -> Token {
    let start = position
    while byte().isWordByte || byte() == UInt8(ascii: "-") && byte(1).isLetterOrDigit {
      position += 1
    }
    return Token(kind: .word, text: text(start..<position), offset: start)
  }

  private mutating func symbol() throws(TraceError) -> Token {
    let start = position
    for pair in ["->", "/\\", "\\/"] as [StaticString] where starts(with: pair) {
      position += 2
      return Token(kind: .symbol, text: pair.description, offset: start)
    }
    guard "{};|:,[]()#+=~".utf8.contains(byte()) else {
      throw error("unexpected character '\(character())'", at: start)
    }
    position += 1
    return Token(kind: .symbol, text: text(start..<position), offset: start)
  }

  private func character() -> String {
    var decoder = Unicode.UTF8.ForwardParser()
    var rest = bytes[position...].makeIterator()
    guard case .valid(let encoded) = decoder.parseScalar(from: &rest) else { return "?" }
    return String(Unicode.UTF8.decode(encoded))
  }

  /// A text in quotes on one line; a backslash makes the next character plain.
  private mutating func quoted() throws(TraceError) -> Token {
    let start = position
    var content: [UInt8] = []
    position += 1
    while byte() != UInt8(ascii: "\"") {
      if byte() == UInt8(ascii: "\\") { position += 1 }
      guard position < bytes.count, byte() != UInt8(ascii: "\n") else {
        throw error("a text that does not end with '\"' on its line", at: start)
      }
      content.append(byte())
      position += 1
    }
    position += 1
    return Token(kind: .quoted, text: String(decoding: content, as: UTF8.self), offset: start)
  }

  /// The rest of the line without blanks at its ends.
  ///
  /// - Parameter stopsAtComment: A comment ends it, too.
  /// - Returns: As a word.
  mutating func restOfLine(stopsAtComment: Bool) -> Token {
    while byte() == UInt8(ascii: " ") || byte() == UInt8(ascii: "\t") { position += 1 }
    let start = position
    while position < bytes.count, byte() != UInt8(ascii: "\n") {
      if stopsAtComment, starts(with: "(*") { break }
      position += 1
    }
    var end = position
    while end > start, bytes[end - 1] <= UInt8(ascii: " ") { end -= 1 }
    return Token(kind: .word, text: text(start..<end), offset: start)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
