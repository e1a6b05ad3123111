import Foundation

/// A child process and what it cost.
struct Child {
  struct Usage {
    /// Seconds on the wall's clock.
    var wall: Double
    /// User and system time in seconds.
    var cpu: Double
    /// Peak resident set in KiB; not below that of the process that started it.
    var peakKiB: Int
    /// What it wrote to standard error.
    var errors: String
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Path and arguments.
  var command: [String]
  /// Its standard output is this command's standard input.
  var producer: [String]?

  init(_ command: [String], producer: [String]? = nil) {
    self.command = command
    self.producer = producer
  }

  /// Runs it to its end, its standard output discarded.
  ///
  /// - Returns: What it cost; without its producer.
  /// - Throws: ``Failure`` when one of them cannot be started or fails.
  func run() throws -> Usage {
    let start = DispatchTime.now().uptimeNanoseconds
    var input: FileHandle?
    var feeder: pid_t?
    if let producer {
      let pipe = Pipe()
      // A producer that held the reading end, too, would outlive its reader.
      for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
        _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
      }
      feeder = try Self.spawn(producer, output: pipe.fileHandleForWriting.fileDescriptor)
      try pipe.fileHandleForWriting.close()
      input = pipe.fileHandleForReading
    }
    let errors = try Stream()
    let pid = try Self.spawn(command, input: input?.fileDescriptor, errors: errors.descriptor)
    try input?.close()
    let (status, usage) = Self.wait(pid)
    let wall = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    let said = errors.text()
    guard status == 0 else { throw Self.failure(command, status, said) }
    if let feeder, let producer {
      let (status, _) = Self.wait(feeder)
      guard status == 0 else { throw Self.failure(producer, status, "") }
    }
    return Usage(
      wall: wall, cpu: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
      peakKiB: Int(usage.ru_maxrss), errors: said)
  }

  /// Runs it to its end.
  ///
  /// - Returns: Its standard output.
  /// - Throws: ``Failure`` when it cannot be started or fails.
  func output() throws -> String {
    let (output, errors) = (try Stream(), try Stream())
    let pid = try Self.spawn(command, output: output.descriptor, errors: errors.descriptor)
    let (status, _) = Self.wait(pid)
    guard status == 0 else { throw Self.failure(command, status, errors.text()) }
    return output.text()
  }

  private static func failure(_ command: [String], _ status: Int32, _ errors: String) -> Failure {
    let ending = status & 0x7f == 0 ? "status \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
    return Failure(description: "\(command.joined(separator: " ")): \(ending)\n\(errors)")
  }

  /// Starts a process; nil = `/dev/null`.
  private static func spawn(
    _ command: [String], input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
  ) throws -> pid_t {
    var pid: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (target, descriptor) in [(Int32(0), input), (1, output), (2, errors)] {
      if let descriptor {
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, target)
      } else {
        let mode = target == 0 ? O_RDONLY : O_WRONLY
        unsafe posix_spawn_file_actions_addopen(&actions, target, "/dev/null", mode, 0)
      }
    }
    let result = unsafe posix_spawn(&pid, command[0], &actions, nil, arguments, environ)
    guard result == 0 else {
      throw Failure(description: "\(command[0]): cannot be started, error \(result)")
    }
    return pid
  }

  private static func wait(_ pid: pid_t) -> (status: Int32, usage: rusage) {
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
    return (status, usage)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }
}

/// A file without a name that a child writes to, so that nothing waits for a pipe.
private final class Stream {
  private let handle: FileHandle
  var descriptor: Int32 { handle.fileDescriptor }

  init() throws {
    guard let file = unsafe tmpfile() else {
      throw Child.Failure(description: "no temporary file can be made")
    }
    let descriptor = unsafe fcntl(fileno(file), F_DUPFD_CLOEXEC, 3)
    unsafe fclose(file)
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func text() -> String {
    try? handle.seek(toOffset: 0)
    return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
  }
}
