internal import CBzip2
internal import TraceCore

/// bzip2 streams that follow each other.
@safe
final class Bzip2Codec: Codec {
  /// The library keeps the structure's address.
  private let stream: UnsafeMutablePointer<bz_stream>
  private var isOpen = false

  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: bz_stream())
  }

  deinit {
    if isOpen { _ = unsafe BZ2_bzDecompressEnd(stream) }
    unsafe stream.deallocate()
  }

  @unsafe
  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
  ) throws(CodecFailure) -> CodecStep {
    if !isOpen {
      guard input.count > 0 else {
        return CodecStep(consumed: 0, produced: 0, isBetweenFrames: true)
      }
      unsafe stream.initialize(to: bz_stream())
      guard unsafe BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else {
        throw CodecFailure(code: .compression, reason: "no memory for the decompressor")
      }
      isOpen = true
    }
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
    unsafe stream.pointee.avail_in = UInt32(input.count)
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
    unsafe stream.pointee.avail_out = UInt32(clamping: output.count)
    let result = unsafe BZ2_bzDecompress(stream)
    let step = unsafe CodecStep(
      consumed: input.count - Int(stream.pointee.avail_in),
      produced: Int(UInt32(clamping: output.count) - stream.pointee.avail_out),
      isBetweenFrames: result == BZ_STREAM_END)
    switch result {
    case BZ_OK: return step
    case BZ_STREAM_END:
      _ = unsafe BZ2_bzDecompressEnd(stream)
      isOpen = false
      return step
    case BZ_DATA_ERROR:
      throw CodecFailure(code: .checksum, reason: "bzip2 data is damaged")
    case BZ_DATA_ERROR_MAGIC:
      throw CodecFailure(code: .compression, reason: "no bzip2 stream follows the one before")
    default:
      throw CodecFailure(
        code: .compression, reason: "bzip2 data cannot be decompressed: error \(result)")
    }
  }
}
