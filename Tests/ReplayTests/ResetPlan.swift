import ArmMemory
import Resets
import TestSupport
import TraceCore

/// A trace whose resets follow the safe recipe, or miss it in one planted way.
///
/// The recipe (PCI Express Base Specification 5.0, 6.6.2; Linux drivers/pci/pci.c): stop issuing,
/// DSB, read the device and wait for the data, see Transactions Pending as 0, write, wait for the
/// completion, wait for the reset's time, ask config space, restore, enable memory, wait for that
/// completion, go on.
struct ResetPlan: Sendable {
  /// What is done wrong, and beside each the twin that looks alike and is harmless.
  enum Deviation: String, CaseIterable, Sendable {
    case none
    /// A gathered store is left in the CPU. Twin: a whole line, which leaves, behind a DSB.
    case gathered, wholeLine
    /// A Device store has no DSB behind it. Twin: a load of the same registers, waited for.
    case posted, pushed
    /// The same on another vCPU. Twin: that vCPU's DSB.
    case postedElsewhere, synchronizedElsewhere
    /// MMIO behind a config write with no completion. Twins: its readback; another function's MMIO.
    case incomplete, readBack, otherFunction
    /// A reset at the bridge with a store that only a DSB is behind. Twins: a load, and one of
    /// another vCPU behind the DSB.
    case unflushed, flushed, flushedElsewhere
    /// MMIO a ns before the end of the window. Twin: at its end.
    case early, onTime
    /// MMIO with Command.MEM off. Twin: another function's.
    case memoryOff, memoryOffElsewhere
    /// Transactions Pending read as 1, not read, or read before the last store. Twin: read twice.
    case pending, notRead, readTooSoon, readTwice
    /// A load returns all ones. Twins: all but one bit; before the reset; a store of all ones.
    case allOnes, almostOnes, onesBefore, onesStored
    /// A load is not waited for. Twins: DMB LD, acquire.
    case outstanding, loadBarrier, acquired
    /// A store is the first access since the reset. Twin: a load is.
    case unread, readFirst
    /// A BAR moves with a store under way. Twins: behind a DSB; to where it is.
    case moved, movedBehindBarrier, movedNowhere
    /// A reset at the bridge takes a function along that is in use. Twins: its memory is off; it
    /// was never used.
    case caught, preparedToo, unused
  }

  var deviation = Deviation.none
  var policy = KVMPolicy.kvmNormalNC
  var seed: UInt64 = 0
  /// Config accesses are reported by function, not stores to the ECAM window.
  var isTrapped = false
  /// They trap to VFIO, which unmaps the BARs, waits for pending transactions and for the reset
  /// (Linux drivers/vfio/pci/vfio_pci_config.c, drivers/pci/pci.c).
  var isVFIO = false
  /// The host posts config writes.
  var isPosted = false
  /// Resets, of which each misses the recipe in the same way.
  var resets = 1

  /// Codes that must be found, each as often as there are resets; no other RST code may be.
  var expected: Set<String> {
    if isVFIO { return expectedOfVFIO }
    if isPosted, !isTrapped, let code = expectedOfPosted { return code }
    let isGathering = policy == .kvmNormalNC
    switch deviation {
    case .gathered: return [isGathering ? "RST001" : "RST002"]
    case .posted, .postedElsewhere: return ["RST002"]
    // A vCPU that trapped goes on when the config write is done.
    case .incomplete: return isTrapped ? [] : ["RST003"]
    case .unflushed: return ["RST004"]
    case .early, .memoryOff: return ["RST005"]
    case .pending, .notRead, .readTooSoon: return ["RST006"]
    case .allOnes: return ["RST007"]
    // A vCPU's trap takes its registers, and so waits for the load.
    case .outstanding: return isTrapped ? [] : ["RST008"]
    case .unread: return ["RST008"]
    case .moved: return ["RST009"]
    case .caught: return ["RST010"]
    default: return []
    }
  }

  /// The guest's config writes are not the device's.
  ///
  /// What is under way is drained by the unmap, BARs stay where they are, FLR waits as it must,
  /// nobody gets in before it is over. What the guest finds or forgets after it stays, and a port
  /// below which nothing is unmapped.
  private var expectedOfVFIO: Set<String> {
    switch deviation {
    case .unflushed: ["RST004"]
    case .memoryOff: ["RST005"]
    case .allOnes: ["RST007"]
    case .unread: ["RST008"]
    case .caught: ["RST010"]
    default: []
    }
  }

  /// A DSB does not wait for a posted write: only the plans that read back know of its completion.
  private var expectedOfPosted: Set<String>? {
    switch deviation {
    case .readBack: []
    case .incomplete: ["RST003"]
    default: nil
    }
  }

