/// Eight bytes at a time over text.
///
/// Words are little-endian: the first byte of the text is the lowest one.
extension Span<UInt8> {
  /// Eight bytes from an index; those behind the span's end read as 0.
  @inline(__always)
  func word(at index: Int) -> UInt64 {
    // An index below 0 is a large one without its sign.
    if UInt(bitPattern: index) <= UInt(bitPattern: count) &- 8, count >= 8 {
      return UInt64(
        littleEndian: unsafe bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: index, as: UInt64.self))
    }
    return lastWord(at: index)
  }

  @inline(never)
  private func lastWord(at index: Int) -> UInt64 {
    var word: UInt64 = 0
    for offset in 0..<8 where index + offset < count {
      word |= UInt64(self[index + offset]) << UInt64(8 * offset)
    }
    return word
  }

  /// Index of the first byte of this value in a range, or nil.
  @inline(__always)
  func first(_ byte: UInt8, from start: Int, to end: Int) -> Int? {
    let pattern = UInt64(byte) &* Lanes.ones
    var index = start
    // Four words at a time: a line is often longer.
    while index <= min(end, count) &- 32 {
      let hits =
        unsafe hits(pattern, at: index) | hits(pattern, at: index &+ 8)
        | hits(pattern, at: index &+ 16) | hits(pattern, at: index &+ 24)
      if hits != 0 { break }
      index &+= 32
    }
    while index < end {
      // Lanes equal to the byte become 0; the lowest zero lane is exact in this test.
      let lanes = word(at: index) ^ pattern
      let hits = (lanes &- Lanes.ones) & ~lanes & Lanes.tops
      if hits != 0 {
        let found = index + hits.trailingZeroBitCount / 8
        return found < end ? found : nil
      }
      index += 8
    }
    return nil
  }

  /// Not 0 where one of eight bytes from an index, all within the span, is that of a pattern.
  @inline(__always)
  @unsafe
  private func hits(_ pattern: UInt64, at index: Int) -> UInt64 {
    let lanes =
      unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      ^ pattern
    return (lanes &- Lanes.ones) & ~lanes & Lanes.tops
  }

  /// Index behind the last byte of this value before `end`, or nil.
  func lastEnd(_ byte: UInt8, before end: Int) -> Int? {
    var index = end
    while index > 0 {
      if self[index - 1] == byte { return index }
      index -= 1
    }
    return nil
  }
}

/// Constants of byte lanes in a word.
enum Lanes {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let tops: UInt64 = 0x8080_8080_8080_8080

  /// Not 0 where a lane is; its lowest bit then is the top bit of the lowest such lane.
  @inline(__always)
  static func zeros(_ lanes: UInt64) -> UInt64 { (lanes &- ones) & ~lanes & tops }

  /// The top bit of every lane whose value, below 128, is at least `least`.
  @inline(__always)
  static func atLeast(_ least: UInt64, _ lanes: UInt64) -> UInt64 {
    (lanes &+ (128 - least) &* ones) & tops
  }
}

/// Up to eight digits at the low end of a word.
struct DigitWord {
  /// Digits in front of the first other byte, 0 to 8.
  var count: Int
  /// Their value.
  var value: UInt64

  /// The hexadecimal digits at the start of a word.
  @inline(__always)
  init(hex word: UInt64) {
    // As in ``HexDigits``: bytes below the first other one decide alone.
    let digits = word ^ (0x30 &* Lanes.ones)
    let noDigit = digits &+ (0x76 &* Lanes.ones) | digits
    let letters = (word | (0x20 &* Lanes.ones)) ^ (0x60 &* Lanes.ones)
    let noLetter =
      letters &+ (0x79 &* Lanes.ones) | letters | ~(letters &+ (0x7f &* Lanes.ones))
    count = (noDigit & noLetter & Lanes.tops).trailingZeroBitCount &>> 3
    // Letters have bit 6, and 'a' & 15 is 1.
    let letter = word &>> 6 & Lanes.ones
    var nibbles = (word & (0x0f &* Lanes.ones)) &+ (letter &<< 3 &+ letter)
    // In the top lanes, below which zeros count as leading ones; eight lanes in two steps.
    let lead = UInt64(truncatingIfNeeded: 4 &* (8 &- count))
    nibbles = (nibbles &<< lead) &<< lead
    nibbles = (nibbles &<< 4 | nibbles &>> 8) & 0x00ff_00ff_00ff_00ff
    nibbles = (nibbles &<< 8 | nibbles &>> 16) & 0x0000_ffff_0000_ffff
    value = (nibbles &<< 16 | nibbles &>> 32) & 0xffff_ffff
  }

  /// The decimal digits at the start of a word.
  @inline(__always)
  init(decimal word: UInt64) {
    let plain = word & ~Lanes.tops
    let digit = Lanes.atLeast(0x30, plain) & ~Lanes.atLeast(0x3a, plain)
    let other = ~digit & Lanes.tops | word & Lanes.tops
    count = other.trailingZeroBitCount / 8
    guard count > 0 else {
      value = 0
      return
    }
    // Digits move to the top lanes, so that missing ones count as leading zeros; then pairs,
    // fours and eights are joined by multiplying.
    var lanes = (plain & (0x0f &* Lanes.ones)) << UInt64(64 - 8 * count)
    lanes = (lanes &* 10 &+ lanes >> 8) & 0x00ff_00ff_00ff_00ff
    lanes = (lanes &* 100 &+ lanes >> 16) & 0x0000_ffff_0000_ffff
    value = (lanes &* 10_000 &+ lanes >> 32) & 0xffff_ffff
  }
}
