internal import TraceCore

/// Decompresses one chunk at a time.
protocol Decompressor: AnyObject {
  /// Decompresses into the buffer; returns 0 only at the end.
  @unsafe
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TraceError) -> Int
}

/// One step of a decompression.
struct CodecStep {
  /// Compressed bytes that were taken.
  var consumed: Int
  /// Bytes that were given.
  var produced: Int
  /// Nothing is open: the input may end here.
  var isBetweenFrames: Bool
}

/// Why compressed data cannot be decompressed.
struct CodecFailure: Error {
  var code: TraceError.Code
  var reason: String
}

/// A compression library, bent to one form.
protocol Codec: AnyObject {
  /// Decompresses what it can.
  ///
  /// - Parameters:
  ///   - input: Compressed bytes, maybe none.
  ///   - output: At least one byte.
  ///   - isLast: No further input will come.
  /// - Returns: What happened; nothing consumed and nothing produced means that input is missing.
  /// - Throws: Why the data cannot be decompressed.
  @unsafe
  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
  ) throws(CodecFailure) -> CodecStep
}

/// Decompresses a file through a ``Codec``, members or streams that follow each other included.
final class CompressedStream: Decompressor {
  private let source: RawInput
  private let codec: any Codec
  private var input: [UInt8]
  /// Bytes of `input` that are used, and of those the ones decompressed already.
  private var filled: Int
  private var taken = 0
  private var isBetweenFrames = true
  /// The codec may hold bytes that did not fit into the last buffer.
  private var mayHoldOutput = false
  private var isLast = false

  /// - Parameters:
  ///   - source: File, read up to the end of `head`.
  ///   - head: The bytes read from it so far.
  ///   - codec: Its format.
  init(_ source: RawInput, head: [UInt8], _ codec: any Codec) {
    self.source = source
    self.codec = codec
    filled = head.count
    input = head + [UInt8](repeating: 0, count: max(0, 262_144 - head.count))
  }

  @unsafe
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TraceError) -> Int {
    while true {
      if taken == filled, !mayHoldOutput, !isLast { try refill() }
      let step = try unsafe step(into: buffer)
      taken += step.consumed
      isBetweenFrames = step.isBetweenFrames
      mayHoldOutput = step.produced == buffer.count
      if step.produced > 0 { return step.produced }
      guard step.consumed == 0 else { continue }
      // Without progress on what is there, only more input can help.
      if isLast {
        guard isBetweenFrames, taken == filled else { throw truncated }
        return 0
      }
      if taken < filled { throw stuck }
    }
  }

  private func refill() throws(TraceError) {
    taken = 0
    filled = try unsafe withBytes(of: &input, from: 0) { bytes throws(TraceError) in
      try unsafe source.read(into: bytes)
    }
    isLast = filled == 0
  }

  @unsafe
  private func step(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(TraceError) -> CodecStep {
    let (from, to, isLast) = (taken, filled, isLast)
    let result: Result<CodecStep, CodecFailure> = unsafe input.withUnsafeBytes { bytes in
      do throws(CodecFailure) {
        return .success(
          try unsafe codec.step(
            UnsafeRawBufferPointer(rebasing: bytes[from..<to]), buffer, isLast: isLast))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let step): return step
    case .failure(let failure):
      throw TraceError(
        failure.code, failure.reason, file: source.path,
        byteOffset: source.consumed - UInt64(filled - taken))
    }
  }

  private var truncated: TraceError {
    TraceError(
      .truncated, "the compressed data ends too early", file: source.path,
      byteOffset: source.consumed)
  }

  private var stuck: TraceError {
    TraceError(
      .compression, "the compressed data cannot be read on", file: source.path,
      byteOffset: source.consumed - UInt64(filled - taken))
  }
}
