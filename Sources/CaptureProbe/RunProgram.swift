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
  guard let pipe = try? FileDescriptor.pipe() else { return nil }
  defer { try? pipe.readEnd.close() }
  guard let child = spawn(program, arguments, output: pipe) else { return nil }
  try? pipe.writeEnd.close()
  let output = collect(pipe.readEnd)
  if output == nil { _ = kill(child, SIGKILL) }
  var status: Int32 = 0
  while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
  return status & 0x7f == 0 ? output : nil
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
  if code != 0 { try? output.writeEnd.close() }
  return code == 0 ? child : nil
}

/// Reads to the end; nil where that does not come.
private func collect(_ source: FileDescriptor) -> String? {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  // Each wait is short, so that a program which goes on printing ends, too.
  for _ in 0..<4096 {
    var wait = pollfd(fd: source.rawValue, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&wait, 1, 10_000) > 0 else { return nil }
    let count = try? unsafe buffer.withUnsafeMutableBytes { try unsafe source.read(into: $0) }
    guard let count else { return nil }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    if bytes.count < 4 << 20 { bytes += buffer[..<count] }
  }
  return nil
}
