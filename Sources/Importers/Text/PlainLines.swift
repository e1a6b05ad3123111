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

  @inline(never)
  private mutating func grow(_ blank: Token) {
    lines.grow(
      to: max(1024, 2 * lines.count), repeating: PlainLine(start: 0, feed: 0, token: blank))
  }

  mutating func removeAll() { count = 0 }
}
