import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How many cores a command may use.
struct CoreOptions: ParsableArguments {
  @Option(help: "Cores to use; all where nothing is said. The output is the same.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
  }

  /// Cores that the system has.
  static var all: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Those asked for, or all.
  var usable: Int { threads ?? Self.all }
}
