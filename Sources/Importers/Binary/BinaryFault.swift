import TraceCore

/// What is wrong with a binary record, and where in the chunk.
struct BinaryFault: Error {
  /// Index in the chunk of the first byte that is wrong.
  var position: Int
  /// What should have stood there: completes "expected ...".
  var expected: StaticString
  /// A number does not fit its field.
  var isRange = false
  /// Where the next record starts is not known either.
  var breaksFraming = false

  init(at position: Int, _ expected: StaticString) {
    self.position = position
    self.expected = expected
  }

  /// The fault as an error of a file.
  func error(file: String, chunkOffset: UInt64, record: UInt64) -> TraceError {
    TraceError(
      isRange ? .range : .badRecord, "expected \(expected)", file: file,
      byteOffset: chunkOffset + UInt64(position), record: record)
  }
}
