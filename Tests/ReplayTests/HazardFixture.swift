import ArmMemory
import ConfigSpace
import Profiles
import Replay
import Resets
import Results
import TestSupport
import TraceCore

/// Two functions with a Normal-NC window and a register window each, an ECAM window, and the
/// config space that reset recognition needs.
struct HazardBench {
  /// Normal-NC by default: 01:00.0's payload window.
  static let bar: UInt64 = 0x10_0000_0000
  /// Device-nGnRE by the map: the same function's registers.
  static let regs: UInt64 = 0x10_1000_0000
  /// The same of 02:00.0.
  static let otherBar: UInt64 = 0x10_2000_0000
  static let otherRegs: UInt64 = 0x10_3000_0000
  /// Windows of a function that nothing names.
  static let plainBar: UInt64 = 0x10_4000_0000
  static let plainRegs: UInt64 = 0x10_5000_0000
  /// Every bus of segment 0; stage 1 is Device-nGnRnE by default.
  static let ecam: UInt64 = 0x40_0000_0000

  static let device = PCIFunction(bus: 1, device: 0, function: 0)
  static let other = PCIFunction(bus: 2, device: 0, function: 0)
  /// A root port over bus 1, or over buses 1 and 2.
  static let port = PCIFunction(bus: 0, device: 1, function: 0)

  var policy = KVMPolicy.kvmNormalNC
  var accessors = AccessorAssumption.recorded
  var settings = NaiveSettings()
  var images: [PCIFunction: [UInt8]] = [device: endpoint(), port: bridge(lastBus: 1)]
  /// Registers of `bar` that the map marks as side-effecting.
  var sideEffects: [ClosedRange<UInt64>] = []
  /// Code address of a record.
  var code: (Int) -> UInt64? = { _ in nil }
  /// How config accesses travel; nil = as they look.
  var configPath: ConfigPath?
  /// Changes to the settings that no count depends on.
  var change: @Sendable (inout ModelSettings) -> Void = { _ in }
  /// Records before which a new block begins.
  var cuts: Set<Int> = []

  func with(_ change: (inout HazardBench) -> Void) -> HazardBench {
    var copy = self
    change(&copy)
    return copy
  }

  // MARK: Config space

  /// Type 0 with Command.MEM on, and PCIe at 0x40 with FLR (Device Capabilities bit 28).
  static func endpoint(command: UInt8 = 2) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 256)
    bytes.replaceSubrange(0..<8, with: [0xde, 0x10, 0x34, 0x12, command, 0, 0x10, 0])
    bytes[0x34] = 0x40
    bytes.replaceSubrange(0x40..<0x48, with: [0x10, 0, 2, 0, 0, 0, 0, 0x10])
    return bytes
  }

  /// Type 1 whose secondary bus is 1: a root port (type 4) of 5 GT/s, PCIe at 0x40.
  static func bridge(lastBus: UInt8) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 256)
    bytes.replaceSubrange(0..<8, with: [0xde, 0x10, 0x00, 0x20, 2, 0, 0x10, 0])
    bytes[0x0e] = 1
    bytes[0x34] = 0x40
    bytes.replaceSubrange(0x40..<0x44, with: [0x10, 0, 0x42, 0])
    bytes[0x4c] = 2
    bytes.replaceSubrange(0x18..<0x1b, with: [0, 1, lastBus])
    return bytes
  }

  /// Address of a function's register in the ECAM window (PCIe Base 5.0, section 7.2.2).
  static func ecam(_ function: PCIFunction, _ register: UInt64) -> UInt64 {
    ecam + UInt64(function.rawValue & 0xffff) << 12 + register
  }

  private static func regions(
    _ sideEffects: [ClosedRange<UInt64>]
  ) -> [Region] {
    func region(
      _ name: String, _ base: UInt64, _ function: PCIFunction?, stage1: UInt8? = nil
    ) -> Region {
      Region(
        name: name, base: base, size: 0x1000_0000, kind: base == ecam ? .ecam : .bar,
        function: function, stage1: stage1, origin: .map)
    }
    var all = [
      region("bar", bar, device), region("regs", regs, device, stage1: 0x04),
      region("other-bar", otherBar, other), region("other-regs", otherRegs, other, stage1: 0x04),
      region("plain-bar", plainBar, nil), region("plain-regs", plainRegs, nil, stage1: 0x04),
      region("ecam", ecam, nil),
    ]
    all[0].sideEffects = sideEffects
    return all
  }

  // MARK: Running

  /// Runs events; record N has source line N + 101.
  func run(_ events: [NaiveEvent]) throws(TraceError) -> RunResult {
    try run(events, [configuration(policy.rawValue, policy)])
  }

  func run(
    _ events: [NaiveEvent], _ configurations: [ScenarioConfiguration]
  ) throws(TraceError) -> RunResult {
    try ReplayDriver(source(events), configurations).run()
  }

  func configuration(_ name: String, _ policy: KVMPolicy) -> ScenarioConfiguration {
    var model = settings.modelSettings
    model.recovery = Self.recovery
    change(&model)
    var configuration = ScenarioConfiguration(
      name: name, policy: policy, fwb: false, accessors: accessors, clocks: .saturated,
      settings: model)
    configuration.configPath = configPath
    return configuration
  }

  /// The recovery times of the built-in device profile.
  private static let recovery = (try? ProfileLibrary().resolve().recovery) ?? RecoveryTimes.untimed

  /// What was found under one code, in the order of the report.
  func findings(_ code: String, _ events: [NaiveEvent]) throws(TraceError) -> [Finding] {
    try run(events).findings.filter { $0.code == code }
  }

  func source(_ events: [NaiveEvent]) -> ArrayBlockSource {
    let context = TraceContext(name: "hazards", format: "generated")
    for region in Self.regions(sideEffects) { context.regions.add(region) }
    context.configImages = images
    let builder = BlockBuilder(Block())
    var blocks: [Block] = []
    for (record, event) in events.enumerated() {
      if cuts.contains(record) {
        blocks.append(builder.block)
        builder.reset(firstRecord: UInt64(record), into: Block())
      }
      append(event, record, to: builder, context)
    }
    blocks.append(builder.block)
    return ArrayBlockSource(context: context, blocks: blocks.filter { $0.count > 0 })
  }

  private func append(
    _ event: NaiveEvent, _ record: Int, to builder: BlockBuilder, _ context: TraceContext
  ) {
    guard let operation = Operation(name: event.op) else {
      preconditionFailure("unknown operation: \(event.op)")
    }
    let index = operation.isAccess ? region(of: event.address, context) : nil
    let isConfig = operation.isConfig || index.map { context.regions[$0].kind == .ecam } ?? false
    var entry = RecordClass(
      operation, size: UInt8(event.size), vcpu: UInt16(event.vcpu),
      flags: event.release ? .release : event.acquire ? .acquire : [],
      barrier: operation == .barrier ? Barrier(name: event.barrier) : nil,
      attribute: event.attribute, region: index, function: PCIFunction(event.function),
      text: event.text.isEmpty ? nil : context.intern(event.text))
    if event.single64 { entry.flags = .single64 }
    if isConfig { entry.columns = .configValue }
    let address = operation.isConfig ? event.register : event.address
    let line = UInt64(record + 101)
    guard let value = event.value else {
      builder.append(
        entry, address: address, time: event.time, codeAddress: code(record), line: line)
      return
    }
    builder.append(
      entry, address: address, time: event.time, wideValue: value, codeAddress: code(record),
      line: line)
  }

  private func region(of address: UInt64, _ context: TraceContext) -> RegionID? {
    context.regions.regions.firstIndex { $0.contains(address) }.map {
      RegionID(rawValue: UInt16($0))
    }
  }
}

