import ArmMemory
import ConfigSpace
import Hazards
import PCIeModel
import Profiles
import Results
import TraceCore

/// One path through what the architecture allows, for one scenario: gathering, TLPs, counts, time.
///
/// The rules are those of `Documentation.docc/Model.md`, section by section. State is flat; a run
/// of records is treated at once wherever that gives the same counts as one by one.
struct Engine: ~Copyable {
  let cpu: CPUProfile
  let rootComplex: RootComplexProfile
  let accessors: AccessorAssumption
  let wire: WireTable
  /// The accessor assumption puts a DMB LD behind every load.
  let assumesLoadBarrier: Bool
  /// Findings or resets are wanted: what is under way at a reset is remembered, and what orders
  /// accesses; else counts alone are.
  let remembersAccesses: Bool
  /// Config space is looked at; what decodes a BAR is asked for at the end.
  let observesConfig: Bool
  /// What would have been otherwise under other settings.
  var forks = ForkWatch()

  var vcpus = 0
  var gather: GatherBuffers
  var counters: RegionCounters
  /// What takes time, on its way to the clocks.
  var steps = StepLog()
  let clocks: ClockSet
  var splitter: TLPSplitter
  var bursts: BurstTracker
  var order: OrderTracker
  var hazards: HazardState
  var aliases = AliasTracker()
  var log = IncidentLog()
  var partialLines = PartialLineTally()
  /// Where a test wants to see the accesses; whole runs are then not taken at once.
  var path: BusPath?

  /// The record being handled and its capture time in ns from the first record.
  var record: UInt64 = 0
  var time: UInt64 = 0
  /// Some record so far had a stamp.
  private var hasStamps = false
  /// The block's first record; nil where the trace has ended.
  private var firstRecord: UInt64?

  init(
    _ configuration: ScenarioConfiguration, accessors: AccessorAssumption,
    images: [PCIFunction: [UInt8]], clocks: ClockSet, observesConfig: Bool = true
  ) {
    let settings = configuration.settings
    cpu = settings.cpu
    rootComplex = settings.rootComplex
    self.accessors = accessors
    remembersAccesses = configuration.measures || configuration.keepsResetCases
    assumesLoadBarrier = accessors.addsBarriers
    wire = WireTable(link: settings.link, ecrc: settings.rootComplex.ecrc)
    self.clocks = clocks
    self.observesConfig = observesConfig
    gather = GatherBuffers(profile: settings.cpu, vcpus: 0)
    counters = RegionCounters(regions: 0)
    splitter = TLPSplitter(policy: settings.rootComplex.split)
    bursts = BurstTracker()
    order = OrderTracker()
    hazards = HazardState(
      images: images, times: configuration.settings.recovery,
      keepsCases: configuration.keepsResetCases)
  }

  /// Goes on where another engine was, whose counts are the same so far.
  mutating func take(_ state: EngineState) {
    grow(vcpus: state.vcpus, regions: state.counters.regions, order.slots)
    gather.take(state.gather)
    counters.take(state.counters)
    bursts.take(state.bursts)
  }

  /// Makes room.
  ///
  /// - Parameters:
  ///   - newVCPUs: vCPUs so far.
  ///   - regions: Regions so far.
  ///   - newSlots: Room for what a vCPU remembers of functions.
  mutating func grow(vcpus newVCPUs: Int, regions: Int, _ newSlots: FunctionSlots) {
    guard newVCPUs > vcpus || regions > counters.regions || newSlots != order.slots else { return }
    // Doubling keeps the cost of many first appearances linear.
    let vcpuRoom = newVCPUs > vcpus ? max(newVCPUs, vcpus * 2) : vcpus
    let regionRoom =
      regions > counters.regions ? max(regions, counters.regions * 2, 8) : counters.regions
    gather.grow(vcpus: vcpuRoom)
    counters.grow(regions: regionRoom)
    partialLines.grow(regions: regionRoom)
    clocks.grow(vcpus: vcpuRoom, regions: regionRoom)
    bursts.grow(vcpus: vcpuRoom)
    order.grow(vcpus: vcpuRoom, newSlots)
    hazards.grow(vcpus: vcpuRoom, newSlots)
    aliases.grow(vcpus: vcpuRoom)
    vcpus = vcpuRoom
  }

