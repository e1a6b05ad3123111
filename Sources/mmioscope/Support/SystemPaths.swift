import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension FilePath {
  /// The target of a symbolic link.
  ///
  /// - Returns: The target as stored in the link.
  /// - Throws: `Errno`.
  func resolvingLink() throws(Errno) -> FilePath {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return -1 }
      return unsafe readlink(string, start, bytes.count)
    }
    guard count >= 0 else { throw Errno(rawValue: errno) }
    return FilePath(String(decoding: buffer[..<count], as: UTF8.self))
  }
}

extension FileDescriptor {
  /// Makes a folder; one that is there already is no error.
  ///
  /// - Parameter path: The folder.
  /// - Returns: Whether it was not there before.
  /// - Throws: `Errno`.
  static func makeDirectory(_ path: String) throws(Errno) -> Bool {
    if unsafe mkdir(path, 0o777) == 0 { return true }
    guard errno == EEXIST else { throw Errno(rawValue: errno) }
    return false
  }

  /// Removes a folder if it is empty.
  static func removeEmptyDirectory(_ path: String) { _ = unsafe rmdir(path) }
}
