internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Runs a program without input and gives what it printed, on either stream.
///
/// - Parameters:
///   - program: Its path.
///   - arguments: Its arguments.
/// - Returns: Up to 4 MiB of output; nil where it cannot be started, fails to end within ten
///   seconds, or ends by a signal.
@Sendable public func runProgram(_ program: String, _ arguments: [String]) -> String? {
  runProgram(program, arguments, within: .seconds(10))
}

/// Runs a program as ``runProgram(_:_:)`` does, with another limit of time.
func runProgram(_ program: String, _ arguments: [String], within limit: Duration) -> String? {
  let deadline = ContinuousClock.now + limit
  guard let pipe = try? FileDescriptor.pipe() else { return nil }
  defer { try? pipe.readEnd.close() }
  let child = spawn(program, arguments, output: pipe)
  try? pipe.writeEnd.close()
  guard let child else { return nil }
  let output = collect(pipe.readEnd, until: deadline)
  // A program may close its output and go on.
  if output != nil, let status = wait(for: child, until: deadline) {
    return status & 0x7f == 0 ? output : nil
  }
  _ = kill(child, SIGKILL)
  // One that a driver keeps from dying is left to whoever inherits it.
  _ = wait(for: child, until: .now + .seconds(1))
  return nil
}

/// A child's status; nil where it has not ended by then.
private func wait(for child: pid_t, until deadline: ContinuousClock.Instant) -> Int32? {
  var status: Int32 = 0
  while true {
    let ended = unsafe waitpid(child, &status, WNOHANG)
    if ended == child { return status }
    guard ended == 0 || errno == EINTR, deadline > .now else { return nil }
    _ = poll(nil, 0, 5)
  }
}

private func spawn(
  _ program: String, _ arguments: [String],
  output: (readEnd: FileDescriptor, writeEnd: FileDescriptor)
) -> pid_t? {
  var actions = unsafe posix_spawn_file_actions_t()
  guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { return nil }
  defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
  _ = unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  for stream in [Int32(1), 2] {
    _ = unsafe posix_spawn_file_actions_adddup2(&actions, output.writeEnd.rawValue, stream)
  }
  for end in [output.readEnd, output.writeEnd] where end.rawValue > 2 {
    _ = unsafe posix_spawn_file_actions_addclose(&actions, end.rawValue)
  }
  var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map {
    unsafe strdup($0)
  }
  unsafe words.append(nil)
  defer { for index in unsafe words.indices { unsafe free(words[index]) } }
  var child: pid_t = 0
  let code = unsafe posix_spawn(&child, program, &actions, nil, words, environ)
  return code == 0 ? child : nil
}

/// Reads to the end; nil where that has not come by then.
private func collect(
  _ source: FileDescriptor, until deadline: ContinuousClock.Instant
) -> String? {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while case let rest = ContinuousClock.now.duration(to: deadline), rest > .zero {
    var wait = pollfd(fd: source.rawValue, events: Int16(POLLIN), revents: 0)
    let ready = unsafe poll(&wait, 1, Int32(clamping: Int64(rest / .milliseconds(1)) + 1))
    if ready == 0 || ready < 0 && errno == EINTR { continue }
    guard ready > 0,
      let count = try? unsafe buffer.withUnsafeMutableBytes({ try unsafe source.read(into: $0) })
    else { return nil }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    if bytes.count < 4 << 20 { bytes += buffer[..<count] }
  }
  return nil
}