  /// Completes ``log`` for the rules to look at.
  mutating func closeLog() { partialLines.report(to: &log, record: record) }

  /// Takes every record of a block.
  ///
  /// - Parameters:
  ///   - block: The block; its times are in ns from the trace's first record and do not decrease.
  ///   - classes: Its classes under this scenario.
  /// - Returns: Records handled.
  mutating func consume(_ block: Block, classes: [ResolvedClass]) -> UInt64 {
    // Spans of a class's arrays need the arrays in local variables.
    let (tokenArray, countArray, addressArray) =
      (block.runTokens, block.runCounts, block.runAddresses)
    let (timeArray, valueArray) = (block.times, block.configValues)
    let tokens = tokenArray.span
    let counts = countArray.span
    let addresses = addressArray.span
    let times = timeArray.span
    let values = valueArray.span
    let classes = classes.span
    firstRecord = block.firstRecord
    var index = 0
    var valueIndex = 0
    for run in tokens.indices {
      let entry = classes[Int(tokens[run])]
      let count = Int(counts[run])
      if !hasStamps, entry.isStamped {
        hasStamps = true
        hazards.space.isTimed = true
      }
      record = block.firstRecord + UInt64(index)
      time = times[index]
      switch entry.path {
      case .gatheringStore:
        gatheringStores(entry, addresses[run], count, times, index)
      case .deviceStore:
        deviceStores(entry, addresses[run], count, times, index)
      case .load:
        loads(entry, addresses[run], count, times, index)
      case .barrier:
        for offset in 0..<count {
          record = block.firstRecord + UInt64(index + offset)
          time = times[index + offset]
          barrier(entry)
        }
      case .ecam, .config:
        for offset in 0..<count {
          record = block.firstRecord + UInt64(index + offset)
          time = times[index + offset]
          let address =
            entry.path == .ecam
            ? addresses[run] + UInt64(offset * entry.size) : addresses[run]
          let value = littleEndian(values, at: valueIndex + offset * entry.valueBytes, entry)
          configRecord(entry, address, value)
        }
      case .lost:
        for offset in 0..<count {
          record = block.firstRecord + UInt64(index + offset)
          time = times[index + offset]
          lost()
        }
      case .reset:
        for offset in 0..<count {
          record = block.firstRecord + UInt64(index + offset)
          time = times[index + offset]
          resetNotice(entry)
        }
      case .other:
        break
      }
      index += count
      valueIndex += count * entry.valueBytes
      if steps.count >= StepLog.chunk { clocks.consume(&steps, times: times) }
    }
    clocks.consume(&steps, times: times)
    return UInt64(index)
  }

  /// The value of a config-space record; nil where the capture has none.
  private func littleEndian(
    _ values: Span<UInt8>, at index: Int, _ entry: ResolvedClass
  ) -> UInt64? {
    guard entry.valueBytes > 0 else { return nil }
    var value: UInt64 = 0
    for byte in 0..<min(entry.valueBytes, 8) {
      value |= UInt64(values[index + byte]) << UInt64(8 * byte)
    }
    return value
  }

  /// Each open line: the record that wrote it last, and its region.
  func openLines() -> [(record: UInt64, region: Int)] {
    var lines: [(record: UInt64, region: Int)] = []
    for vcpu in 0..<vcpus {
      let first = gather.oldest(vcpu)
      for slot in first..<first + gather.count(vcpu) {
        lines.append((gather[slot].record, gather[slot].region))
      }
    }
    return lines
  }

  /// Ends the trace: what is still open leaves.
  mutating func finish() {
    firstRecord = nil
    for vcpu in 0..<vcpus { flushAll(vcpu, .end) }
    clocks.consume(&steps, times: [UInt64]().span)
    clocks.finish()
  }

  /// A step of the present record.
  @inline(__always)
  func step(_ kind: TimeStep.Kind, _ vcpu: Int, _ region: Int) -> TimeStep {
    var step = TimeStep(kind)
    step.vcpu = UInt16(truncatingIfNeeded: vcpu)
    step.region = UInt32(truncatingIfNeeded: region)
    if let firstRecord { step.index = UInt32(truncatingIfNeeded: record &- firstRecord) }
    return step
  }

  // MARK: What every event of a vCPU begins with

  /// Lines that were open for too long leave.
  @inline(__always)
  mutating func begin(_ vcpu: Int) {
    if let limit = cpu.drainAfterNs, gather.count(vcpu) > 0 { drain(vcpu, limit) }
  }

