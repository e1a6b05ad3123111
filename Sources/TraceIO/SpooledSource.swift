internal import FoundationEssentials
internal import SystemPackage
public import TraceCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Makes a source readable out of order.
///
/// A pipe or a compressed file is written to a file without a name in the folder for temporary
/// files, which is gone with the process; memory stays as it is.
///
/// - Parameter source: At its first byte.
/// - Returns: The source itself where that can be done, else its copy.
/// - Throws: ``TraceError`` of the source, or `.io` when the copy cannot be written.
public func seekable(_ source: any ByteSource) throws(TraceError) -> any RandomAccess {
  if let file = source as? any RandomAccess, file.size != nil { return file }
  return try SpooledSource(source)
}

/// A copy of a source in a file without a name.
final class SpooledSource: RandomAccess {
  let path: String
  private(set) var sha256: String?
  private let descriptor: FileDescriptor
  private var length: UInt64 = 0
  private var position: UInt64 = 0

  var size: UInt64? { length }
  var progress: (consumed: UInt64, total: UInt64?) { (position, length) }

  init(_ source: any ByteSource) throws(TraceError) {
    path = source.path
    descriptor = try Self.temporaryFile()
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      let count = try source.read(into: &buffer, from: 0)
      guard count > 0 else { break }
      do {
        _ = try unsafe buffer.withUnsafeBytes { bytes in
          try unsafe descriptor.writeAll(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
      } catch { throw systemError(error, "cannot keep a temporary copy", path) }
      length += UInt64(count)
    }
    sha256 = source.sha256
  }

  deinit { try? descriptor.close() }

  private static func temporaryFile() throws(TraceError) -> FileDescriptor {
    let folder = FileManager.default.temporaryDirectory.path
    for attempt in 0..<100 {
      let name = "\(folder)/mmioscope-\(getpid())-\(attempt).spool"
      do {
        let descriptor = try FileDescriptor.open(
          FilePath(name), .readWrite, options: [.create, .exclusiveCreate],
          permissions: .ownerReadWrite)
        _ = unsafe unlink(name)
        return descriptor
      } catch let error as Errno where error == .fileExists {
        continue
      } catch {
        throw systemError(error, "cannot keep a temporary copy", name)
      }
    }
    throw TraceError(.io, "cannot find a free name for a copy", file: folder)
  }

  func bytes(at offset: UInt64, count: Int) throws(TraceError) -> [UInt8] {
    try descriptor.bytes(at: offset, count: count, path)
  }

  func seek(to offset: UInt64) throws(TraceError) { position = min(offset, length) }

  func read(into buffer: inout [UInt8], from start: Int) throws(TraceError) -> Int {
    let part = try bytes(at: position, count: buffer.count - start)
    buffer.replaceSubrange(start..<start + part.count, with: part)
    position += UInt64(part.count)
    return part.count
  }
}
