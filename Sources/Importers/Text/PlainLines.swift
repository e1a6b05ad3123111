import TraceCore

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

  /// Makes room for one further line, filled with `blank`.
  @inline(__always)
  mutating func prepare(_ blank: @autoclosure () -> Token) {
    if count == lines.count { grow(blank()) }
  }

  /// The token of the line that may be kept next, in its place; holds another line's before.
  var next: Token {
    @inline(__always) get { lines[count].token }
    @inline(__always) _modify { yield &lines[count].token }
  }

  /// Keeps the line of the token that was made last.
  ///
  /// - Parameters:
  ///   - start: Index in the chunk of its first byte.
  ///   - feed: Index of the line feed.
  @inline(__always)
  mutating func keep(from start: Int, to feed: Int) {
    lines[count].start = UInt32(truncatingIfNeeded: start)
    lines[count].feed = UInt32(truncatingIfNeeded: feed)
    count &+= 1
  }

  @inline(never)
  private mutating func grow(_ blank: Token) {
    lines.grow(
      to: max(1024, 2 * lines.count), repeating: PlainLine(start: 0, feed: 0, token: blank))
  }

  mutating func removeAll() { count = 0 }
}
