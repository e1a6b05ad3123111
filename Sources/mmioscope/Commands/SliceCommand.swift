import ArgumentParser
import TraceCore
import TraceEdit

/// `slice`: a part of a trace.
struct SliceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slice",
    abstract: "Keep a part of a trace: by record, time, region, vCPU or mark.",
    discussion: """
      mmioscope slice nic.mmt -o burst.mmt --from 811198 --count 20000
      mmioscope slice nic.mmt -o doorbell.mmt --region 'bar 0' --vcpu 0 1
      mmioscope slice nic.mmt -o probe.mmt --from-mark begin --to-mark end

      Records that meet every condition stay. Barriers, resets, losses and marks belong to every
      region; resets, losses and marks to every vCPU; config accesses to the regions of their
      function. What is kept stands closer together than it was captured: info says so.
      """)

  @OptionGroup var trace: TraceOptions

  @Option(
    name: [.short, .customLong("output")], help: "The native trace to write; - is standard output.")
  var output: String

  @Option(help: "First record, from 0.")
  var from: UInt64 = 0

  @Option(help: "Records at most, from the first.")
  var count: UInt64?

  @Option(help: "First time stamp, in ns.")
  var fromTime: UInt64?

  @Option(help: "End, in ns: the first time stamp that is not in it.")
  var toTime: UInt64?

  @Option(parsing: .upToNextOption, help: "Regions by name.")
  var region: [String] = []

  @Option(parsing: .upToNextOption, help: "vCPUs by number.")
  var vcpu: [UInt16] = []

  @Option(help: "Begin at the first mark of this text.")
  var fromMark: String?

  @Option(help: "End with the first mark of this text behind the start.")
  var toMark: String?

  func validate() throws {
    if let fromTime, let toTime, toTime < fromTime {
      throw ValidationError("--to-time lies before --from-time")
    }
  }

  func run() throws {
    var selection = SliceSelection()
    if from > 0 || count != nil {
      let end = from.addingReportingOverflow(count ?? .max)
      selection.records = from..<(end.overflow ? .max : end.partialValue)
    }
    selection.fromTime = fromTime
    selection.toTime = toTime
    selection.regions = region
    selection.vcpus = Set(vcpu)
    selection.fromMark = fromMark
    selection.toMark = toMark
    let source = SlicedSource(try trace.input.open(trace.trace, hashes: false), selection)
    let records = try writeNative(source, to: output)
    Console.error("\(output): \(records) records of \(source.context.name)")
    reportCounters(source.context, named: "slice_")
  }
}
