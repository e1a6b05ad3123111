import TraceCore

/// Reads the plain lines of a format, each by itself, so that several cores can.
///
/// A plain line is what most lines of a capture look like. Its token holds all that the line says;
/// what that means beside the lines before, a ``TextParser`` decides in their order. Lines of any
/// other shape are left to ``TextParser/parse(_:in:into:)``, which holds the whole grammar: a token
/// must mean exactly what `parse` would have made of its line.
protocol LineLexer: Sendable {
  /// What a plain line says; texts are places in the chunk.
  associatedtype Token: BitwiseCopyable, Sendable

  /// What stands where no token was made yet.
  var blank: Token { get }

  /// Reads a line.
  ///
  /// - Parameters:
  ///   - start: Index of the line's first byte.
  ///   - text: The chunk.
  ///   - token: Of unknown content before, and where the line is not plain: all that is looked at
  ///     later is to be set. Making it whole here would cost more than many a field.
  /// - Returns: Index of the line feed; -1 where the line is not plain.
  func lex(from start: Int, in text: TextWords, into token: inout Token) -> Int

  /// Reads the lines of a chunk; made here for each format, so that a line costs no call.
  ///
  /// - Parameters:
  ///   - start: Index of the first line's first byte.
  ///   - filled: Index behind the last line.
  ///   - bytes: The chunk, with ``TextWords/room`` behind it.
  ///   - lines: Gets the plain lines, in order.
  func lexLines(
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout PlainLines<Token>)
}

/// A plain line of a chunk.
struct PlainLine<Token: BitwiseCopyable & Sendable>: BitwiseCopyable, Sendable {
  /// Indexes in the chunk of the first byte and of the line feed.
  var start: UInt32
  var feed: UInt32
  var token: Token
}

/// The plain lines of a chunk, in order; a token is made in the place where it stays.
struct PlainLines<Token: BitwiseCopyable & Sendable>: ~Copyable {
  private var lines = FixedBuffer<PlainLine<Token>>()
  private(set) var count = 0

  subscript(index: Int) -> PlainLine<Token> {
    @inline(__always) get { lines[index] }
  }

  /// Adds a line if it is plain.
  ///
  /// - Parameters:
  ///   - start: Index in the chunk of its first byte.
  ///   - end: Index behind the chunk's last line.
  ///   - blank: Fills new room.
  ///   - read: Sets the token, which holds another line's; returns the index of the line feed, or -1.
  /// - Returns: Index of the line feed; -1 where the line is not plain.
  @inline(__always)
  mutating func add(
    from start: Int, below end: Int, _ blank: Token, _ read: (inout Token) -> Int
  ) -> Int {
    if count == lines.count { grow(blank) }
    let feed = read(&lines[count].token)
    guard feed >= 0, feed < end else { return -1 }
    lines[count].start = UInt32(truncatingIfNeeded: start)
    lines[count].feed = UInt32(truncatingIfNeeded: feed)
    count &+= 1
    return feed
  }

  /// Adds a line that was read elsewhere.
  @inline(__always)
  mutating func append(_ line: PlainLine<Token>) {
    if count == lines.count { grow(line.token) }
    lines[count] = line
    count &+= 1
  }

  @inline(never)
  private mutating func grow(_ blank: Token) {
    lines.grow(
      to: max(1024, 2 * lines.count), repeating: PlainLine(start: 0, feed: 0, token: blank))
  }

  mutating func removeAll() { count = 0 }
}

extension LineLexer {
  func lexLines(
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout PlainLines<Token>
  ) {
    unsafe bytes.withUnsafeBytes { buffer in
      let text = unsafe TextWords(buffer)
      var position = start
      while position < filled {
        var feed = lines.add(from: position, below: filled, blank) { token in
          lex(from: position, in: text, into: &token)
        }
        if feed < 0 { feed = bytes.span.first(0x0a, from: position, to: filled) ?? filled }
        position = feed &+ 1
      }
    }
  }
}

/// Of a format of which every line is read in order.
struct NoLexer: LineLexer {
  var blank: UInt8 { 0 }
  func lex(from start: Int, in text: TextWords, into token: inout UInt8) -> Int { -1 }
}
