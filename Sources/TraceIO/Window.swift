internal import TraceCore

/// The stretch of a source that is being looked at.
final class Window {
  /// Bytes that are asked for at once at most, where no more are needed.
  private static let largestRead = 1 << 20

  let source: any ByteSource
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var start = 0
  private var end = 0
  /// Offset in the file of the first byte of the window.
  private(set) var offset: UInt64 = 0

  init(_ source: any ByteSource) { self.source = source }

  /// Bytes that are here already.
  var available: Int { end - start }

  /// Reads on until at least `count` bytes are here; false when the source ends before.
  func ensure(_ count: Int) throws(TraceError) -> Bool {
    if available >= count { return true }
    // Bytes that came filled all there was room for: of a long file, more are taken at once.
    let next = end == buffer.count ? min(2 * buffer.count, Self.largestRead) : buffer.count
    moveToFront()
    while end < count {
      // Grown as bytes arrive, so that a size that is not true costs nothing.
      let room = max(next, min(2 * end, count))
      if buffer.count < room {
        buffer += [UInt8](repeating: 0, count: room - buffer.count)
      }
      let got = try source.read(into: &buffer, from: end)
      if got == 0 { return false }
      end += got
    }
    return true
  }

  /// Makes room behind the bytes that are here.
  private func moveToFront() {
    let (kept, count) = (start..<end, available)
    unsafe buffer.withUnsafeMutableBytes { bytes in
      let first = unsafe UnsafeRawBufferPointer(rebasing: bytes[kept])
      unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]).copyMemory(from: first)
    }
    (start, end) = (0, count)
  }

  /// The first `count` bytes, which `ensure` has brought here.
  func first(_ count: Int) -> ArraySlice<UInt8> {
    precondition(count <= available, "bytes that are not here")
    return buffer[start..<start + count]
  }

  /// One of the bytes that `ensure` has brought here.
  func byte(at index: Int) -> UInt8 {
    precondition(index < available, "bytes that are not here")
    return buffer[start + index]
  }

  /// Lends the first `count` bytes.
  func withFirst(
    _ count: Int, _ body: (RawSpan) throws(TraceError) -> Void
  ) throws(TraceError) {
    precondition(count <= available, "bytes that are not here")
    let buffer = buffer
    try unsafe body(buffer.span.bytes.extracting(start..<start + count))
  }

  /// Goes past `count` bytes; false when the source ends before.
  func discard(_ count: UInt64) throws(TraceError) -> Bool {
    var rest = count
    while rest > 0 {
      guard try ensure(1) else { return false }
      let step = min(UInt64(available), rest)
      start += Int(step)
      offset += step
      rest -= step
    }
    return true
  }

  /// Looks elsewhere in the file.
  func move(to offset: UInt64, in file: any RandomAccess) throws(TraceError) {
    try file.seek(to: offset)
    self.offset = offset
    start = 0
    end = 0
  }
}
