/// The container of QEMU's `simple` trace back end, version 4 (`trace/simple.c`).
enum QEMUSimple {
  /// All ones, the magic number and the version, each eight bytes.
  static let headerSize = 24
  static let headerID = UInt64.max
  static let magic: UInt64 = 0xf2b1_77cb_0aa4_29b4
  static let version: UInt64 = 4
  static let droppedID = UInt64.max - 1
  /// Bytes of a record's type.
  static let typeSize = 8
  /// Bytes of an event's record in front of its arguments, without the type.
  static let eventHeader = 24
  /// Bytes of an event's name at most.
  static let nameLimit = 512

  /// A record whose end is known.
  enum Record {
    /// An event is called so.
    case name(id: UInt64, Range<Int>)
    case event(id: UInt64, time: UInt64, arguments: Range<Int>)
  }

  /// The record at an index.
  ///
  /// - Parameters:
  ///   - start: Index of the type's first byte.
  ///   - filled: Bytes that are there.
  ///   - longest: Bytes in the longest record that is accepted.
  ///   - bytes: The chunk.
  /// - Returns: The record and the index behind it; nil where its end is not there yet.
  /// - Throws: A fault where no record's end can be told.
  @inline(__always)
  static func record(
    at start: Int, filled: Int, longest: Int, _ bytes: Span<UInt8>
  ) throws(BinaryFault) -> (Record, next: Int)? {
    guard filled - start >= typeSize else { return nil }
    let body = start + typeSize
    switch bytes.word(at: start) {
    case 0:
      guard filled - body >= 12 else { return nil }
      let count = Int(UInt32(truncatingIfNeeded: bytes.word(at: body + 8)))
      guard count > 0, count <= nameLimit else {
        throw BinaryFault(
          at: body + 8, "the length of an event's name, 1 to 512", breaksFraming: true)
      }
      guard filled - body - 12 >= count else { return nil }
      let name = body + 12..<body + 12 + count
      return (.name(id: bytes.word(at: body), name), name.upperBound)
    case 1:
      guard filled - body >= eventHeader else { return nil }
      let length = Int(UInt32(truncatingIfNeeded: bytes.word(at: body + 16)))
      guard length >= eventHeader, length <= longest - typeSize else {
        throw BinaryFault(
          at: body + 16, "the length of an event's record, 24 or more", breaksFraming: true)
      }
      guard filled - body >= length else { return nil }
      return (
        .event(
          id: bytes.word(at: body), time: bytes.word(at: body + 8),
          arguments: body + eventHeader..<body + length), body + length
      )
    default:
      throw BinaryFault(at: start, "a record's type, 0 (name) or 1 (event)", breaksFraming: true)
    }
  }
}
