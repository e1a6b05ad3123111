internal import CLZ4
internal import TraceCore

/// LZ4 frames that follow each other (LZ4 Frame Format 1.6.2), skippable ones among them.
@safe
final class LZ4Codec: Codec {
  private let context: OpaquePointer
  private var isBetween = true

  init() throws(TraceError) {
    var context: OpaquePointer?
    let result = unsafe LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(result) == 0, let context = unsafe context else {
      throw TraceError(.compression, "no memory for the decompressor")
    }
    unsafe self.context = context
  }

  deinit { _ = unsafe LZ4F_freeDecompressionContext(context) }

  @unsafe
  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
  ) throws(CodecFailure) -> CodecStep {
    if isBetween, input.count == 0 {
      return CodecStep(consumed: 0, produced: 0, isBetweenFrames: true)
    }
    var (consumed, produced) = (input.count, output.count)
    let result = unsafe LZ4F_decompress(
      context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
    guard LZ4F_isError(result) == 0 else {
      let name = unsafe String(cString: LZ4F_getErrorName(result))
      let isChecksum = name.contains("hecksum") && !name.contains("header")
      throw CodecFailure(
        code: isChecksum ? .checksum : .compression, reason: "LZ4 data is damaged: " + name)
    }
    isBetween = result == 0
    return CodecStep(consumed: consumed, produced: produced, isBetweenFrames: isBetween)
  }
}
