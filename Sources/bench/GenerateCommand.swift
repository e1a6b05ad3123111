import ArgumentParser
import Foundation

/// `bench generate`: one of the inputs alone, for pipes and profilers.
///
/// The measuring program makes its own inputs through this, so that its own memory stays small: the
/// peak of a child never lies below that of the program that started it.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write a generated input: the same bytes for the same count.")

  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case bursts, registers
    case qemuLog = "qemu-log"
  }

  @Argument(help: "bursts or registers, which are native traces, or qemu-log, a text.")
  var kind: Kind

  @Option(help: "Records.")
  var records = 1_000_000

  @Option(name: .shortAndLong, help: "File; - is standard output.")
  var output = "-"

  func validate() throws {
    if records < 0 { throw ValidationError("--records \(records): expected a count") }
  }

  func run() throws {
    // A reader that has gone is an error of the output then.
    _ = signal(SIGPIPE, SIG_IGN)
    switch kind {
    case .bursts: try Workload.writeNative(.bursts, records: records, path: output)
    case .registers: try Workload.writeNative(.registers, records: records, path: output)
    case .qemuLog: try Workload.writeLog(records: records, path: output)
    }
  }
}
