internal import Crypto
internal import SystemPackage
internal import TraceCore

/// A file descriptor read from its start to its end, with a running SHA-256.
final class RawInput {
  let path: String
  /// Bytes of the whole file; nil for pipes and devices.
  let size: UInt64?
  /// The bytes can also be read out of order.
  var isSeekable: Bool { size != nil }
  /// Bytes read in order so far.
  private(set) var consumed: UInt64 = 0
  /// Set when the end has been reached, unless bytes were passed over.
  private(set) var sha256: String?
  private var isAtEnd = false
  /// Every byte so far went through the hash; false where none is wanted.
  private(set) var isWhole: Bool
  private let descriptor: FileDescriptor
  private var hash = SHA256()

  init(path: String, hashes: Bool = true) throws(TraceError) {
    self.path = path
    isWhole = hashes
    do {
      descriptor = try path == "-" ? .standardInput : .open(FilePath(path), .readOnly)
    } catch { throw systemError(error, "cannot open", path) }
    // Nothing closes what a failing initializer has opened.
    do throws(TraceError) { size = try Self.size(of: descriptor, path) } catch {
      if path != "-" { try? descriptor.close() }
      throw error
    }
  }

  /// Notes what is read, and that it can be.
  ///
  /// - Returns: Bytes of a file that is read from its start; nil of anything else.
  private static func size(
    of descriptor: FileDescriptor, _ path: String
  ) throws(TraceError) -> UInt64? {
    let status: Stat
    do { status = try Stat(descriptor) } catch { throw systemError(error, "cannot open", path) }
    guard status.type != .directory else {
      throw systemError(Errno.isDirectory, "cannot read", path)
    }
    if status.type == .regular { FilesInUse.read(FilesInUse.Identity(status)) }
    // Standard input may be a file of which a part has been read already.
    let position = try? descriptor.seek(offset: 0, from: .current)
    return status.type == .regular && position == 0 ? UInt64(clamping: status.size) : nil
  }

  deinit {
    // Closing a file that was only read loses nothing.
    if path != "-" { try? descriptor.close() }
  }

  /// Reads the next bytes in order; 0 only at the end.
  @unsafe
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TraceError) -> Int {
    guard !isAtEnd, buffer.count > 0 else { return 0 }
    let count: Int
    do { count = try unsafe descriptor.read(into: buffer) } catch {
      throw systemError(error, "cannot read", path, at: consumed)
    }
    guard count > 0 else {
      isAtEnd = true
      if isWhole {
        sha256 = hash.finalize().map { hex(UInt64($0), width: 2) }.joined()
      }
      return 0
    }
    if isWhole {
      unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    consumed += UInt64(count)
    return count
  }

  /// Goes on reading at an offset; there is no checksum then.
  func seek(to offset: UInt64) throws(TraceError) {
    do { _ = try descriptor.seek(offset: Int64(clamping: offset), from: .start) } catch {
      throw systemError(error, "cannot read", path, at: offset)
    }
    consumed = offset
    isAtEnd = false
    isWhole = false
    sha256 = nil
  }

  /// Reads up to `count` bytes at an offset without moving on; fewer only at the end of the file.
  func bytes(at offset: UInt64, count: Int) throws(TraceError) -> [UInt8] {
    try descriptor.bytes(at: offset, count: count, path)
  }
}

extension FilesInUse.Identity {
  init(_ status: Stat) {
    self.init(
      device: UInt64(truncatingIfNeeded: status.deviceID.rawValue),
      number: UInt64(truncatingIfNeeded: status.inode.rawValue))
  }
}

extension FileDescriptor {
  /// Reads up to `count` bytes at an offset without moving on; fewer only at the end of the file.
  func bytes(at offset: UInt64, count: Int, _ path: String) throws(TraceError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let place = offset + UInt64(filled)
      let got = try unsafe withBytes(of: &result, from: filled) { rest throws(TraceError) in
        do {
          return try unsafe read(fromAbsoluteOffset: Int64(clamping: place), into: rest)
        } catch { throw systemError(error, "cannot read", path, at: place) }
      }
      if got == 0 { break }
      filled += got
    }
    result.removeLast(count - filled)
    return result
  }
}

/// Wraps an error of the operating system.
func systemError(
  _ error: any Error, _ what: String, _ path: String, at offset: UInt64? = nil
) -> TraceError {
  let number = error as? Errno
  let reason = number?.description ?? "\(error)"
  return TraceError(
    number == .brokenPipe ? .brokenPipe : .io, what + ": " + reason, file: path,
    byteOffset: offset)
}

/// Lends the elements from `start` on, keeping the error's type.
func withBytes(
  of buffer: inout [UInt8], from start: Int,
  _ body: (UnsafeMutableRawBufferPointer) throws(TraceError) -> Int
) throws(TraceError) -> Int {
  let result: Result<Int, TraceError> = unsafe buffer.withUnsafeMutableBytes { bytes in
    do throws(TraceError) {
      return .success(
        try unsafe body(UnsafeMutableRawBufferPointer(rebasing: bytes[start...])))
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}
