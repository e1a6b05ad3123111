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
      line leave, and when it is on the link, in ps. match holds them beside what a protocol analyzer saw. \
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
    let (source, accessors) = try trace.open(listing, for: "packets")
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
    Console.note("accessors \(accessors.rawValue); \(counted(listing.count, "TLP"))")
    reportLosses(source.context.counters.rows)
  }
}
