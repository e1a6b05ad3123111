import ArgumentParser
import Reporting
import TraceCore
import TraceEdit

/// `slice`: a part of a trace.
struct SliceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slice",
    abstract:
      "Keep a part of a trace: by record, time, region, address, size, direction, vCPU, mark.",
    discussion: """
      mmioscope slice nic.mmt -o burst.mmt --from 811198 --count 20000
      mmioscope slice nic.mmt -o doorbell.mmt --region 'bar 0' --vcpu 0,1
      mmioscope slice nic.mmt -o probe.mmt --from-mark begin --to-mark end
      mmioscope slice nic.mmt -o gic.mmt --address 0x8000000+128K --size 4 --direction store

      Records that meet every condition stay. Barriers, resets, losses and marks belong to every
      region; resets, losses and marks to every vCPU; config accesses, through an ECAM window too, to
      the regions of their function, and those of a bridge to the regions of every function below it,
      as far as the accesses before, or an lspci dump in the map, tell its buses: a bridge resets what
      is below it. With --address they stay likewise where they go through an ECAM window, and all of
      them otherwise. What is kept stands closer together than it was captured: info says so.
      """)

  @OptionGroup var trace: TraceOptions

  @Option(
    name: [.short, .customLong("output")], help: "The native trace to write; - is standard output.",
    transform: outputPath)
  var output: String

  @OptionGroup var filter: FilterOptions

  func run() throws {
    let source = SlicedSource(
      try trace.input.open(trace.trace, hashes: false), filter.selection)
    let records = try writeNative(source, to: output)
    Console.note("\(output): \(counted(records, "record")) of \(source.context.name)")
    reportCounters(source.context, named: "slice_")
  }
}
