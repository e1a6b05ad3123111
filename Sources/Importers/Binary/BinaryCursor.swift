/// A place in one binary record, little-endian.
struct BinaryCursor {
  /// Index in the chunk of the next byte.
  var position: Int
  /// Index behind the record's last byte.
  let end: Int

  @inline(__always)
  init(_ position: Int, end: Int) {
    self.position = position
    self.end = end
  }

  var isAtEnd: Bool { position == end }

  /// Eight bytes.
  @inline(__always)
  mutating func word(
    _ bytes: Span<UInt8>, _ expected: StaticString
  ) throws(BinaryFault) -> UInt64 {
    guard end - position >= 8 else { throw BinaryFault(at: position, expected) }
    defer { position += 8 }
    return bytes.word(at: position)
  }

  /// Eight bytes whose value is in a range.
  @inline(__always)
  mutating func word(
    _ bytes: Span<UInt8>, in range: ClosedRange<UInt64>, _ expected: StaticString
  ) throws(BinaryFault) -> UInt64 {
    let start = position
    let value = try word(bytes, expected)
    guard range.contains(value) else { throw BinaryFault(at: start, expected, isRange: true) }
    return value
  }

  /// Four bytes.
  @inline(__always)
  mutating func half(
    _ bytes: Span<UInt8>, _ expected: StaticString
  ) throws(BinaryFault) -> UInt32 {
    guard end - position >= 4 else { throw BinaryFault(at: position, expected) }
    defer { position += 4 }
    return UInt32(truncatingIfNeeded: bytes.word(at: position))
  }

  /// A length of four bytes and that many bytes of text.
  @inline(__always)
  mutating func text(
    _ bytes: Span<UInt8>, _ expected: StaticString
  ) throws(BinaryFault) -> Range<Int> {
    let start = position
    let count = Int(try half(bytes, expected))
    guard end - position >= count else { throw BinaryFault(at: start, expected) }
    defer { position += count }
    return position..<position + count
  }

  /// Nothing may follow.
  @inline(__always)
  func takeEnd() throws(BinaryFault) {
    guard isAtEnd else { throw BinaryFault(at: position, "the end of the record") }
  }
}
