import ArgumentParser
import Reporting
import SystemPackage
import TraceCore
import TraceIO

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Maps every outcome to the exit statuses 0, 1 and 2.
@main
enum Main {
  static func main() {
    holdStandardDescriptors()
    // A closed pipe is reported by write(2) and ends the program quietly; so is a file that has
    // grown as far as it may, with an error.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
    FilesInUse.watch()
    do {
      var command = try Mmioscope.parsed(Array(CommandLine.arguments.dropFirst()))
      try command.run()
    } catch {
      finish(error)
    }
  }

  /// No file that is opened gets the number of a standard stream that was closed; a read or write of
  /// that still fails.
  private static func holdStandardDescriptors() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  private static func finish(_ error: any Error) -> Never {
    if let error = error as? TraceError { fail(error) }
    if let code = error as? ExitCode { exit(code.rawValue) }
    let message = Mmioscope.fullMessage(for: error)
    guard Mmioscope.exitCode(for: error) != .success else { help(message) }
    Console.error(message)
    exit(2)
  }

  private static func fail(_ error: TraceError) -> Never {
    if error.code == .brokenPipe { exit(0) }
    // One line, whatever names are in it.
    Console.error(printable(error.description))
    exit(2)
  }

  /// Help and version are data that was asked for.
  private static func help(_ text: String) -> Never {
    do throws(TraceError) {
      try Console.output(text + "\n")
      exit(0)
    } catch {
      fail(error)
    }
  }
}