  /// The reset is one at the bridge.
  var isAtBridge: Bool {
    switch deviation {
    case .unflushed, .flushed, .flushedElsewhere, .caught, .preparedToo, .unused: true
    default: false
    }
  }

  var bench: HazardBench {
    HazardBench().with {
      $0.policy = policy
      $0.configPath = isVFIO ? .vfio : isPosted ? .posted : nil
      // Both functions lie below the port.
      $0.images = [
        HazardBench.device: Self.endpoint(), HazardBench.other: Self.endpoint(),
        HazardBench.port: HazardBench.bridge(lastBus: 2),
      ]
    }
  }

  /// An endpoint whose first BAR is where the bench has it; Transactions Pending is not known.
  private static func endpoint() -> [UInt8] {
    var bytes = HazardBench.endpoint()
    bytes[0x13] = 0x10
    return bytes
  }
}

extension ResetPlan {
  /// The trace.
  func events() -> [NaiveEvent] {
    var writer = ResetWriter(plan: self)
    for _ in 0..<resets { writer.reset() }
    return writer.events
  }
}

/// Writes a plan's events with a clock and noise between.
struct ResetWriter {
  let plan: ResetPlan
  private(set) var events: [NaiveEvent] = []
  private var random: SplitMix64
  private var now: UInt64 = 1000
  /// When the reset's last config write was made.
  private var written: UInt64 = 0

  init(plan: ResetPlan) {
    self.plan = plan
    random = SplitMix64(seed: plan.seed)
  }

  private var deviation: ResetPlan.Deviation { plan.deviation }
  private static let ms: UInt64 = 1_000_000

  // MARK: One reset

  mutating func reset() {
    traffic()
    quiesce()
    if deviation != .notRead { status(pending: deviation == .pending) }
    if deviation == .readTwice { status(pending: false) }
    beforeReset()
    if plan.isAtBridge { bridgeReset() } else { write(0x48, 2, 0x8000) }
    written = now
    complete()
    recover()
    afterReset()
  }

  /// MMIO that drivers make all day, in a random order, with what belongs to it.
  private mutating func traffic() {
    for _ in 0..<random.inRange(1...6) {
      let offset = UInt64(8 * random.below(64))
      switch random.below(4) {
      case 0: for step in 0..<8 { put(.payload(0x1000 + UInt64(8 * step))) }
      case 1: put(.payload(offset))
      case 2: put(.doorbell(offset & ~3))
      default:
        put(.status(offset & ~3).with { $0.value = [1, 2, 3, 4] })
        put(.barrier("dmb.ld"))
      }
      // A function that is not reset goes on.
      if !plan.isAtBridge, random.chance(30) { put(.store(HazardBench.otherRegs + 4, 4)) }
      if random.chance(30) { put(.barrier(random.pick(["dmb.st", "dmb.sy", "dsb.st"]))) }
    }
    if deviation == .caught || deviation == .preparedToo {
      put(.store(HazardBench.otherRegs, 4).on(vcpu: 2))
      put(.barrier("dsb.sy").on(vcpu: 2))
      put(.load(HazardBench.otherRegs, 4).on(vcpu: 2))
      put(.barrier("dmb.ld").on(vcpu: 2))
    }
    if deviation == .onesBefore {
      put(.status().with { $0.value = [255, 255, 255, 255] })
    }
  }

  /// Stop, DSB, read, wait for the data.
  private mutating func quiesce() {
    put(.barrier("dsb.sy"))
    put(.status().with { $0.value = [0, 1, 0, 1] })
    put(.barrier("dmb.ld"))
  }

  /// What comes last before the config write.
  private mutating func beforeReset() {
    switch deviation {
    case .gathered: put(.payload(UInt64(8 * random.below(6))))
    case .wholeLine:
      for step in 0..<8 { put(.payload(UInt64(8 * step))) }
      put(.barrier("dsb.st"))
    case .posted: put(.doorbell())
    case .pushed:
      put(.doorbell())
      put(.status())
      put(.barrier("dmb.ld"))
    case .postedElsewhere, .synchronizedElsewhere:
      put(.doorbell().on(vcpu: 3))
      // Another vCPU's barrier orders nothing of it.
      put(.barrier("dsb.sy"))
      if deviation == .synchronizedElsewhere { put(.barrier("dsb.sy").on(vcpu: 3)) }
    case .unflushed, .flushed, .flushedElsewhere:
      put(.doorbell())
      put(.barrier("dsb.sy"))
      if deviation == .flushed { put(.status()) }
      if deviation == .flushedElsewhere { put(.status().on(vcpu: 4)) }
      put(.barrier("dmb.ld").on(vcpu: deviation == .flushedElsewhere ? 4 : 0))
    case .readTooSoon:
      put(.doorbell())
      put(.barrier("dsb.sy"))
      put(.status())
      put(.barrier("dmb.ld"))
    case .outstanding: put(.status())
    case .loadBarrier:
      put(.status())
      put(.barrier(random.pick(["dmb.ld", "dsb.ld", "dmb.sy"])))
    case .acquired: put(.status().with { $0.acquire = true })
    case .moved, .movedBehindBarrier, .movedNowhere:
      put(.doorbell())
      if deviation == .movedBehindBarrier { put(.barrier("dsb.sy")) }
      write(0x10, 4, deviation == .movedNowhere ? 0x1000_0000 : 0x2000_0000)
      complete()
      write(0x10, 4, 0x1000_0000)
      complete()
      quiesce()
      status(pending: false)
    default: break
    }
    // A store behind the read of Device Status is a deviation of its own. At a bridge the read
    // would flush what is to be found there.
    if !plan.isAtBridge, ![.readTooSoon, .pending, .notRead].contains(deviation) {
      status(pending: false)
    }
  }

