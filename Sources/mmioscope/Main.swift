import ArgumentParser
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
    // A closed pipe is reported by write(2) and ends the program quietly.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Mmioscope.parseAsRoot()
      try command.run()
    } catch {
      finish(error)
    }
  }

  private static func finish(_ error: any Error) -> Never {
    if let error = error as? TraceError {
      guard error.code != .brokenPipe else { exit(0) }
      Console.error(error.description)
      exit(2)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    guard Mmioscope.exitCode(for: error) != .success else { Mmioscope.exit(withError: error) }
    Console.error(Mmioscope.fullMessage(for: error))
    exit(2)
  }
}
