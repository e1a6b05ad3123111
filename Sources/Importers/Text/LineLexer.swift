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
  ///   - bytes: The chunk; behind its last line anything may stand.
  ///   - token: Of unknown content where the line is not plain.
  /// - Returns: Index of the line feed; -1 where the line is not plain.
  func lex(from start: Int, in bytes: Span<UInt8>, into token: inout Token) -> Int
}

/// Of a format of which every line is read in order.
struct NoLexer: LineLexer {
  var blank: Void { () }
  func lex(from start: Int, in bytes: Span<UInt8>, into token: inout Void) -> Int { -1 }
}

extension Span<UInt8> {
  /// Whether a plain line ends at an index, with LF or CR LF.
  ///
  /// - Returns: Index of the line feed; -1 where the line goes on.
  @inline(__always)
  func plainEnd(at index: Int) -> Int {
    let word = word(at: index)
    if word & 0xff == 0x0a { return index }
    return word & 0xffff == 0x0a0d ? index &+ 1 : -1
  }
}

/// Numbers of plain lines; each passes over its digits, and gives nil where there are none or where
/// they may not fit.
extension Span<UInt8> {
  /// A number of up to 19 digits, which fits 64 bits.
  @inline(__always)
  func plainDecimal(_ position: inout Int) -> UInt64? {
    let first = word(at: position)
    // Most numbers in traces have one digit.
    let digit = first & 0xff &- 0x30
    if digit < 10, first >> 8 & 0xff &- 0x30 >= 10 {
      position &+= 1
      return digit
    }
    var word = DigitWord(decimal: first)
    guard word.count > 0 else { return nil }
    var value = word.value
    position &+= word.count
    var digits = 8
    while word.count == 8 {
      word = DigitWord(decimal: self.word(at: position))
      digits &+= word.count
      guard digits < 20 else { return nil }
      value = value &* TextCursor.powers[word.count] &+ word.value
      position &+= word.count
    }
    return value
  }

  /// `0x` and up to 16 digits.
  @inline(__always)
  func plainHex(_ position: inout Int) -> UInt64? {
    guard word(at: position) & 0xffff == 0x7830 else { return nil }
    position &+= 2
    return plainDigits(&position)
  }

  /// 1 to 16 hexadecimal digits; the byte behind them is looked at by the caller.
  @inline(__always)
  func plainDigits(_ position: inout Int) -> UInt64? {
    let first = DigitWord(hex: word(at: position))
    guard first.count > 0 else { return nil }
    position &+= first.count
    guard first.count == 8 else { return first.value }
    let second = DigitWord(hex: word(at: position))
    position &+= second.count
    return first.value &<< UInt64(truncatingIfNeeded: 4 &* second.count) | second.value
  }

  /// Index of the first byte from `start` on that is one of two values, in this chunk.
  ///
  /// - Returns: -1 where none of the next 256 bytes is.
  @inline(__always)
  func plainFirst(_ left: UInt8, or right: UInt8, from start: Int) -> Int {
    let (lefts, rights) = (UInt64(left) &* Lanes.ones, UInt64(right) &* Lanes.ones)
    var index = start
    while index &- start < 256, index < count {
      let word = word(at: index)
      let hits = Lanes.zeros(word ^ lefts) | Lanes.zeros(word ^ rights)
      if hits != 0 { return index &+ hits.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    return -1
  }
}
