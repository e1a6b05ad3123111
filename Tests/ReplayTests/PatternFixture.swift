import ArmMemory
import Replay
import Results
import TestSupport
import TraceCore

/// One record of a hand-made trace.
struct PatternEvent {
  enum Place: Int { case bar0, bar2, other, nowhere, elsewhere, ecam }

  var entry: RecordClass
  var place: Place?
  var address: UInt64
  var value: UInt64?

  static func store(
    _ address: UInt64, _ type: MemoryType = .normalNC, _ place: Place = .bar0, size: UInt8 = 8,
    vcpu: UInt16 = 0, flags: AccessFlags = []
  ) -> PatternEvent {
    PatternEvent(
      entry: RecordClass(
        .store, size: size, vcpu: vcpu, flags: flags, attribute: type.attributeByte),
      place: place, address: address)
  }

  static func load(
    _ address: UInt64, _ type: MemoryType = .normalNC, _ place: Place = .bar0, size: UInt8 = 4,
    vcpu: UInt16 = 0, flags: AccessFlags = []
  ) -> PatternEvent {
    var event = store(address, type, place, size: size, vcpu: vcpu, flags: flags)
    event.entry.operation = .load
    return event
  }

  static func barrier(
    _ kind: Barrier.Kind, _ domain: Barrier.Domain = .unspecified, vcpu: UInt16 = 0
  ) -> PatternEvent {
    plain(RecordClass(.barrier, vcpu: vcpu, barrier: Barrier(kind, domain)))
  }

  static func configWrite(
    _ register: UInt64, _ value: UInt64, _ function: PCIFunction = PatternTrace.function
  ) -> PatternEvent {
    PatternEvent(
      entry: RecordClass(.configWrite, size: 2, function: function, columns: .configValue),
      address: register, value: value)
  }

  static let mark = plain(RecordClass(.mark))
  static let lost = plain(RecordClass(.lost))

  private static func plain(_ entry: RecordClass) -> PatternEvent {
    PatternEvent(entry: entry, address: 0)
  }
}

/// A trace of two functions, one of them with two BARs, two regions without one, and ECAM.
struct PatternTrace {
  static let function = PCIFunction(bus: 1, device: 0, function: 0)
  static let otherFunction = PCIFunction(bus: 2, device: 0, function: 0)
  let context = TraceContext(name: "pattern", format: "generated")
  private var regions: [RegionID] = []
  private var blocks: [Block] = []

  /// - Parameters:
  ///   - events: The records; each has a source line, 100 more than its index.
  ///   - cuts: Records before which a block ends.
  init(_ events: [PatternEvent], cuts: Set<Int> = []) {
    let names: [(String, PCIFunction?)] = [
      ("bar 0", Self.function), ("bar 2", Self.function), ("other", Self.otherFunction),
      ("nowhere", nil), ("elsewhere", nil),
    ]
    for (index, (name, function)) in names.enumerated() {
      regions.append(
        context.regions.add(
          Region(
            name: name, base: UInt64(index + 1) << 32, size: 0x10000, function: function,
            origin: .map)))
    }
    regions.append(
      context.regions.add(
        Region(name: "ecam", base: 9 << 32, size: 0x1000_0000, kind: .ecam, origin: .map)))
    context.configImages[Self.function] = Self.image
    let builder = BlockBuilder(Block())
    for (index, event) in events.enumerated() {
      if cuts.contains(index), builder.block.count > 0 {
        blocks.append(builder.block)
        builder.reset(firstRecord: UInt64(index), into: Block())
      }
      append(event, UInt64(index + 100), builder)
    }
    blocks.append(builder.block)
  }

  private func append(_ event: PatternEvent, _ line: UInt64, _ builder: BlockBuilder) {
    var entry = event.entry
    var address = event.address
    if let place = event.place {
      entry.region = regions[place.rawValue]
      address += context.regions[regions[place.rawValue]].base
    }
    builder.append(entry, address: address, value: event.value, line: line)
  }

  /// A type 0 header with Memory Space on, and a PCI Express capability at 0x40 that has FLR (PCI
  /// Express Base Specification 5.0, 7.5.1 and 7.5.3).
  private static let image: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 256)
    (bytes[0], bytes[1], bytes[2], bytes[3]) = (0xf4, 0x1a, 0x41, 0x10)
    (bytes[4], bytes[6], bytes[0x34]) = (0x06, 0x10, 0x40)
    (bytes[0x40], bytes[0x42], bytes[0x47]) = (0x10, 0x02, 0x10)
    return bytes
  }()

  var source: ArrayBlockSource { ArrayBlockSource(context: context, blocks: blocks) }
}

extension AccessPattern.Step {
  static func store(
    _ start: UInt64, _ type: MemoryType, peripheral: Int = 0, function: Int? = nil, size: Int = 8,
    behind barriers: BarrierSet = [], flags: AccessFlags = [], isAligned: Bool = true
  ) -> AccessPattern.Step {
    AccessPattern.Step(
      isStore: true, flags: flags, target: .mmio(type), peripheral: peripheral,
      function: function, start: start, size: size, barriers: barriers, isAligned: isAligned)
  }
}

/// Counts one pattern under the types of stage 1 alone.
func occurrences(
  _ steps: [AccessPattern.Step], in events: [PatternEvent], cuts: Set<Int> = [],
  ignoresDomains: Bool = false, accessors: AccessorAssumption? = .recorded
) throws(TraceError) -> Occurrences {
  let pattern = AccessPattern(name: "P", steps, ignoresDomains: ignoresDomains)
  return try PatternSearch(
    PatternTrace(events, cuts: cuts).source, .plain(accessors: accessors), [pattern]
  ).run()
}

/// The number of occurrences alone.
func count(
  _ steps: [AccessPattern.Step], in events: [PatternEvent], ignoresDomains: Bool = false,
  accessors: AccessorAssumption? = .recorded
) throws(TraceError) -> Int {
  let found = try occurrences(
    steps, in: events, ignoresDomains: ignoresDomains, accessors: accessors)
  return Int(found.patterns[0].total)
}
