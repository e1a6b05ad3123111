import ArgumentParser
import ArmMemory
import Replay
import Reporting
import TraceCore
import TraceIO

/// `packets`: every TLP of a scenario.
struct PacketsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "packets",
    abstract: "Every TLP that one mapping policy puts on the link, as CSV.",
    discussion: """
      mmioscope packets trace.mmt
      mmioscope packets nic.mmt --policy kvm-device --region 'bar 0'
      mmioscope packets nic.mmt --csv tlps.csv

      One row a TLP: writes in the order in which they leave the CPU, requests as they are issued, \
      completions behind their requests; with the records whose bytes it carries, what made its \
      line leave, and when it is on the link, in ps. To be held beside what a protocol analyzer saw. \
      Config requests have type 0, as on the function's own link.
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @Option(help: "Mapping: kvm-device, kvm-normal-nc or none.")
  var policy: KVMPolicy = .kvmNormalNC

  @OptionGroup var scenario: ScenarioOptions

  @Option(help: "Where the CSV goes; - is standard output.", transform: outputPath)
  var csv = "-"

  func run() throws {
    let configuration = try scenario.configuration(policy: policy, name: policy.rawValue)
    var listing = PacketListing(configuration)
    let (source, accessors) = try open(listing)
    var progress = Progress()
    listing.onBlock = { records in progress.update(records: records, source: source) }
    let output = try OutputFile(path: csv)
    var table = PacketsCSV()
    do {
      defer { progress.finish() }
      try listing.run(source, accessors: accessors) { packets throws(TraceError) in
        table.add(packets)
        try output.write(table.take())
      }
    }
    try output.commit()
    // A reader of the rows would not see what they hang on.
    Console.error("accessors \(accessors.rawValue); \(counted(listing.count, "TLP"))")
    reportLosses(source.context.counters.rows)
  }

  /// The trace from its beginning, and the accessor assumption, for which it may be read twice.
  private func open(
    _ listing: PacketListing
  ) throws -> (any BlockSource, AccessorAssumption) {
    let source = try trace.open(hashes: false)
    if let accessors = try listing.accessors(of: source, isRead: false) {
      return (source, accessors)
    }
    try trace.whole.checkReadAgain(by: "packets without --accessors")
    guard let accessors = try listing.accessors(of: source, isRead: true) else {
      throw TraceError(.internal, "a trace that was read leaves its barriers open")
    }
    return (try trace.open(hashes: false), accessors)
  }
}
