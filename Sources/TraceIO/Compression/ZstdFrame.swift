internal import CZstd
internal import TraceCore

/// Compresses whole zstd frames, each with content size and checksum.
@safe
final class FrameCompressor {
  private let context: OpaquePointer
  /// Where a frame is made: longer than any so far.
  private var room: [UInt8] = []

  init(level: Int32) throws(TraceError) {
    guard let context = unsafe ZSTD_createCCtx() else {
      throw TraceError(.compression, "no memory for the compressor")
    }
    unsafe self.context = context
    _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  }

  deinit { _ = unsafe ZSTD_freeCCtx(context) }

  /// Appends one frame to `output`; returns its size.
  func append(_ bytes: [UInt8], to output: inout [UInt8]) throws(TraceError) -> Int {
    let bound = ZSTD_compressBound(bytes.count)
    if room.count < bound { room = [UInt8](repeating: 0, count: bound) }
    let result = unsafe room.withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { source in
        unsafe ZSTD_compress2(
          context, target.baseAddress, target.count, source.baseAddress, source.count)
      }
    }
    guard ZSTD_isError(result) == 0 else {
      throw TraceError(.internal, unsafe String(cString: ZSTD_getErrorName(result)))
    }
    output += room[..<result]
    return result
  }
}

/// Decompresses whole zstd frames whose sizes are known.
@safe
final class FrameDecompressor {
  private let context: OpaquePointer

  init() throws(TraceError) {
    guard let context = unsafe ZSTD_createDCtx() else {
      throw TraceError(.compression, "no memory for the decompressor")
    }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  /// Decompresses exactly one frame to exactly `size` bytes.
  ///
  /// - Parameters:
  ///   - frame: The frame and nothing more.
  ///   - size: Content size, checked against its part's limit.
  ///   - output: Grows to at least `size` elements; the first `size` are replaced.
  /// - Throws: ``TraceError`` `.checksum` or `.compression`.
  func decompress(
    _ frame: RawSpan, size: Int, into output: inout [UInt8]
  ) throws(TraceError) {
    if output.count < size {
      output += [UInt8](repeating: 0, count: size - output.count)
    }
    let result = unsafe output.withUnsafeMutableBytes { target in
      unsafe frame.withUnsafeBytes { source in
        guard unsafe ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count
        else { return -1 }
        return unsafe ZSTD_decompressDCtx(
          context, target.baseAddress, size, source.baseAddress, source.count)
      }
    }
    guard ZSTD_isError(result) == 0 else { throw failure(result) }
    guard result == size else {
      throw TraceError(.compression, "a frame has \(result) bytes instead of \(size)")
    }
  }

  private func failure(_ result: Int) -> TraceError {
    let isChecksum = ZSTD_getErrorCode(result) == ZSTD_error_checksum_wrong
    let name = unsafe String(cString: ZSTD_getErrorName(result))
    return TraceError(
      isChecksum ? .checksum : .compression, "a zstd frame is damaged: " + name)
  }
}
