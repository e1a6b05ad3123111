import SystemPackage
public import TraceCore

/// Reads a small file whole.
///
/// - Parameters:
///   - path: As the user gave it.
///   - limit: Bytes at most; an endless file (`/dev/zero`) is refused after this many.
/// - Returns: The bytes.
/// - Throws: ``TraceError`` with code `io`, `empty`, or `configuration` when it is larger.
public func readConfigurationFile(_ path: String, limit: Int) throws(TraceError) -> [UInt8] {
  let bytes: [UInt8]
  do {
    let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
    bytes = try descriptor.closeAfter {
      let status = try Stat(descriptor)
      FilesInUse.read(
        FilesInUse.Identity(
          device: UInt64(truncatingIfNeeded: status.deviceID.rawValue),
          number: UInt64(truncatingIfNeeded: status.inode.rawValue)))
      return try readAll(descriptor, limit: limit)
    }
  } catch {
    throw TraceError(.io, "cannot read: \(error)", file: path)
  }
  guard bytes.count <= limit else {
    throw TraceError(.configuration, "larger than \(limit) bytes", file: path)
  }
  guard !bytes.isEmpty else { throw TraceError(.empty, "the file is empty", file: path) }
  return bytes
}

/// Everything up to one byte more than `limit`.
private func readAll(_ descriptor: FileDescriptor, limit: Int) throws -> [UInt8] {
  var bytes: [UInt8] = []
  while bytes.count <= limit {
    let room = min(65_536, limit + 1 - bytes.count)
    let chunk = try unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      count = try unsafe descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    if chunk.isEmpty { break }
    bytes += chunk
  }
  return bytes
}
