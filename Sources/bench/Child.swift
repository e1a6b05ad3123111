import Foundation

/// A child process and what it cost.
enum Child {
  struct Usage {
    var wall: Double
    var cpu: Double
    /// Peak resident set in KiB.
    var peakKiB: Int
  }

  enum Failure: Error {
    case spawn(Int32)
    case status(Int32, [String])
  }

  /// Runs a command to its end, its standard output discarded.
  ///
  /// - Parameter command: Path and arguments.
  /// - Returns: Wall and CPU time in seconds, peak memory.
  /// - Throws: ``Failure`` when it cannot be started or fails.
  static func run(_ command: [String]) throws -> Usage {
    let start = DispatchTime.now().uptimeNanoseconds
    var pid: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    let result = unsafe posix_spawn(&pid, command[0], &actions, nil, arguments, environ)
    guard result == 0 else { throw Failure.spawn(result) }
    var status: Int32 = 0
    var usage = rusage()
    unsafe wait4(pid, &status, 0, &usage)
    guard status == 0 else { throw Failure.status(status, command) }
    let wall = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    return Usage(
      wall: wall, cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      peakKiB: usage.ru_maxrss)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }
}
