internal import CZlib
internal import TraceCore

/// gzip members that follow each other, with zero bytes behind the last (RFC 1952).
@safe
final class GzipCodec: Codec {
  /// zlib keeps the structure's address.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isBetween = true
  private var isFirst = true

  init() throws(TraceError) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 31: the largest window (15), and only the gzip form (16).
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    guard unsafe inflateInit2_(stream, 31, ZLIB_VERSION, size) == Z_OK else {
      throw TraceError(.compression, "no memory for the decompressor")
    }
  }

  deinit {
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  @unsafe
  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
  ) throws(CodecFailure) -> CodecStep {
    if isBetween {
      guard let first = unsafe input.first else {
        return CodecStep(consumed: 0, produced: 0, isBetweenFrames: true)
      }
      if first == 0, !isFirst {
        // Padding, as tapes leave it.
        let zeros = unsafe input.prefix { $0 == 0 }.count
        return CodecStep(consumed: zeros, produced: 0, isBetweenFrames: true)
      }
      _ = unsafe inflateReset(stream)
      isBetween = false
      isFirst = false
    }
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    unsafe stream.pointee.avail_in = UInt32(input.count)
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = UInt32(clamping: output.count)
    let result = unsafe inflate(stream, Z_NO_FLUSH)
    guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
      let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      let isChecksum = reason?.contains("check") == true && reason?.contains("header") == false
      throw CodecFailure(
        code: isChecksum ? .checksum : .compression,
        reason: "gzip data is damaged: " + (reason ?? "error \(result)"))
    }
    isBetween = result == Z_STREAM_END
    let consumed = unsafe input.count - Int(stream.pointee.avail_in)
    let produced = unsafe Int(UInt32(clamping: output.count) - stream.pointee.avail_out)
    return CodecStep(consumed: consumed, produced: produced, isBetweenFrames: isBetween)
  }
}
