import ArmMemory
import PCIeModel
import Profiles
import Replay
import Results
import TestSupport
import Timeline
import TraceCore

/// Makes timelines of programs.
struct Bench {
  /// Above 4 GiB: a header has four DWs.
  static let bar: UInt64 = 0x10_0000_0000

  static func packets(
    _ program: NaiveProgram, _ policy: KVMPolicy? = nil, cutSeed: UInt64? = nil,
    clocks: ScenarioConfiguration.Clocks = .both,
    change: (inout ModelSettings) -> Void = { _ in }
  ) throws(TraceError) -> [[Packet]] {
    var configuration = program.configuration(clocks: clocks)
    if let policy { configuration.policy = policy }
    change(&configuration.settings)
    var listing = PacketListing(configuration)
    let accessors = AccessorAssumption(rawValue: program.accessorsInForce) ?? .recorded
    var batches: [[Packet]] = []
    try listing.run(program.source(cutSeed: cutSeed), accessors: accessors) { batches.append($0) }
    return batches
  }

  static func timeline(
    _ batches: [[Packet]], mapping: String = "m", number: Int = 1,
    clock: MappingTimeline.Clock = .saturated, scale: TimeScale = .picoseconds,
    most: Int = 1 << 22
  ) throws(TraceError) -> MappingTimeline {
    var timeline = MappingTimeline(
      MappingTimeline.About(
        trace: "t", mapping: mapping, clock: clock, accessors: "recorded", scale: scale),
      number: number, most: most)
    for batch in batches { try timeline.add(batch) }
    return timeline
  }

  static func bytes(_ timeline: MappingTimeline) throws(TraceError) -> [UInt8] {
    var bytes: [UInt8] = []
    try timeline.write { bytes += $0 }
    return bytes
  }
}
