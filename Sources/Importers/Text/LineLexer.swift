/// Reads the plain lines of a format, each by itself, so that several cores can.
///
/// A plain line is what most lines of a capture look like. Its token holds all that the line says;
/// what that means beside the lines before, a ``TextParser`` decides in their order. Lines of any
/// other shape are left to ``TextParser/parse(_:in:into:)``, which holds the whole grammar: a token
/// must mean exactly what `parse` would have made of its line.
protocol LineLexer: Sendable {
  /// What a plain line says; texts are places in the chunk.
  associatedtype Token: BitwiseCopyable, Sendable

  /// A token to be overwritten.
  var blank: Token { get }

  /// Reads a line.
  ///
  /// - Parameters:
  ///   - start: Index of the line's first byte.
  ///   - text: The chunk.
  ///   - token: Blank; of unknown content where the line is not plain.
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
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout [PlainLine<Token>])
}

/// A plain line of a chunk.
struct PlainLine<Token: BitwiseCopyable & Sendable>: BitwiseCopyable, Sendable {
  /// Indexes in the chunk of the first byte and of the line feed.
  var start: UInt32
  var feed: UInt32
  var token: Token
}

extension LineLexer {
  func lexLines(
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout [PlainLine<Token>]
  ) {
    unsafe bytes.withUnsafeBytes { buffer in
      let text = unsafe TextWords(buffer)
      var position = start
      while position < filled {
        var line = PlainLine(
          start: UInt32(truncatingIfNeeded: position), feed: 0, token: blank)
        var feed = lex(from: position, in: text, into: &line.token)
        if feed >= 0, feed < filled {
          line.feed = UInt32(truncatingIfNeeded: feed)
          lines.append(line)
        } else {
          feed = bytes.span.first(0x0a, from: position, to: filled) ?? filled
        }
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
