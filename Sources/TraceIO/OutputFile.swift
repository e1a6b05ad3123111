internal import SystemPackage
public import TraceCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A file that appears under its name only when it is complete.
///
/// Bytes go to `PATH.part`, which ``commit()`` renames and deletion of the object without a commit
/// removes. Standard output (`-`), pipes and devices are written directly. The process must ignore
/// SIGPIPE; a reader that has gone is then a ``TraceError`` with code `.brokenPipe`.
public final class OutputFile {
  private static let bufferSize = 131_072

  /// Path as the user gave it; `-` is standard output.
  public let path: String
  /// Bytes handed over so far, buffered ones too.
  public private(set) var bytesWritten: UInt64 = 0
  /// Where the bytes go until the commit; nil when they go to their place directly.
  private let part: String?
  private var descriptor: FileDescriptor?
  private var buffer: [UInt8] = []

  /// Opens or creates the output.
  ///
  /// - Parameter path: File, device or pipe; `-` is standard output.
  /// - Throws: ``TraceError`` `.io` with the reason of the operating system.
  public init(path: String) throws(TraceError) {
    self.path = path
    buffer.reserveCapacity(Self.bufferSize)
    if path == "-" || path == "/dev/stdout" {
      part = nil
      descriptor = .standardOutput
      return
    }
    let part = try Self.isWrittenDirectly(path) ? nil : path + ".part"
    self.part = part
    do {
      if let part {
        descriptor = try .open(
          FilePath(part), .writeOnly, options: [.create, .truncate],
          permissions: FilePermissions(rawValue: 0o666))
      } else {
        descriptor = try .open(FilePath(path), .writeOnly)
      }
    } catch { throw systemError(error, "cannot write", path) }
  }

  deinit {
    guard let descriptor else { return }
    if descriptor != .standardOutput { try? descriptor.close() }
    // Nothing can be told from here, and a part that stays harms no reader.
    if let part { _ = unsafe unlink(part) }
  }

  /// Appends bytes.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Throws: ``TraceError`` `.io` or `.brokenPipe`.
  /// - Precondition: not committed yet.
  public func write(_ bytes: [UInt8]) throws(TraceError) {
    try unsafe write(bytes.span.bytes)
  }

  /// Appends a text in UTF-8.
  ///
  /// - Parameter text: Any text.
  /// - Throws: ``TraceError`` `.io` or `.brokenPipe`.
  /// - Precondition: not committed yet.
  public func write(_ text: String) throws(TraceError) {
    try write(Array(text.utf8))
  }

  /// Appends bytes.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Throws: ``TraceError`` `.io` or `.brokenPipe`.
  /// - Precondition: not committed yet.
  public func write(_ bytes: RawSpan) throws(TraceError) {
    precondition(descriptor != nil, "written after the commit")
    if buffer.count + bytes.byteCount > Self.bufferSize { try flush() }
    if bytes.byteCount >= Self.bufferSize {
      try put(bytes)
    } else {
      unsafe bytes.withUnsafeBytes { bytes in unsafe buffer.append(contentsOf: bytes) }
    }
    bytesWritten += UInt64(bytes.byteCount)
  }

  /// Hands buffered bytes to the operating system.
  ///
  /// - Throws: ``TraceError`` `.io` or `.brokenPipe`.
  public func flush() throws(TraceError) {
    guard !buffer.isEmpty else { return }
    let whole = buffer
    buffer = []
    try unsafe put(whole.span.bytes)
    buffer = whole
    buffer.removeAll(keepingCapacity: true)
  }

  /// Completes the output: everything is written, and the file has its name.
  ///
  /// - Throws: ``TraceError`` `.io` or `.brokenPipe`; the part is then removed.
  public func commit() throws(TraceError) {
    try flush()
    guard let descriptor else { return }
    if descriptor != .standardOutput {
      self.descriptor = nil
      do { try descriptor.close() } catch {
        removePart()
        throw systemError(error, "cannot write", shownPath)
      }
    }
    guard let part else { return }
    guard unsafe rename(part, path) == 0 else {
      let reason = Errno(rawValue: errno)
      removePart()
      throw systemError(reason, "cannot rename \(part)", path)
    }
  }

  private func removePart() {
    if let part { _ = unsafe unlink(part) }
  }

  private func put(_ bytes: RawSpan) throws(TraceError) {
    guard let descriptor else { return }
    var written = 0
    while written < bytes.byteCount {
      let rest = bytes.extracting(written..<bytes.byteCount)
      do {
        written += try unsafe rest.withUnsafeBytes { try unsafe descriptor.write($0) }
      } catch { throw systemError(error, "cannot write", shownPath) }
    }
  }

  /// What messages call the output.
  private var shownPath: String { path == "-" ? "standard output" : path }

  /// Devices and pipes keep their name; so does whatever a path under `/dev` stands for.
  private static func isWrittenDirectly(_ path: String) throws(TraceError) -> Bool {
    if path.hasPrefix("/dev/") { return true }
    guard let status = try? Stat(FilePath(path)) else { return false }
    if status.type == .directory {
      throw systemError(Errno.isDirectory, "cannot write", path)
    }
    return status.type != .regular
  }
}
