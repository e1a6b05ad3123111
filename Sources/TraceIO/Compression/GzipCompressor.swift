internal import CZlib
public import TraceCore

/// Compresses bytes as one gzip member (RFC 1952) without name and time, so that the same bytes become
/// the same member.
@safe
public final class GzipCompressor {
  /// zlib keeps the structure's address.
  private let stream: UnsafeMutablePointer<z_stream>
  private var room = [UInt8](repeating: 0, count: 65_536)

  /// - Throws: ``TraceError`` when memory is short.
  public init() throws(TraceError) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 31: the largest window (15), in the gzip form (16); 8: memory by default.
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    let result = unsafe deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    guard result == Z_OK else {
      throw TraceError(.compression, "no memory for the compressor")
    }
  }

  deinit {
    _ = unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Takes the next bytes.
  ///
  /// - Parameters:
  ///   - bytes: Any number of bytes.
  ///   - isLast: The member ends with them; nothing may follow.
  /// - Returns: What can be written now.
  /// - Throws: ``TraceError`` `.internal` where something follows the last.
  public func compress(_ bytes: [UInt8], isLast: Bool) throws(TraceError) -> [UInt8] {
    var output: [UInt8] = []
    let result = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe stream.pointee.avail_in = UInt32(input.count)
      var result = Z_OK
      repeat {
        let produced = unsafe room.withUnsafeMutableBufferPointer { target in
          unsafe stream.pointee.next_out = target.baseAddress
          unsafe stream.pointee.avail_out = UInt32(target.count)
          unsafe result = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          return unsafe target.count - Int(stream.pointee.avail_out)
        }
        output += room[..<produced]
      } while unsafe stream.pointee.avail_out == 0 && result == Z_OK
      return result
    }
    guard result == (isLast ? Z_STREAM_END : Z_OK) || !isLast && result == Z_BUF_ERROR else {
      throw TraceError(.internal, "the compressor fails: \(result)")
    }
    return output
  }
}
