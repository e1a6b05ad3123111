import TraceCore

/// What is wrong with a binary record, and where in the chunk.
struct BinaryFault: Error {
  /// Index in the chunk of the first byte that is wrong.
  var position: Int
  /// What should have stood there: completes "expected ...".
  var expected: StaticString
  /// A number does not fit its field.
  var isRange: Bool
  /// Where the next record starts is not known either.
  var breaksFraming: Bool

  init(
    at position: Int, _ expected: StaticString, isRange: Bool = false, breaksFraming: Bool = false
  ) {
    self.position = position
    self.expected = expected
    self.isRange = isRange
    self.breaksFraming = breaksFraming
  }

  /// The fault as an error of a file.
  func error(file: String, chunkOffset: UInt64, record: UInt64) -> TraceError {
    TraceError(
      isRange ? .range : .badRecord, "expected \(expected)", file: file,
      byteOffset: chunkOffset + UInt64(position), record: record)
  }
}
