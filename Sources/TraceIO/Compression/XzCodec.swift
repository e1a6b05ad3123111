internal import CLzma
internal import TraceCore

/// xz streams that follow each other, with padding (The .xz File Format 1.1.0).
@safe
final class XzCodec: Codec {
  /// Bytes that a decoder may take; `xz -9` needs 65 MiB, the format allows 4 GiB.
  private static let memoryLimit: UInt64 = 1 << 30

  private let stream: UnsafeMutablePointer<lzma_stream>
  private var isEnd = false

  init() throws(TraceError) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: lzma_stream())
    // LZMA_CONCATENATED, a macro with a cast.
    guard unsafe lzma_stream_decoder(stream, Self.memoryLimit, 0x08) == LZMA_OK else {
      throw TraceError(.compression, "no memory for the decompressor")
    }
  }

  deinit {
    unsafe lzma_end(stream)
    unsafe stream.deallocate()
  }

  @unsafe
  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
  ) throws(CodecFailure) -> CodecStep {
    guard !isEnd else { return CodecStep(consumed: 0, produced: 0, isBetweenFrames: true) }
    unsafe stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = input.count
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = output.count
    let result = unsafe lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
    let step = unsafe CodecStep(
      consumed: input.count - stream.pointee.avail_in,
      produced: output.count - stream.pointee.avail_out,
      isBetweenFrames: result == LZMA_STREAM_END)
    isEnd = result == LZMA_STREAM_END
    switch result {
    case LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR: return step
    case LZMA_MEMLIMIT_ERROR:
      throw CodecFailure(code: .compression, reason: "xz data needs more than 1 GiB of memory")
    case LZMA_DATA_ERROR:
      throw CodecFailure(code: .compression, reason: "xz data is damaged")
    case LZMA_FORMAT_ERROR:
      throw CodecFailure(code: .compression, reason: "no xz stream follows the one before")
    default:
      throw CodecFailure(
        code: .compression, reason: "xz data cannot be decompressed: error \(result.rawValue)")
    }
  }
}
