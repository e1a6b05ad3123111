import ArgumentParser
import ArmMemory
import Replay
import Reporting
import Timeline
import TraceCore
import TraceIO

/// `timeline`: the TLPs of two mappings on a time axis.
struct TimelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline",
    abstract: "TLPs, gathering lines and reads in flight under both mappings, for Perfetto.",
    discussion: """
      mmioscope timeline nic.mmt -o nic.pftrace
      mmioscope timeline nic.mmt -o nic.pftrace.gz --region 'bar 0'
      mmioscope timeline nic.mmt -o nic.pftrace --from-mark probe --tlps 1000
      mmioscope timeline nic.mmt -o - --clock paced --time-scale 1

      ui.perfetto.dev opens the file. Each mapping is a process: both directions of the link, and by \
      vCPU the gathering lines, stores, reads and config accesses that it holds. A slice has what \
      packets prints of it.

      Perfetto counts whole ns, and many TLPs take less than one. So 1 us there is 1 ns modelled; \
      --time-scale 1 shows the modelled ns, rounded down. Shown is the saturated clock, to which \
      recorded times do not matter; --clock paced starts nothing before its recorded time, which in \
      a capture from an emulator is the emulator's and not to be trusted.

      The trace is read once for each mapping. Of each the first --tlps are shown, and what is left \
      out is said; filters choose another part.
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @Option(
    name: [.short, .customLong("output")],
    help: "File to write, compressed where it ends in .gz; - is standard output.",
    transform: outputPath)
  var output: String

  @OptionGroup var policies: PolicyOptions

  @Option(help: "TLPs of each mapping that are shown at most, 1 to 4194304.")
  var tlps = 200_000

  @Option(help: "How many ns are shown for one that is modelled, 1 to 1000.")
  var timeScale = 1000

  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var cores: CoreOptions

  func validate() throws {
    try trace.whole.checkReadAgain(by: "timeline")
    guard (1...1 << 22).contains(tlps) else {
      throw ValidationError("--tlps is 1 to 4194304 TLPs")
    }
    guard TimeScale(timeScale) != nil else {
      throw ValidationError("--time-scale is 1 to 1000, at which nothing is rounded")
    }
    guard scenario.clock != .both else {
      throw ValidationError("timeline shows one clock: --clock saturated or paced")
    }
  }

  func run() throws {
    let configurations = try policies.configurations(scenario, clocks: .saturated)
    var file: OutputFile?
    let compressor = output.hasSuffix(".gz") ? try GzipCompressor() : nil
    var losses: [TraceCounter] = []
    for (index, configuration) in configurations.enumerated() {
      let listing = PacketListing(configuration)
      let (source, accessors) = try trace.open(listing, for: "timeline", threads: cores.usable)
      // Behind the trace, whose place it must not take, and ahead of the work.
      let output = try file ?? OutputFile(path: output)
      file = output
      let timeline = try read(source, listing, configuration, accessors, number: index + 1)
      try timeline.write { bytes throws(TraceError) in
        try output.write(compressor?.compress(bytes, isLast: false) ?? bytes)
      }
      tell(configuration.name, timeline)
      losses = source.context.counters.rows
    }
    if let compressor { try file?.write(compressor.compress([], isLast: true)) }
    try file?.commit()
    reportLosses(losses)
  }
}

extension TimelineCommand {
  /// Reads the trace under one mapping.
  ///
  /// - Parameters:
  ///   - source: The trace, from its beginning.
  ///   - packets: Lists the mapping's TLPs.
  ///   - configuration: The mapping's scenario.
  ///   - accessors: Its accessor assumption.
  ///   - number: Its place in the file, from 1.
  /// - Returns: What is to be shown.
  /// - Throws: ``TraceError`` from the trace.
  private func read(
    _ source: any BlockSource, _ packets: PacketListing, _ configuration: ScenarioConfiguration,
    _ accessors: AccessorAssumption, number: Int
  ) throws(TraceError) -> MappingTimeline {
    var timeline = MappingTimeline(
      MappingTimeline.About(
        trace: source.context.name, mapping: configuration.name,
        clock: configuration.clocks == .paced ? .paced : .saturated,
        accessors: accessors.rawValue, scale: TimeScale(timeScale) ?? .picoseconds),
      number: number, most: tlps)
    var (listing, progress) = (packets, Progress())
    defer { progress.finish() }
    listing.onBlock = { records in progress.update(records: records, source: source) }
    try listing.run(source, accessors: accessors) { packets throws(TraceError) in
      try timeline.add(packets)
    }
    return timeline
  }

  /// Says what is shown, and what is left out.
  private func tell(_ mapping: String, _ timeline: MappingTimeline) {
    var text = "\(mapping): accessors \(timeline.about.accessors); "
    if timeline.leftOut == 0 {
      text += counted(timeline.shown, "TLP")
    } else {
      let end = timeline.lastRecord.map { ", up to record \($0)" } ?? ""
      text +=
        "the first \(counted(timeline.shown, "TLP"))\(end); \(counted(timeline.leftOut, "TLP")) "
        + "behind them left out: --tlps takes more, a filter others"
    }
    Console.note(text)
  }
}
