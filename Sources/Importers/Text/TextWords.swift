/// A chunk of lines as plain lines are read: a word at a time, with room behind the last line.
///
/// Lent for one call. Behind the last line stands a line feed, over which nothing plain goes on, and
/// then ``room`` bytes at least; a word outside of all that is a fault of the lexer and traps.
@safe
struct TextWords {
  /// Bytes behind the line feed that ends the last line.
  static let room = 64

  private let base: UnsafeRawPointer
  /// Index of the last word.
  private let last: UInt

  /// - Parameter buffer: The chunk and the room behind it; outlives this value.
  @unsafe
  init(_ buffer: UnsafeRawBufferPointer) {
    precondition(buffer.count >= Self.room, "a chunk has room behind it")
    guard let base = buffer.baseAddress else { preconditionFailure("an empty chunk") }
    unsafe self.base = unsafe base
    last = UInt(bitPattern: buffer.count - 8)
  }

  /// Eight bytes from an index, the first in the lowest bits.
  @inline(__always)
  subscript(index: Int) -> UInt64 {
    precondition(UInt(bitPattern: index) <= last, "a word outside of the chunk")
    return unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
  }

  /// A byte as a number of 64 bits.
  @inline(__always)
  func byte(_ index: Int) -> UInt64 { self[index] & 0xff }

  /// Whether a plain line ends at an index, with LF or CR LF.
  ///
  /// - Returns: Index of the line feed; -1 where the line goes on.
  @inline(__always)
  func end(at index: Int) -> Int {
    let word = self[index]
    if word & 0xff == 0x0a { return index }
    return word & 0xffff == 0x0a0d ? index &+ 1 : -1
  }

  /// Passes over one blank, if it comes next.
  @inline(__always)
  func takeBlank(_ position: inout Int) -> Bool {
    let isBlank = byte(position) == 0x20
    position &+= 1
    return isBlank
  }

  /// Passes over a comma, if it comes next.
  @inline(__always)
  func takeComma(_ position: inout Int) -> Bool {
    let isComma = byte(position) == 0x2c
    position &+= 1
    return isComma
  }

