import TraceCore
import TraceIO

/// A window over a binary input that moves on as records are passed.
struct RecordScanner {
  let source: any ByteSource
  /// The chunk, and room behind it.
  private(set) var bytes: [UInt8]
  /// Bytes of the chunk.
  private(set) var filled = 0
  /// Index of the next record's first byte.
  var position = 0
  /// Offset in the decoded content of the chunk's first byte.
  private(set) var chunkOffset: UInt64 = 0
  /// Nothing follows the chunk.
  private(set) var isFinal = false

  /// - Parameters:
  ///   - source: Content, decompressed.
  ///   - capacity: Bytes in the longest record that is accepted.
  init(_ source: any ByteSource, capacity: Int) {
    self.source = source
    bytes = [UInt8](repeating: 0, count: max(capacity, 64))
  }

  /// Drops what was passed and reads on.
  ///
  /// - Returns: false when nothing more can be read.
  /// - Throws: `TraceError` of the source, or `.badRecord` for a record that does not fit.
  mutating func refill() throws(TraceError) -> Bool {
    guard !isFinal else { return false }
    if position > 0 {
      let (passed, count) = (position, filled)
      unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[passed..<count]))
      }
      filled -= passed
      chunkOffset += UInt64(passed)
      position = 0
    }
    guard filled < bytes.count else {
      throw TraceError(
        .badRecord, "expected a record of at most \(bytes.count) bytes; this one is longer",
        file: source.path, byteOffset: chunkOffset)
    }
    let count = try source.read(into: &bytes, from: filled)
    filled += count
    isFinal = count == 0
    return !isFinal
  }
}