  private mutating func drain(_ vcpu: Int, _ limit: UInt64) {
    while gather.count(vcpu) > 0, time - gather[gather.oldest(vcpu)].opened > limit {
      flush(gather.oldest(vcpu), vcpu, .timer)
    }
  }

  // MARK: Barriers

  private mutating func barrier(_ entry: ResolvedClass) {
    let vcpu = entry.vcpu
    begin(vcpu)
    bursts.interrupt(vcpu)
    let traits = entry.traits
    if traits.contains(.ordersStores) {
      flushAll(vcpu, .barrier)
    } else if traits.contains(.isDGH) {
      flushAll(vcpu, .dgh)
    } else if traits.contains(.release) {
      flushAll(vcpu, .release)
    }
    if traits.contains(.isDSB) { steps.append(step(.synchronize, vcpu, 0)) } else { reach(vcpu) }
    if remembersAccesses { remember(barrier: traits, vcpu) }
  }

  /// An event of a vCPU that has no step of its own: lines that are open leave later than it.
  @inline(__always)
  mutating func reach(_ vcpu: Int) {
    if gather.count(vcpu) > 0 { steps.append(step(.reach, vcpu, 0)) }
  }

  /// What a barrier orders, for the rules.
  ///
  /// An acquire or release at memory that is not recorded orders no two recorded accesses:
  /// "Peripheral arrival order" wants them Barrier-ordered-before themselves, and follows an order
  /// through other memory for Device types alone (Arm ARM DDI 0487, B2.4.1, rules C and B). Two
  /// vCPUs take turns by it.
  @inline(__always)
  private mutating func remember(barrier traits: ResolvedClass.Traits, _ vcpu: Int) {
    order.barrier(
      vcpu, stores: traits.contains(.ordersStores),
      loads: traits.contains(.ordersStoresBeforeLoads))
    if traits.contains(.ordersLoads) { order.loadsOrdered(vcpu) }
    if aliases.isUsed { aliases.barrier(vcpu, traits, record: record) }
    let loads = hazards.resets.marks.barrier(vcpu, traits, record: record)
    if loads != 0 { loadsReturned(vcpu, loads) }
    if aliases.isUsed, !traits.isDisjoint(with: [.release, .acquire]) {
      aliases.orderedElsewhere(vcpu, record: record)
    }
    if traits.contains(.isDSB), traits.contains(.ordersStores) {
      hazards.configCompleted(vcpu, record: record, readOf: nil)
    }
  }

  /// The DMB ST that an accessor such as writel has before its store.
  @inline(__always)
  mutating func accessorBarrier(_ vcpu: Int) {
    flushAll(vcpu, .barrier)
    guard remembersAccesses else { return }
    order.barrier(vcpu, stores: true, loads: false)
    if aliases.isUsed { aliases.barrier(vcpu, .ordersStores, record: record) }
  }

  /// What a store-release does before it is issued.
  ///
  /// - Parameters:
  ///   - vcpu: Whose it is.
  ///   - function: The function that it goes to; nil of config space.
  ///   - isDevice: Its type is nGnRnE, nGnRE or nGRE.
  mutating func release(_ vcpu: Int, _ function: Int?, isDevice: Bool) {
    flushAll(vcpu, .release)
    guard remembersAccesses else { return }
    order.released(vcpu, function, record: record, isDevice: isDevice)
    if aliases.isUsed { aliases.released(vcpu, record: record) }
  }

  /// Whether the accessor assumption puts a DMB ST before this store; remembers the store.
  @inline(__always)
  mutating func needsAccessorBarrier(
    _ vcpu: Int, _ address: UInt64, _ size: Int, _ count: Int
  )
    -> Bool
  {
    switch accessors {
    case .recorded, .relaxed: false
    case .linuxWritel: true
    case .bursts: !bursts.continues(vcpu, address, size: size, count: count)
    }
  }

  private mutating func lost() {
    for vcpu in 0..<vcpus {
      flushAll(vcpu, .lost)
      bursts.interrupt(vcpu)
      if remembersAccesses { order.forget(vcpu) }
    }
    guard remembersAccesses else { return }
    if aliases.isUsed { aliases.forget() }
    hazards.forget(record: record)
  }
}
