internal import CZlib
public import TraceCore

/// Decompresses chunks whose sizes are stored beside them, as in `trace.dat`.
public final class ChunkDecompressor {
  /// The compressor's name in the file.
  public enum Method: String, Sendable { case zstd, zlib }

  private let zstd: FrameDecompressor?

  /// - Parameter method: How the chunks are compressed.
  /// - Throws: ``TraceError`` when memory is short.
  public init(_ method: Method) throws(TraceError) {
    zstd = method == .zstd ? try FrameDecompressor() : nil
  }

  /// Decompresses exactly one chunk to exactly `size` bytes.
  ///
  /// - Parameters:
  ///   - chunk: The chunk and nothing more.
  ///   - size: Bytes of content; the caller bounds it.
  ///   - output: Grows to at least `size` elements; the first `size` are replaced.
  /// - Throws: ``TraceError`` `.checksum` or `.compression`, without a place.
  public func decompress(
    _ chunk: [UInt8], size: Int, into output: inout [UInt8]
  ) throws(TraceError) {
    if let zstd { return try unsafe zstd.decompress(chunk.span.bytes, size: size, into: &output) }
    if output.count < size { output += [UInt8](repeating: 0, count: size - output.count) }
    var got = UInt(size)
    let result = unsafe output.withUnsafeMutableBufferPointer { target in
      unsafe chunk.withUnsafeBufferPointer { source in
        unsafe uncompress(target.baseAddress, &got, source.baseAddress, UInt(source.count))
      }
    }
    guard result == Z_OK, got == UInt(size) else {
      throw TraceError(.compression, "a zlib chunk is damaged or has another size")
    }
  }
}