// MARK: Events by what they mean

extension NaiveEvent {
  /// 8 bytes into the Normal-NC window.
  static func payload(_ offset: UInt64 = 0) -> NaiveEvent { .store(HazardBench.bar + offset, 8) }

  /// 4 bytes into the same function's registers.
  static func doorbell(_ offset: UInt64 = 0) -> NaiveEvent {
    .store(HazardBench.regs + offset, 4)
  }

  /// A read of the same function's registers.
  static func status(_ offset: UInt64 = 0x40) -> NaiveEvent {
    .load(HazardBench.regs + offset, 4)
  }

  /// A config write that the source reports as such: it trapped.
  static func trapped(
    _ register: UInt64, _ size: Int, _ value: UInt32, _ function: PCIFunction = HazardBench.device
  ) -> NaiveEvent {
    .config("config_write", function.description, register, size).with {
      $0.value = littleEndian(value, size)
    }
  }

  /// A config write through ECAM.
  static func ecamWrite(
    _ register: UInt64, _ size: Int, _ value: UInt32, _ function: PCIFunction = HazardBench.device
  ) -> NaiveEvent {
    .store(HazardBench.ecam(function, register), size).with {
      $0.value = littleEndian(value, size)
    }
  }

  /// A config read through ECAM.
  static func ecamRead(
    _ register: UInt64, _ size: Int, _ value: UInt32, _ function: PCIFunction = HazardBench.device
  ) -> NaiveEvent {
    ecamWrite(register, size, value, function).with { $0.op = "load" }
  }

  /// Initiate FLR: Device Control bit 15, the capability being at 0x40.
  static let flr = trapped(0x48, 2, 0x8000)
  static let ecamFLR = ecamWrite(0x48, 2, 0x8000)
  /// Secondary Bus Reset: Bridge Control bit 6.
  static let busReset = trapped(0x3e, 2, 0x40, HazardBench.port)
  /// Command.MEM.
  static let memoryOn = trapped(4, 2, 2)
  static let memoryOff = trapped(4, 2, 0)

  static func notice(_ kind: String, at time: UInt64 = 0, vcpu: Int = 0) -> NaiveEvent {
    NaiveEvent("reset").with {
      $0.function = HazardBench.device.description
      $0.text = kind
      $0.time = time
      $0.vcpu = vcpu
    }
  }

  func at(_ time: UInt64) -> NaiveEvent { with { $0.time = time } }
  func on(vcpu: Int) -> NaiveEvent { with { $0.vcpu = vcpu } }
}

private func littleEndian(_ value: UInt32, _ size: Int) -> [UInt8] {
  (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
}
