import ArgumentParser
import Importers
import Reporting
import TraceCore
import TraceEdit

/// `cat`: several captures as one trace.
struct CatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Join captures: one after the other, or merged by time stamp.",
    discussion: """
      mmioscope cat first-hour.mmt second-hour.mmt -o both.mmt
      mmioscope cat --end-to-end monday.mmt tuesday.mmt -o both.mmt
      mmioscope cat --merge mmio.log config.log -o run.mmt

      Regions of the same name and base are one, and those of the same name that reach as far as
      their accesses, unless another lies between them. --merge is for logs of the same run and the
      same clock; of equal stamps that of the capture named first comes first. --end-to-end is for
      captures of different runs: where a clock began anew, its stamps would all be in the past.
      """)

  @Argument(help: "Native traces, or captures that can be imported; - is standard input.")
  var inputs: [String]

  @Option(
    name: [.short, .customLong("output")], help: "The native trace to write; - is standard output.",
    transform: outputPath)
  var output: String

  @Flag(help: "Merge by time stamp.")
  var merge = false

  @Flag(help: "Shift each capture's time stamps to begin where the one ahead of it ends.")
  var endToEnd = false

  @OptionGroup var input: InputOptions

  func validate() throws {
    if inputs.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input can be read once only")
    }
    if merge, endToEnd {
      throw ValidationError("--merge needs one clock, which --end-to-end says there is not")
    }
  }

  func run() throws {
    let source: any BlockSource
    if merge {
      var sources: [any BlockSource] = []
      for path in inputs { sources.append(try input.open(path, hashes: false)) }
      source = MergedSource(sources)
    } else {
      source = try InputChain.open(inputs, input, clocks: endToEnd ? .endToEnd : .asRecorded)
    }
    let records = try writeNative(source, to: output)
    Console.note(
      "\(output): \(counted(records, "record")) from \(counted(UInt64(inputs.count), "capture"))")
    reportCounters(
      source.context, named: "merge_", "clock_back_at_seam", "clock_shifted_at_seam",
      "region_moved_at_join", "region_overlap_at_join")
  }
}
