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
  mutating func lex(from start: Int, in text: TextWords, into token: inout Token) -> Int

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

extension LineLexer {
  func lexLines(
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout PlainLines<Token>
  ) {
    unsafe bytes.withUnsafeBytes { buffer in
      let text = unsafe TextWords(buffer)
      // What a lexer keeps of a line is for the lines of its chunk.
      var lexer = self
      var position = start
      while position < filled {
        lines.prepare(blank)
        var feed = lexer.lex(from: position, in: text, into: &lines.next)
        if feed >= 0, feed < filled {
          lines.keep(from: position, to: feed)
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
