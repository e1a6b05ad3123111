import Ordering
public import TraceCore

extension LitmusTest {
  /// Reads a text of one or more programs.
  ///
  /// - Parameters:
  ///   - bytes: The text; see the article "Litmus programs".
  ///   - file: Name for errors; `-` is standard input.
  /// - Returns: The programs, in order; at least one.
  /// - Throws: ``TraceError`` with file, line, column, and what was expected.
  public static func parse(
    _ bytes: [UInt8], file: String
  ) throws(TraceError) -> [LitmusTest] {
    var parser = try LitmusParser(bytes, file: file)
    return try parser.programs()
  }
}

/// A recursive-descent parser with one token of look-ahead.
struct LitmusParser {
  private(set) var scanner: Scanner
  /// The token under consideration; not yet consumed.
  private(set) var token: Token
  /// Registers that the access under consideration depends on.
  var uses: [Token] = []

  init(_ bytes: [UInt8], file: String) throws(TraceError) {
    scanner = try Scanner(bytes, file: file)
    token = Token(kind: .end, text: "", offset: 0)
    guard !bytes.isEmpty else { throw TraceError(.empty, "there are no programs", file: file) }
  }

  // MARK: Tokens

  mutating func advance() throws(TraceError) { token = try scanner.next() }

  func expected(_ what: String) -> TraceError {
    scanner.error("expected \(what), found \(token.shown)", at: token.offset)
  }

  /// The token after the next one, without consuming any.
  func following() throws(TraceError) -> Token {
    var copy = scanner
    return try copy.next()
  }

  mutating func take() throws(TraceError) -> Token {
    let taken = token
    try advance()
    return taken
  }

  mutating func takeSymbol(_ symbol: String) throws(TraceError) {
    guard token.isSymbol(symbol) else { throw expected("'\(symbol)'") }
    try advance()
  }

  /// Consumes a symbol if it is there.
  mutating func skipSymbol(_ symbol: String) throws(TraceError) -> Bool {
    guard token.isSymbol(symbol) else { return false }
    try advance()
    return true
  }

  /// Consumes a word if it is there.
  mutating func skipWord(_ word: String) throws(TraceError) -> Bool {
    guard token.isWord(word) else { return false }
    try advance()
    return true
  }

  mutating func takeName(_ what: String) throws(TraceError) -> Token {
    guard token.isName else { throw expected(what) }
    return try take()
  }

  /// A decimal number, or a hexadecimal one after 0x.
  mutating func takeNumber(
    _ what: String, _ range: ClosedRange<UInt64> = 0...UInt64.max
  ) throws(TraceError) -> UInt64 {
    guard token.kind == .word, let value = Self.number(token.text) else { throw expected(what) }
    guard range.contains(value) else {
      throw scanner.error(
        "\(what) is \(token.shown); it may be \(range.lowerBound) to \(range.upperBound)",
        at: token.offset)
    }
    try advance()
    return value
  }

  mutating func takeSize(_ limit: Int) throws(TraceError) -> Int {
    Int(try takeNumber("a number of bytes", 1...UInt64(limit)))
  }

  static func number(_ text: String) -> UInt64? {
    guard text.utf8.allSatisfy(\.isLetterOrDigit) else { return nil }
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      return UInt64(text.dropFirst(2), radix: 16)
    }
    return UInt64(text)
  }

  // MARK: Programs

  mutating func programs() throws(TraceError) -> [LitmusTest] {
    var tests: [LitmusTest] = []
    try advance()
    if token.kind == .end {
      throw TraceError(.empty, "there are no programs", file: scanner.file)
    }
    while token.kind != .end {
      let header = token
      let test = try program()
      guard !tests.contains(where: { $0.program.name == test.program.name }) else {
        throw scanner.error(
          "a second program named '\(clipped(test.program.name))'", at: header.offset)
      }
      tests.append(test)
    }
    return tests
  }

  private mutating func program() throws(TraceError) -> LitmusTest {
    let header = token
    guard header.isWord("mmio") else { throw expected("'MMIO NAME'") }
    var draft = ProgramDraft(name: try programName())
    if token.kind == .quoted {
      draft.program.title = token.text
      try advance()
    }
    var test = LitmusTest(draft.program)
    try information(into: &test)
    try locations(into: &draft)
    try columns(into: &draft)
    try draft.finish(scanner)
    test.program = draft.program
    test.claims = try claims(about: draft.program)
    test.file = scanner.file
    test.line = scanner.place(header.offset).line
    return test
  }

  /// The rest of the header's line, or a text in quotes.
  private mutating func programName() throws(TraceError) -> String {
    var rest = scanner
    let line = rest.restOfLine(stopsAtComment: true)
    if line.text.hasPrefix("\"") {
      try advance()
      return try take().text
    }
    guard !line.text.isEmpty else {
      throw scanner.error("expected a name after 'MMIO'", at: line.offset)
    }
    scanner = rest
    try advance()
    return line.text
  }

  /// Lines of `Key=Value`.
  private mutating func information(into test: inout LitmusTest) throws(TraceError) {
    while token.kind == .word {
      let key = token
      try advance()
      guard token.isSymbol("=") else { throw expected("'=' after the key \(key.shown)") }
      let value = scanner.restOfLine(stopsAtComment: false)
      try set(key, value, &test)
      try advance()
    }
    guard token.isSymbol("{") else { throw expected("'KEY=VALUE' or '{'") }
  }

  private func set(
    _ key: Token, _ value: Token, _ test: inout LitmusTest
  ) throws(TraceError) {
    if key.isWord("source") {
      test.sources.append(value.text)
      return
    }
    guard let entry = MachineSwitch.all.first(where: { key.isWord($0.key.lowercased()) }) else {
      let keys = ["Source"] + MachineSwitch.all.map(\.key)
      throw scanner.error(
        "unknown key \(key.shown)" + suggestion(for: key.text, in: keys), at: key.offset)
    }
    guard entry.set(&test.options, to: value.text) else {
      throw scanner.error(
        "\(entry.key) is \(value.shown); it may be \(entry.values)", at: value.offset)
    }
  }
}