  private mutating func bridgeReset() {
    write(4, 2, 0)
    complete()
    if deviation == .preparedToo {
      write(4, 2, 0, HazardBench.other)
      complete()
    }
    write(0x3e, 2, 0x40, HazardBench.port)
    now += 2 * Self.ms
    write(0x3e, 2, 0, HazardBench.port)
  }

  private mutating func complete() {
    // A config read would push a store, and show that the function is back.
    let isReadless = [.unflushed, .unread, .moved].contains(deviation)
    switch random.below(plan.isTrapped ? 1 : isReadless ? 2 : 3) {
    case 0: put(.barrier("dsb.sy"))
    case 1: put(.barrier("dsb.st"))
    default: read(0x0c, 4, 0)
    }
  }

  /// The reset's time, then config space and Command.MEM again.
  private mutating func recover() {
    if deviation == .early {
      // Command.MEM, which the reset cleared, is on already.
      read(0, 4, 0x1234_10de)
      write(4, 2, 2)
      complete()
      now = written + 100 * Self.ms - UInt64(random.inRange(50...1000))
      put(.status())
    }
    now = written + 100 * Self.ms
    if deviation != .unread { read(0, 4, 0x1234_10de) }
    if deviation == .memoryOff { put(.status()) }
    if deviation == .memoryOffElsewhere { put(.store(HazardBench.otherRegs, 4)) }
    enable(HazardBench.device)
    if plan.isAtBridge { enable(HazardBench.other) }
  }

  private mutating func enable(_ function: PCIFunction) {
    if deviation != .unread { read(0, 4, 0x1234_10de, function) }
    write(0x10, 4, 0x1000_0000, function)
    put(.barrier("dsb.sy"))
    write(4, 2, 2, function)
    switch deviation {
    case .incomplete: break
    case .readBack: read(4, 2, 2, function)
    case .otherFunction:
      put(.store(HazardBench.otherRegs, 4))
      put(.barrier("dsb.st"))
    default: put(.barrier("dsb.sy"))
    }
  }

  private mutating func afterReset() {
    switch deviation {
    case .allOnes: put(.status().with { $0.value = [255, 255, 255, 255] })
    case .almostOnes: put(.status().with { $0.value = [255, 255, 255, 127] })
    case .onesStored: put(.doorbell().with { $0.value = [255, 255, 255, 255] })
    case .unread: put(.doorbell())
    default: put(.status().with { $0.value = [1, 0, 0, 0] })
    }
    put(.barrier("dsb.sy"))
    if deviation == .unread { read(0, 4, 0x1234_10de) }
  }

  // MARK: Records

  /// Adds a record, some ns after the one before.
  private mutating func put(_ event: NaiveEvent) {
    now += UInt64(random.inRange(1...40))
    events.append(event.at(now))
  }

  private mutating func write(
    _ register: UInt64, _ size: Int, _ value: UInt32,
    _ function: PCIFunction = HazardBench.device
  ) {
    put(
      plan.isTrapped
        ? .trapped(register, size, value, function) : .ecamWrite(register, size, value, function))
  }

  private mutating func read(
    _ register: UInt64, _ size: Int, _ value: UInt32,
    _ function: PCIFunction = HazardBench.device
  ) {
    let access = NaiveEvent.ecamRead(register, size, value, function)
    put(
      plan.isTrapped
        ? .trapped(register, size, value, function).with { $0.op = "config_read" } : access)
  }

  /// A read of Device Status, whose bit 5 is Transactions Pending.
  private mutating func status(pending: Bool) { read(0x4a, 2, pending ? 0x20 : 0) }
}
