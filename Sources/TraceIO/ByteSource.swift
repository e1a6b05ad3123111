public import TraceCore

/// Bytes in order, from a file, standard input, a decompressor or memory.
///
/// Calls cross a dynamic boundary, so ask for much at once: 256 KiB or more.
public protocol ByteSource: AnyObject {
  /// Path as the user gave it, for messages; `-` is standard input.
  var path: String { get }

  /// Bytes of the file consumed so far (compressed ones where it is compressed), and of all of it
  /// where that is known.
  var progress: (consumed: UInt64, total: UInt64?) { get }

  /// SHA-256 of the file's bytes as stored, in lower-case hex; nil before the end was reached.
  var sha256: String? { get }

  /// Overwrites the buffer's elements from `start` on with the next bytes.
  ///
  /// - Parameters:
  ///   - buffer: Keeps its count; elements before `start` are not touched.
  ///   - start: Index of the first element to overwrite, below `buffer.count`.
  /// - Returns: Bytes read, at most `buffer.count - start`; 0 only at the end.
  /// - Throws: ``TraceError`` with the path and the byte offset in the file.
  func read(into buffer: inout [UInt8], from start: Int) throws(TraceError) -> Int
}

/// A source whose bytes can also be read out of order.
public protocol RandomAccess: ByteSource {
  /// Bytes in all; nil when they cannot be read out of order after all.
  var size: UInt64? { get }
  /// Up to `count` bytes at an offset; reading in order is not disturbed.
  func bytes(at offset: UInt64, count: Int) throws(TraceError) -> [UInt8]
  /// Goes on reading at an offset.
  func seek(to offset: UInt64) throws(TraceError)
}

/// Bytes that are in memory already, handed out in chunks of a chosen size.
public final class MemorySource: ByteSource {
  public let path: String
  private let bytes: [UInt8]
  private let chunk: Int
  private let isSeekable: Bool
  private var position = 0

  /// - Parameters:
  ///   - bytes: The whole content.
  ///   - path: Name for messages.
  ///   - chunk: Most bytes a read returns; at least 1.
  ///   - isSeekable: Like a file; otherwise like a pipe.
  public init(
    _ bytes: [UInt8], path: String = "memory", chunk: Int = .max, isSeekable: Bool = true
  ) {
    precondition(chunk > 0, "a chunk has at least one byte")
    self.isSeekable = isSeekable
    self.bytes = bytes
    self.path = path
    self.chunk = chunk
  }

  public var progress: (consumed: UInt64, total: UInt64?) {
    (UInt64(position), UInt64(bytes.count))
  }

  public var sha256: String? { nil }

  public func read(into buffer: inout [UInt8], from start: Int) throws(TraceError) -> Int {
    precondition(start < buffer.count, "nothing to read into")
    let count = min(buffer.count - start, chunk, bytes.count - position)
    buffer.replaceSubrange(start..<start + count, with: bytes[position..<position + count])
    position += count
    return count
  }
}

extension MemorySource: RandomAccess {
  public var size: UInt64? { isSeekable ? UInt64(bytes.count) : nil }

  public func bytes(at offset: UInt64, count: Int) throws(TraceError) -> [UInt8] {
    Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
  }

  public func seek(to offset: UInt64) throws(TraceError) {
    position = min(Int(clamping: offset), bytes.count)
  }
}
