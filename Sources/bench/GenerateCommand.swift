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

  /// Mixes of native traces, then formats of text.
  static let kinds = ["bursts", "registers"] + TextWorkload.allCases.map(\.rawValue)

  @Argument(
    help: ArgumentHelp(
      "bursts or registers, which are native traces, or a text: "
        + TextWorkload.allCases.map(\.rawValue).joined(separator: ", ") + "."))
  var kind: String

  @Option(help: "Records; of a text, lines.")
  var records = 1_000_000

  @Option(name: .shortAndLong, help: "File; - is standard output.")
  var output = "-"

  func validate() throws {
    guard Self.kinds.contains(kind) else {
      throw ValidationError("\(kind): expected one of \(Self.kinds.joined(separator: ", "))")
    }
    if records < 0 { throw ValidationError("--records \(records): expected a count") }
  }

  func run() throws {
    // A reader that has gone is an error of the output then.
    _ = signal(SIGPIPE, SIG_IGN)
    if let text = TextWorkload(rawValue: kind) {
      try text.write(lines: records, path: output)
    } else {
      let mix: Workload.Mix = kind == "bursts" ? .bursts : .registers
      try Workload.writeNative(mix, records: records, path: output)
    }
  }
}
