import ArgumentParser
import ArmMemory
import Replay
import Reporting
import Results
import TraceCore
import TraceEdit
import TraceIO

/// `anonymize`: a trace that can be given away.
struct AnonymizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anonymize",
    abstract: "Replace names, addresses and values, so that a trace can be given away.",
    discussion: """
      mmioscope anonymize nic.mmt -o give-away.mmt
      mmioscope anonymize nic.mmt -o give-away.mmt --seed-file seed.txt

      Regions move (offsets in pages, lines and regions stay), values are replaced one to one, names
      and marks by numbers, and times begin at 0. Kept: distances in time, vCPUs, sizes, barriers,
      bus numbers, numbers of source lines, all zeros and all ones, and of configuration space what
      resets are recognised in: no IDs, serial numbers, addresses or registers of vendors. The check
      replays both traces as compare does; where a number differs, nothing is written.
      """)

  @OptionGroup var trace: TraceOptions

  @Option(
    name: [.short, .customLong("output")], help: "The native trace to write; - is standard output.",
    transform: outputPath)
  var output: String

  @Option(
    help: """
      A file whose bytes are the secret: the same file gives the same replacements; random where \
      not given. It hides values from a reader, and is no encryption: who knows some of them may \
      find a short secret by trying.
      """)
  var seedFile: String?

  @Flag(inversion: .prefixedNo, help: "Compare what compare reports for both traces.")
  var check = true

  func run() throws {
    let seed = try readSeed()
    let once = TraceError(
      .io,
      "standard input and pipes cannot be read more than once, which anonymize does: give a file",
      file: trace.trace)
    guard trace.trace != "-" else { throw once }
    let original = TraceSurvey(try trace.open())
    guard original.progress.total != nil else { throw once }
    let (before, configurations) = try measure(original)
    func anonymous(_ source: any BlockSource) -> AnonymizedSource {
      AnonymizedSource(
        source, regions: original.context.regions.regions, accessSizes: original.accessSizes,
        epoch: original.earliest ?? 0, seed: seed)
    }
    if let before {
      let source = anonymous(try trace.open())
      let after = try replay(source, configurations)
      if let difference = firstDifference(before, after) {
        Console.error(
          "\(trace.trace): the anonymized trace gives other numbers, so it was not written: "
            + difference)
        throw ExitCode(1)
      }
    }
    try write(anonymous(try trace.input.open(trace.trace, hashes: false)))
  }

  /// Reads the trace to its end, so that its regions are known; replays it for the check.
  private func measure(
    _ source: any BlockSource
  ) throws -> (RunResult?, [ScenarioConfiguration]) {
    guard check else {
      let block = Block()
      while try source.next(into: block) {}
      return (nil, [])
    }
    let options = try ScenarioOptions.parse([])
    let configurations = try [KVMPolicy.kvmDevice, .kvmNormalNC].map {
      try options.configuration(policy: $0, name: $0.rawValue)
    }
    return (try replay(source, configurations), configurations)
  }

  private func write(_ source: AnonymizedSource) throws {
    let records = try writeNative(source, to: output)
    let regions = UInt64(source.context.regions.count)
    Console.note(
      "\(output): \(counted(records, "record")), \(counted(regions, "region"))"
        + (check ? "; totals, regions' metrics and findings are those of the original" : ""))
    reportCounters(source.context, named: "anonymize_")
  }

  private func readSeed() throws -> UInt64 {
    guard let seedFile else { return UInt64.random(in: 0 ... .max) }
    // Any file is a seed, the whole of it.
    let input = try openInput(path: seedFile)
    var rest = [UInt8](repeating: 0, count: 65_536)
    while try input.read(into: &rest, from: 0) > 0 {}
    guard let digest = input.sha256, let seed = UInt64(digest.prefix(16), radix: 16) else {
      throw TraceError(.internal, "the file has no digest", file: seedFile)
    }
    return seed
  }
}