  /// Index of the next byte that has one of three values.
  ///
  /// - Returns: -1 where none of the next 256 bytes has, or the chunk ends before.
  @inline(__always)
  func first(_ one: UInt8, _ two: UInt8, _ three: UInt8, from start: Int) -> Int {
    let ones = UInt64(one) &* Lanes.ones
    let twos = UInt64(two) &* Lanes.ones
    let threes = UInt64(three) &* Lanes.ones
    var index = start
    while index &- start < 256, UInt(bitPattern: index) <= last {
      let word = self[index]
      let hits = Lanes.zeros(word ^ ones) | Lanes.zeros(word ^ twos) | Lanes.zeros(word ^ threes)
      if hits != 0 { return index &+ hits.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    return -1
  }

  /// Whether bytes stand somewhere again; where they do not, none is read behind the first other one
  /// but those of its word.
  @inline(__always)
  func isSame(_ range: Range<Int>, at position: Int) -> Bool {
    let distance = position &- range.lowerBound
    var index = range.lowerBound
    while index &+ 8 <= range.upperBound {
      guard self[index] == self[index &+ distance] else { return false }
      index &+= 8
    }
    let rest = UInt64(truncatingIfNeeded: 8 &* (range.upperBound &- index))
    return (self[index] ^ self[index &+ distance]) & (1 &<< rest &- 1) == 0
  }

  // MARK: Numbers

  // Each passes over its digits, and gives nil where there are none or where they may not fit.

  /// A decimal number of up to 19 digits, which fits 64 bits.
  @inline(__always)
  func decimal(_ position: inout Int) -> UInt64? {
    let first = self[position]
    // Most numbers in traces have one digit.
    let digit = first & 0xff &- 0x30
    if digit < 10, first &>> 8 & 0xff &- 0x30 >= 10 {
      position &+= 1
      return digit
    }
    return longDecimal(&position)
  }

  /// A decimal number of mostly one digit, and the comma behind it.
  @inline(__always)
  func shortDecimalCell(_ position: inout Int) -> UInt64? {
    let word = self[position]
    let digit = word & 0xff &- 0x30
    if digit < 10, word & 0xff00 == 0x2c00 {
      position &+= 2
      return digit
    }
    guard let number = longDecimal(&position), takeComma(&position) else { return nil }
    return number
  }

  /// The same as ``decimal(_:)``, where more than one digit is likely.
  @inline(__always)
  func longDecimal(_ position: inout Int) -> UInt64? {
    var word = PlainDigits(decimal: self[position])
    guard word.count > 0 else { return nil }
    var value = word.decimal
    position &+= word.count
    var digits = 8
    while word.count == 8 {
      word = PlainDigits(decimal: self[position])
      digits &+= word.count
      guard digits < 20 else { return nil }
      if word.count > 0 { value = value &* TextCursor.powers[word.count] &+ word.decimal }
      position &+= word.count
    }
    return value
  }

  /// `SECONDS.MICROSECONDS` of up to ten and of six digits, and the byte behind them: nanoseconds.
  @inline(__always)
  func microseconds(_ position: inout Int, before end: UInt64) -> UInt64? {
    let start = position
    guard let seconds = decimal(&position), position &- start <= 10 else { return nil }
    let fraction = self[position]
    let micros = PlainDigits(decimal: fraction &>> 8)
    guard fraction & 0xff == 0x2e, micros.count == 6, fraction &>> 56 == end else { return nil }
    position &+= 8
    return seconds &* 1_000_000_000 &+ micros.decimal &* 1000
  }

  /// The width of a register access: 1, 2, 4 or 8 bytes.
  @inline(__always)
  static func isWidth(_ size: UInt64) -> Bool { size == 4 || size == 8 || size &- 1 < 2 }

  /// `0x` and up to 16 digits.
  @inline(__always)
  func prefixedHex(_ position: inout Int) -> UInt64? {
    guard self[position] & 0xffff == 0x7830 else { return nil }
    position &+= 2
    return hex(&position)
  }

  /// 1 to 16 hexadecimal digits; the byte behind them is looked at by the caller.
  @inline(__always)
  func hex(_ position: inout Int) -> UInt64? {
    precondition(UInt(bitPattern: position) <= last &- 8, "words outside of the chunk")
    let digits = HexDigits(
      SIMD2(
        littleEndian: unsafe base.loadUnaligned(fromByteOffset: position, as: SIMD2<UInt64>.self)))
    guard digits.count > 0 else { return nil }
    position &+= digits.count
    return digits.value
  }
}

// MARK: Addresses

/// The first eight of an address's hexadecimal digits, which the next one often shares.
struct AddressHead {
  /// As they stand in the text.
  fileprivate var digits: UInt64 = 0x3030_3030_3030_3030
  fileprivate var value: UInt64 = 0
}

extension TextWords {
  /// The same as ``hex(_:)``, where many numbers of more than eight digits begin like the one before.
  @inline(__always)
  func hex(_ position: inout Int, after head: inout AddressHead) -> UInt64? {
    let start = position
    if self[start] == head.digits {
      let rest = DigitWord(hex: self[start &+ 8])
      position &+= 8 &+ rest.count
      return head.value &<< UInt64(truncatingIfNeeded: 4 &* rest.count) | rest.value
    }
    guard let value = hex(&position) else { return nil }
    let rest = position &- start &- 8
    if rest > 0 {
      head.digits = self[start]
      head.value = value &>> UInt64(truncatingIfNeeded: 4 &* rest)
    }
    return value
  }
}

extension SIMD2<UInt64> {
  @inline(__always)
  fileprivate init(littleEndian words: SIMD2<UInt64>) {
    self.init(UInt64(littleEndian: words[0]), UInt64(littleEndian: words[1]))
  }
}

/// The hexadecimal digits at the start of sixteen bytes, in two words at a time.
///
/// Only what Swift makes vector instructions of everywhere: no comparisons, no lanes of bytes.
struct HexDigits {
  private typealias Words = SIMD2<UInt64>

  private let words: Words
  /// Digits in front of the first other byte, 0 to 16.
  let count: Int

  /// As in ``PlainDigits``: bytes below the first other one decide alone.
  @inline(__always)
  fileprivate init(_ words: SIMD2<UInt64>) {
    self.words = words
    let digits = words ^ Words(repeating: 0x3030_3030_3030_3030)
    let noDigit = digits &+ Words(repeating: 0x7676_7676_7676_7676) | digits
    // 'A' and 'a' are 1 here.
    let letters =
      (words | Words(repeating: 0x2020_2020_2020_2020)) ^ Words(repeating: 0x6060_6060_6060_6060)
    let noLetter = letters &+ Words(repeating: 0x7979_7979_7979_7979) | letters
    let some = letters &+ Words(repeating: 0x7f7f_7f7f_7f7f_7f7f)
    let noSome = some ^ Words(repeating: .max)
    let others = noDigit & (noLetter | noSome) & Words(repeating: Lanes.tops)
    let first = others[0].trailingZeroBitCount
    count = (first < 64 ? first : 64 &+ others[1].trailingZeroBitCount) &>> 3
  }

  /// The value of 1 to 16 digits.
  @inline(__always)
  var value: UInt64 {
    // Letters have bit 6, and 'a' & 15 is 1.
    let letter = words &>> Words(repeating: 6) & Words(repeating: Lanes.ones)
    let nibbles = Words(repeating: 0x0f0f_0f0f_0f0f_0f0f)
    // Of the byte behind the last digit, whose pair is half a digit, no more than four bits may stay.
    var digits = (words & nibbles &+ (letter &<< Words(repeating: 3) &+ letter)) & nibbles
    // Pairs, fours and eights, the first digit in the lowest byte.
    digits = digits &<< Words(repeating: 4) | digits &>> Words(repeating: 8)
    digits &= Words(repeating: 0x00ff_00ff_00ff_00ff)
    digits = (digits | digits &>> Words(repeating: 8)) & Words(repeating: 0x0000_ffff_0000_ffff)
    digits = (digits | digits &>> Words(repeating: 16)) & Words(repeating: 0x0000_0000_ffff_ffff)
    let all = (digits[0] | digits[1] &<< 32).byteSwapped
    return all &>> UInt64(truncatingIfNeeded: 64 &- 4 &* count)
  }
}

/// Decimal digits at the low end of a word, and what they are worth when somebody asks.
struct PlainDigits {
  /// The digits' values, a lane each.
  private let lanes: UInt64
  /// Digits in front of the first other byte, 0 to 8.
  let count: Int

  /// Lanes below the first other byte decide alone: a carry out of that one does no harm.
  @inline(__always)
  init(decimal word: UInt64) {
    lanes = word ^ 0x3030_3030_3030_3030
    // 10 and more reach the top bit.
    let others = (lanes &+ 0x7676_7676_7676_7676 | lanes) & Lanes.tops
    count = others.trailingZeroBitCount &>> 3
  }

  /// The value of 1 to 8 decimal digits: pairs, fours and eights are joined by multiplying.
  @inline(__always)
  var decimal: UInt64 {
    // In the top lanes missing ones count as leading zeros.
    var digits = lanes &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
    digits = (digits &* 10 &+ digits &>> 8) & 0x00ff_00ff_00ff_00ff
    digits = (digits &* 100 &+ digits &>> 16) & 0x0000_ffff_0000_ffff
    return (digits &* 10_000 &+ digits &>> 32) & 0xffff_ffff
  }
}
