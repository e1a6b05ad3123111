import ArgumentParser
import Measurements

/// How much is measured.
struct BenchOptions: ParsableArguments {
  @Option(help: "The command to measure.")
  var mmioscope = ".build/release/mmioscope"

  @Option(help: "Records of the native traces; of register traffic, which is slower, half.")
  var records = 10_000_000

  @Option(help: "Lines of the texts.")
  var lines = 2_000_000

  @Option(help: "Records of the long trace, for memory and the footer.")
  var longRecords = 100_000_000

  @Option(help: "Records of the traces whose instructions are counted.")
  var countedRecords = 100_000

  @Option(help: "Runs of each command.")
  var runs = 5

  @Option(help: "Seconds after which a command is not run again, once it has had three runs.")
  var budget = 6.0

  @Flag(help: "Also a billion records, generated on the fly into a pipe.")
  var billion = false

  @Option(help: "Only rows whose part, command or input contains this; repeats.")
  var only: [String] = []

  @Option(help: "A real capture, which is repeated.")
  var capture = "Traces/fb-wc.mmt"

  @Option(help: "Folder for the generated inputs; the system's folder for such where not given.")
  var scratch: String?

  func validate() throws {
    let counts = [
      ("--records", records, 1000), ("--lines", lines, 100), ("--long-records", longRecords, 1000),
      ("--counted-records", countedRecords, 1000), ("--runs", runs, 1),
    ]
    for (name, value, least) in counts where !(least...100_000_000_000).contains(value) {
      throw ValidationError("\(name) \(value): expected a number from \(least) to 100000000000")
    }
    guard budget.isFinite, budget >= 0 else {
      throw ValidationError("--budget \(budget): expected seconds")
    }
  }

  /// Whether a row is asked for.
  func wants(_ part: RawRow.Part, _ command: String, _ input: String) -> Bool {
    only.isEmpty
      || only.contains { word in
        [part.rawValue, command, input].contains { $0.contains(word) }
      }
  }
}
