import ArmMemory
import PCIeModel
import Profiles
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// One CPU, link and device to time a few records with.
///
/// By default nothing but the link takes time: no credits, no latencies, 1 ps an issue.
struct ClockRig {
  var type = MemoryType.deviceNGnRE
  var generation = 4
  var lanes = 16
  /// 0 = infinite.
  var headerCredits = 0
  var dataCredits = 0
  var creditLoopPs: UInt64 = 0
  var issuePs: UInt64 = 1
  var buffers = 64
  var writesInFlight = 4096
  var ackPs: UInt64 = 0
  var deviceLoads = 1
  var normalLoads = 1
  var readLatencyPs: UInt64 = 0
  var configLatencyPs: UInt64 = 0
  var nonPosted = FlowControl.Pool.infinite
  var completion = FlowControl.Pool.infinite
  var headerScale = 1
  var dataScale = 1
  var dataLink = DataLink()
  var memoryChannel = 0

  func with(_ change: (inout ClockRig) -> Void) -> ClockRig {
    var copy = self
    change(&copy)
    return copy
  }

  static let base: UInt64 = 0x10_0000_0000

  var settings: ModelSettings {
    var settings = NaiveSettings().with {
      $0.generation = generation
      $0.lineBytes = 64
    }.modelSettings
    settings.cpu.buffers = buffers
    settings.cpu.storeIssuePs = issuePs
    settings.cpu.deviceWritesInFlight = writesInFlight
    settings.cpu.deviceAckPs = ackPs
    settings.cpu.deviceLoadsInFlight = deviceLoads
    settings.cpu.normalLoadsInFlight = normalLoads
    settings.link.lanes = lanes
    settings.link.maxPayload = 256
    settings.link.flowControl.posted.headers = headerCredits
    settings.link.flowControl.posted.data = dataCredits
    settings.link.flowControl.loopPs = creditLoopPs
    settings.link.flowControl.nonPosted = nonPosted
    settings.link.flowControl.completion = completion
    settings.link.flowControl.headerScale = headerScale
    settings.link.flowControl.dataScale = dataScale
    settings.link.dataLink = dataLink
    settings.link.memoryChannel = memoryChannel
    settings.device.readLatencyPs = readLatencyPs
    settings.device.configLatencyPs = configLatencyPs
    return settings
  }

  private func run(_ source: ArrayBlockSource) throws(TraceError) -> ScenarioResult {
    let configuration = ScenarioConfiguration(
      name: "rig", policy: .none, fwb: false, stage1ForAll: type.attributeByte,
      accessors: .recorded, clocks: .both, settings: settings)
    return try ReplayDriver(source, [configuration]).run().scenarios[0]
  }

  // MARK: Programs

  /// The BAR right behind the first one.
  static let other: UInt64 = base + 0x4000_0000

  /// Runs events, all in one BAR, or in ``other``, unless they are config accesses.
  func run(_ events: [NaiveEvent]) throws(TraceError) -> ScenarioResult {
    let program = NaiveProgram(
      regions: [
        NaiveRegion("bar", base: Self.base, size: 1 << 30),
        NaiveRegion("other", base: Self.other, size: 1 << 30),
      ], settings: NaiveSettings(), events: events)
    return try run(program.source(cutSeed: nil))
  }

  /// Busy time of events under the saturated clock, in ps.
  func time(_ events: [NaiveEvent]) throws(TraceError) -> UInt64 {
    try run(events).totals.saturated.timePs
  }

  /// Busy time of one run of contiguous accesses without time stamps, in ps.
  func time(of operation: TraceCore.Operation, size: Int, count: Int) throws(TraceError) -> UInt64 {
    let context = TraceContext(name: "rig", format: "generated")
    let region = context.regions.add(
      Region(name: "bar", base: Self.base, size: 1 << 30, origin: .map))
    let block = Block()
    block.classes = [RecordClass(operation, size: UInt8(size), region: region)]
    block.runTokens = [0]
    block.runCounts = [UInt16(count)]
    block.runAddresses = [Self.base]
    block.times = [UInt64](repeating: 0, count: count)
    block.count = count
    return try run(ArrayBlockSource(context: context, blocks: [block])).totals.saturated.timePs
  }

  /// Steady time in ps between two accesses: from `cycles` whole cycles after two of warming up.
  ///
  /// Exact where the model repeats itself every `cycle` accesses, as a window of credits, buffers
  /// or loads makes it do.
  func period(
    of operation: TraceCore.Operation, size: Int, cycle: Int, cycles: Int = 2
  ) throws(TraceError) -> Double {
    let early = try time(of: operation, size: size, count: 2 * cycle)
    let late = try time(of: operation, size: size, count: (2 + cycles) * cycle)
    return Double(late - early) / Double(cycles * cycle)
  }

  // MARK: Closed forms, worked out again from their sources rather than taken from the product

  /// B4 and B5 at Max_Payload_Size 256; B3 in flit mode: ps a byte of TLPs.
  var psPerByte: Double {
    let transfers = [2.5, 5, 8, 16, 32, 64, 128][generation - 1] * Double(lanes)
    if generation >= 6 { return 8000 / (transfers * 236 / 256) }
    let code = generation < 3 ? 0.8 : 128.0 / 130
    let factor = lanes <= 4 ? 1.4 : lanes <= 8 ? 2.5 : 3
    let delay = generation == 1 ? 19.0 : generation == 2 ? 70 : 115
    let limit = 284 * factor / Double(lanes) + delay
    return 8000 / (transfers * code * (1 - 16 / (limit * Double(lanes)) - 4.0 / 1538))
  }

  /// Wire time in ps of an aligned 64-bit memory write of whole DWs: 24 bytes more than its data,
  /// in flit mode 16 (B2, B3).
  func writePs(_ bytes: Int) -> Double { Double(bytes + (generation >= 6 ? 16 : 24)) * psPerByte }

  /// Wire time in ps of an aligned 64-bit read request.
  var requestPs: Double { writePs(0) }

  /// Wire time in ps of a completion with data: a 3-DW header.
  func completionPs(_ bytes: Int) -> Double {
    Double(bytes + (generation >= 6 ? 12 : 20)) * psPerByte
  }
}

/// The relative difference is at most `share`.
func isWithin(_ share: Double, _ found: Double, _ expected: Double) -> Bool {
  abs(found - expected) <= share * expected
}
