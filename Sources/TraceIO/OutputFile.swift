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
/// Bytes go to a file without a name in the same folder, which is gone with the process however that
/// ends; ``commit()`` names it `PATH.part` and renames that. Where the file system has none such
/// (`O_TMPFILE`, Linux open(2)), it is `PATH.part` from the start, and deletion of the object
/// without a commit removes it. Where something has that name, `PATH.2.part` and so on are tried:
/// nothing that was there is touched but what is replaced. A symbolic link stays, and what it points
/// to is replaced. Standard output (`-`), pipes, devices and open descriptors (`/dev/fd/3`) are written
/// directly. The process must ignore SIGPIPE; a reader that has gone is then a ``TraceError`` with code
/// `.brokenPipe`.
public final class OutputFile {
  private static let bufferSize = 131_072

  /// Path as the user gave it; `-` is standard output.
  public let path: String
  /// Bytes handed over so far, buffered ones too.
  public private(set) var bytesWritten: UInt64 = 0
  /// Bytes go to their place as they come.
  private let isDirect: Bool
  /// The descriptor is the process's own, to be left open.
  ///
  /// Its number does not tell: where standard output was closed, a file may have got that.
  private let isStandardOutput: Bool
  /// The name of what is not complete; nil while it has none.
  private var part: String?
  /// Where the file will be: the path, without a link.
  private let place: String
  private var descriptor: FileDescriptor?
  private var buffer: [UInt8] = []

  /// Opens or creates the output.
  ///
  /// - Parameter path: File, device or pipe; `-` is standard output.
  /// - Throws: ``TraceError`` `.io` with the reason of the operating system.
  public init(path: String) throws(TraceError) {
    self.path = path
    buffer.reserveCapacity(Self.bufferSize)
    isStandardOutput = path == "-"
    if isStandardOutput {
      (isDirect, place) = (true, path)
      descriptor = .standardOutput
      return
    }
    let present = try? Stat(FilePath(path))
    if try Self.isWrittenDirectly(path, present) {
      (isDirect, place) = (true, path)
      do {
        // Opened anew, a file behind a descriptor would be written from its start.
        descriptor =
          try Self.openDescriptor(path)?.duplicate() ?? .open(FilePath(path), .writeOnly)
      } catch {
        throw systemError(error, "cannot write", path)
      }
      return
    }
    (isDirect, place) = (false, try Self.resolved(path))
    try FilesInUse.write(
      place, replacing: present.map(FilesInUse.Identity.init), shown: path)
    if let unnamed = Self.unnamed(beside: place) {
      descriptor = unnamed
      return
    }
    descriptor = try takeFreeName("cannot write") { name throws(Errno) in
      do {
        return try FileDescriptor.open(
          FilePath(name), .writeOnly, options: [.create, .exclusiveCreate],
          permissions: FilePermissions(rawValue: 0o666))
      } catch { throw error as? Errno ?? .ioError }
    }
  }

  deinit {
    guard let descriptor else { return }
    if !isStandardOutput { try? descriptor.close() }
    // Nothing can be told from here, and a part that stays harms no reader.
    removePart()
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
    if !isStandardOutput {
      self.descriptor = nil
      if !isDirect, part == nil { try name(descriptor) }
      do { try descriptor.close() } catch {
        removePart()
        throw systemError(error, "cannot write", shownPath)
      }
    }
    guard let part else { return }
    guard unsafe rename(part, place) == 0 else {
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

  /// The open descriptor that a path stands for.
  private static func openDescriptor(_ path: String) -> FileDescriptor? {
    let number: CInt? =
      switch path {
      case "/dev/stdout": 1
      case "/dev/stderr": 2
      default: path.hasPrefix("/dev/fd/") ? CInt(path.dropFirst("/dev/fd/".count)) : nil
      }
    return number.map(FileDescriptor.init(rawValue:))
  }

  /// Devices and pipes keep their name, and open descriptors their file.
  private static func isWrittenDirectly(
    _ path: String, _ present: Stat?
  ) throws(TraceError) -> Bool {
    if openDescriptor(path) != nil { return true }
    guard let present else { return false }
    if present.type == .directory {
      throw systemError(Errno.isDirectory, "cannot write", path)
    }
    return present.type != .regular
  }

  /// The path without links, where its folder is there.
  private static func resolved(_ path: String) throws(TraceError) -> String {
    func real(_ path: String) -> String? {
      guard let real = unsafe realpath(path, nil) else { return nil }
      defer { unsafe free(real) }
      return unsafe String(cString: real)
    }
    if let place = real(path) { return place }
    // A link to what is not there yet: that will be made, and the link stays.
    var whole = FilePath(path)
    var links = 0
    while let target = target(ofLink: whole.string) {
      links += 1
      guard links <= linkLimit else {
        throw systemError(Errno.tooManySymbolicLinkLevels, "cannot write", path)
      }
      whole = whole.removingLastComponent().pushing(FilePath(target))
    }
    guard let name = whole.lastComponent else { return path }
    let folder = whole.removingLastComponent()
    guard let place = real(folder.isEmpty ? "." : folder.string) else { return path }
    return FilePath(place).appending(name).string
  }

  /// Links that are followed one behind the other; Linux's own limit.
  private static let linkLimit = 40

  private static func target(ofLink path: String) -> String? {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      count = unsafe max(0, readlink(path, start, buffer.count))
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// A file in the folder of another one that has no name; nil where there are none such, or where
  /// it could not be given one.
  private static func unnamed(beside path: String) -> FileDescriptor? {
    #if os(Linux)
    // __O_TMPFILE, the same for every architecture that Swift knows.
    let unnamed = FileDescriptor.OpenOptions(rawValue: 0o20000000 | O_DIRECTORY)
    let folder = FilePath(path).removingLastComponent()
    let descriptor = try? FileDescriptor.open(
      folder.isEmpty ? "." : folder, .writeOnly, options: unnamed,
      permissions: FilePermissions(rawValue: 0o666))
    guard let descriptor else { return nil }
    guard unsafe access(link(to: descriptor), F_OK) == 0 else {
      try? descriptor.close()
      return nil
    }
    return descriptor
    #else
    return nil
    #endif
  }

  private static func link(to descriptor: FileDescriptor) -> String {
    "/proc/self/fd/\(descriptor.rawValue)"
  }

  /// Gives the complete file its first name.
  private func name(_ descriptor: FileDescriptor) throws(TraceError) {
    do throws(TraceError) {
      try takeFreeName("cannot name") { name throws(Errno) in
        let link = Self.link(to: descriptor)
        guard unsafe linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
          throw Errno(rawValue: errno)
        }
      }
    } catch {
      try? descriptor.close()
      throw error
    }
  }

  /// Names tried before the folder is taken to be unusable.
  private static let nameLimit = 1000

  /// Makes ``part`` a name that nothing had.
  ///
  /// - Parameters:
  ///   - problem: What to say where there is none.
  ///   - take: Creates the file of a name, or fails with `EEXIST`.
  /// - Returns: What `take` made.
  /// - Throws: ``TraceError`` `.io`.
  private func takeFreeName<Made>(
    _ problem: String, take: (String) throws(Errno) -> Made
  ) throws(TraceError) -> Made {
    var reason = Errno.fileExists
    for number in 1...Self.nameLimit where reason == .fileExists {
      let name = place + (number == 1 ? ".part" : ".\(number).part")
      do throws(Errno) {
        let made = try take(name)
        part = name
        return made
      } catch {
        reason = error
      }
    }
    throw systemError(reason, problem, path)
  }
}
