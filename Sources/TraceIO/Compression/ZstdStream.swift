internal import CZstd
internal import TraceCore

/// Decompresses zstd frames that follow each other (RFC 8878), one chunk at a time.
///
/// Skippable and empty frames, frames without content size and windows of up to 2 GiB are read;
/// anything else after a frame is an error.
@safe
final class ZstdStream: Decompressor {
  private let source: RawInput
  private let context: OpaquePointer
  private var input: [UInt8]
  /// Bytes of `input` that are used, and of those the ones decompressed already.
  private var filled: Int
  private var taken = 0
  /// The decompressor stands between two frames.
  private var isBetweenFrames = true
  /// It may hold decompressed bytes that did not fit into the last buffer.
  private var mayHoldOutput = false

  /// - Parameters:
  ///   - source: File, read up to the end of `head`.
  ///   - head: The bytes read from it so far.
  /// - Throws: ``TraceError`` when memory is short.
  init(_ source: RawInput, head: [UInt8]) throws(TraceError) {
    self.source = source
    filled = head.count
    input = head + [UInt8](repeating: 0, count: max(0, 262_144 - head.count))
    guard let context = unsafe ZSTD_createDCtx() else {
      throw TraceError(.compression, "no memory for the decompressor", file: source.path)
    }
    unsafe self.context = context
    _ = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 31)
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  /// Offset in the file of the next compressed byte.
  private var offset: UInt64 { source.consumed - UInt64(filled - taken) }

  /// Decompresses into the buffer; returns 0 only at the end.
  @unsafe
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TraceError) -> Int {
    while true {
      if taken == filled, !mayHoldOutput {
        try refill()
        if filled == 0 { return 0 }
      }
      let produced = try unsafe step(into: buffer)
      if produced > 0 { return produced }
    }
  }

  /// Reads compressed bytes; at the end of the file `filled` is 0.
  private func refill() throws(TraceError) {
    taken = 0
    filled = 0
    filled = try unsafe withBytes(of: &input, from: 0) { bytes throws(TraceError) in
      try unsafe source.read(into: bytes)
    }
    if filled == 0, !isBetweenFrames {
      throw TraceError(
        .truncated, "the compressed data ends in the middle of a frame", file: source.path,
        byteOffset: source.consumed)
    }
  }

  @unsafe
  private func step(into buffer: UnsafeMutableRawBufferPointer) throws(TraceError) -> Int {
    var output = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
    let (result, position) = unsafe input.withUnsafeBytes { bytes in
      var span = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: filled, pos: taken)
      let result = unsafe ZSTD_decompressStream(context, &output, &span)
      return (result, unsafe span.pos)
    }
    guard ZSTD_isError(result) == 0 else { throw failure(result) }
    taken = position
    isBetweenFrames = result == 0
    mayHoldOutput = unsafe !isBetweenFrames && output.pos == output.size
    return unsafe output.pos
  }

  private func failure(_ result: Int) -> TraceError {
    let name = unsafe String(cString: ZSTD_getErrorName(result))
    let what = isBetweenFrames && offset > 0 ? "no zstd frame follows the one before: " : ""
    return TraceError(
      ZSTD_getErrorCode(result) == ZSTD_error_checksum_wrong ? .checksum : .compression,
      what + name, file: source.path, byteOffset: offset)
  }
}
