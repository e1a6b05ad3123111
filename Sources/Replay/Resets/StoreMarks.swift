import ArmMemory
import TraceCore

/// Each vCPU's stores to and last load from each function that matter at a reset, and what has
/// ordered them since.
///
/// A vCPU remembers those that ``FunctionSlots`` keep apart; with more than that an access may be
/// forgotten, so that a finding may be missed, never invented. Records are kept plus one, so that 0
/// is none.
///
/// Of the stores in between the first and the last of a function, the youngest line that has left
/// stands for all that have left: a barrier that orders or completes it does so for the older ones.
/// What a load of the same bytes alone pushes is known of single stores only.
struct StoreMarks: ~Copyable {
  /// One vCPU and one function.
  struct Mark: BitwiseCopyable {
    var function = -1
    /// The last store of a type that arrives in program order: nGnRnE, nGnRE.
    var strict = Side()
    /// The last store of any other type.
    var weak = Side()
    /// The first of those that no DSB is behind.
    var unsynchronized = Side()
    /// The first of those that no read has pushed.
    var unflushed = Side()
    /// The line, or the store that does not gather, that left the CPU last: the store that opened
    /// the line, with the addresses of all its bytes.
    var left = Side()
    var load = Side()
    /// The last load whose data only a barrier, or a trap, shows to have come back.
    var loose = Side()

    /// The later one of the last stores.
    var store: Side { max(strict, weak) }
  }

  /// An access; the later one is greater.
  struct Side: BitwiseCopyable, Comparable {
    var record: UInt64 = 0
    var time: UInt64 = 0
    var address: UInt64 = 0
    /// First barrier behind it that waits for it: a store's DSB, and for a load, which is done
    /// when later accesses are ordered behind it, any that does that.
    var completed: UInt64 = 0
    /// Of a store: load behind it that cannot pass it; of a load: the first DSB behind it.
    var other: UInt64 = 0
    /// Of a store: the data of that load has come back.
    var isReadBack = false
    var size: UInt8 = 0
    var type = MemoryType.deviceNGnRnE
    var region: Int32 = 0

    static func < (left: Self, right: Self) -> Bool { left.record < right.record }
  }

  /// What a vCPU has done.
  struct VCPU: BitwiseCopyable {
    /// A bit for each slot with a store or a load that no barrier completed, and with a load that
    /// no DSB is behind.
    var stores: UInt64 = 0
    var loads: UInt64 = 0
    var looseLoads: UInt64 = 0
    /// The last barrier that orders earlier stores before later ones; before later loads as well.
    var storeOrder: UInt64 = 0
    var fullOrder: UInt64 = 0
  }

  private(set) var slots = FunctionSlots()
  private var marks = FixedBuffer<Mark>(repeating: Mark(), count: 0)
  private var vcpus = FixedBuffer<VCPU>(repeating: VCPU(), count: 0)
  /// vCPUs.
  private(set) var count = 0

  mutating func grow(vcpus newCount: Int, _ newSlots: FunctionSlots) {
    marks.grow(rows: newCount, from: slots.count, to: newSlots.count, repeating: Mark())
    slots = newSlots
    vcpus.grow(to: newCount, repeating: VCPU())
    count = max(count, newCount)
  }

  subscript(vcpu: Int, slot: Int) -> Mark { marks[slots.index(vcpu, slot: slot)] }

  /// What all vCPUs remember of a function.
  func marks(of function: Int) -> [Mark] {
    guard slots.count > 0 else { return [] }
    let slot = slots.slot(function)
    return (0..<count).map { self[$0, slot] }.filter { $0.function == function }
  }

  /// The vCPU's last barrier that orders earlier stores, as record + 1.
  func storeOrder(_ vcpu: Int) -> UInt64 { vcpus[vcpu].storeOrder }

  /// Remembers stores.
  ///
  /// - Parameters:
  ///   - entry: Their class.
  ///   - address: The last one's address.
  ///   - record: The last one's record.
  ///   - time: Its time in ns.
  @inline(__always)
  mutating func stored(_ entry: ResolvedClass, _ address: UInt64, record: UInt64, time: UInt64) {
    let slot = slots.slot(entry.function)
    vcpus[entry.vcpu].stores |= 1 &<< UInt64(truncatingIfNeeded: slot)
    marks[slots.index(entry.vcpu, slot: slot)].store(entry, address, record, time)
  }

  /// Remembers that a line of a function has left the CPU.
  ///
  /// - Parameters:
  ///   - line: The line.
  ///   - vcpu: Whose it was.
  ///   - function: Function of the store that opened it.
  @inline(__always)
  mutating func left(_ line: GatherBuffers.Line, _ vcpu: Int, _ function: Int) {
    marks[slots.index(vcpu, slot: slots.slot(function))].leave(StoreMarks.Side(line), function)
  }

  /// Remembers that a run has filled whole lines, which have left.
  ///
  /// - Parameters:
  ///   - entry: Class of the stores.
  ///   - line: Address of the last line.
  ///   - bytes: Bytes of a line.
  ///   - record: Record of the store that opened it.
  ///   - time: Its time in ns.
  @inline(__always)
  mutating func filled(
    _ entry: ResolvedClass, _ line: UInt64, _ bytes: Int, record: UInt64, time: UInt64
  ) {
    var side = StoreMarks.Side(entry, line, record, time)
    side.size = UInt8(truncatingIfNeeded: bytes)
    let slot = slots.slot(entry.function)
    marks[slots.index(entry.vcpu, slot: slot)].leave(side, entry.function)
  }

  /// Remembers a load.
  ///
  /// - Parameters:
  ///   - entry: Its class.
  ///   - address: Its address.
  ///   - record: Its record.
  ///   - time: Its time in ns.
  ///   - isDone: Later accesses wait for it: an acquire, or a barrier taken for granted.
  @inline(__always)
  mutating func loaded(
    _ entry: ResolvedClass, _ address: UInt64, record: UInt64, time: UInt64, isDone: Bool
  ) {
    let (slot, vcpu) = (slots.slot(entry.function), entry.vcpu)
    let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: slot)
    if !isDone { vcpus[vcpu].loads |= bit }
    vcpus[vcpu].looseLoads |= bit
    let fullOrder = vcpus[vcpu].fullOrder
    marks[slots.index(vcpu, slot: slot)].load(entry, address, record, time, isDone, fullOrder)
  }

  /// Takes a barrier of a vCPU.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - traits: What it orders, and whether it is a DSB.
  ///   - record: Its record.
  /// - Returns: Slots of which it completes ``Mark/loose``, a bit each.
  mutating func barrier(_ vcpu: Int, _ traits: ResolvedClass.Traits, record: UInt64) -> UInt64 {
    if traits.contains(.ordersStores) { vcpus[vcpu].storeOrder = record &+ 1 }
    if traits.contains(.ordersStoresBeforeLoads) { vcpus[vcpu].fullOrder = record &+ 1 }
    if traits.contains(.isDSB) {
      if traits.contains(.ordersStores) {
        forEach(slotIn: vcpus[vcpu].stores, vcpu) { $0.synchronize(record &+ 1) }
        vcpus[vcpu].stores = 0
      }
      if traits.contains(.ordersLoads) {
        forEach(slotIn: vcpus[vcpu].looseLoads, vcpu) { $0.load.other = record &+ 1 }
        vcpus[vcpu].looseLoads = 0
      }
    }
    return traits.contains(.ordersLoads) ? complete(loadsOf: vcpu, record: record) : 0
  }

  /// The data of a vCPU's loads has come back.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - record: Record that shows it.
  /// - Returns: Slots of which this was not known, a bit each.
  mutating func complete(loadsOf vcpu: Int, record: UInt64) -> UInt64 {
    let loads = vcpus[vcpu].loads
    guard loads != 0 else { return 0 }
    forEach(slotIn: loads, vcpu) {
      if $0.load.completed == 0 { $0.load.completed = record &+ 1 }
      $0.loose.completed = record &+ 1
      $0.pushed(by: nil)
    }
    vcpus[vcpu].loads = 0
    return loads
  }

  /// A hole in the capture: what is known of earlier accesses may be wrong.
  mutating func forget() {
    for vcpu in 0..<count {
      vcpus[vcpu].stores = 0
      vcpus[vcpu].loads = 0
      vcpus[vcpu].looseLoads = 0
      for slot in 0..<slots.count { marks[slots.index(vcpu, slot: slot)] = Mark() }
    }
  }

  @inline(__always)
  private mutating func forEach(
    slotIn bits: UInt64, _ vcpu: Int, _ change: (inout Mark) -> Void
  ) {
    var left = bits
    while left != 0 {
      change(&marks[slots.index(vcpu, slot: left.trailingZeroBitCount)])
      left &= left &- 1
    }
  }
}

extension StoreMarks.Mark {
  @inline(__always)
  fileprivate mutating func store(
    _ entry: ResolvedClass, _ address: UInt64, _ record: UInt64, _ time: UInt64
  ) {
    if function != entry.function { self = Self(function: entry.function) }
    let side = StoreMarks.Side(entry, address, record, time)
    guard entry.isReordered else {
      strict = side
      return
    }
    weak = side
    if !side.type.gathers || entry.single64 { left = side }
    if unsynchronized.record == 0 { unsynchronized = side }
    if unflushed.record == 0 { unflushed = side }
  }

  /// A line of a function leaves; where another one has taken the place, it is forgotten.
  @inline(__always)
  fileprivate mutating func leave(_ line: StoreMarks.Side, _ owner: Int) {
    if function == owner { left = line }
  }

  /// A DSB waits for every store.
  fileprivate mutating func synchronize(_ barrier: UInt64) {
    if strict.completed == 0 { strict.completed = barrier }
    if weak.completed == 0 { weak.completed = barrier }
    if unflushed.completed == 0 { unflushed.completed = barrier }
    if left.completed == 0 { left.completed = barrier }
    unsynchronized = StoreMarks.Side()
  }

  @inline(__always)
  fileprivate mutating func load(
    _ entry: ResolvedClass, _ address: UInt64, _ record: UInt64, _ time: UInt64,
    _ isDone: Bool, _ fullOrder: UInt64
  ) {
    if function != entry.function { self = Self(function: entry.function) }
    load = StoreMarks.Side(entry, address, record, time)
    let back = record &+ 1
    if isDone { load.completed = back } else { loose = load }
    // Device types that keep order arrive as the program has them (Arm ARM DDI 0487, B2.4.1, rule
    // A); all else takes a barrier, or the same bytes.
    if strict.record > 0 {
      strict.follow(entry, address, back, !entry.isReordered ? .max : fullOrder)
    }
    if weak.record > 0 { weak.follow(entry, address, back, fullOrder) }
    if left.record > 0 { left.follow(entry, address, back, fullOrder) }
    if unsynchronized.record > 0 { unsynchronized.follow(entry, address, back, fullOrder) }
    if unflushed.record > 0 { unflushed.follow(entry, address, back, fullOrder) }
    if isDone { pushed(by: back) }
  }

  /// The data of loads behind the stores has come back: of one load, as record + 1, or of all.
  @inline(__always)
  fileprivate mutating func pushed(by load: UInt64?) {
    if strict.isBehind(load) { strict.isReadBack = true }
    if weak.isBehind(load) { weak.isReadBack = true }
    if left.isBehind(load) { left.isReadBack = true }
    // Of those in between the last one, and the last that left, are known.
    let rest = weak.isReadBack ? StoreMarks.Side() : weak
    if unsynchronized.isBehind(load) {
      unsynchronized = weak.completed == 0 ? rest : StoreMarks.Side()
    }
    if unflushed.isBehind(load) { unflushed = rest }
  }
}

extension StoreMarks.Side {
  /// A load comes behind the store: it cannot pass it where a barrier between the two orders them,
  /// or where they have bytes in common.
  @inline(__always)
  fileprivate mutating func follow(
    _ entry: ResolvedClass, _ address: UInt64, _ load: UInt64, _ fullOrder: UInt64
  ) {
    guard !isReadBack, fullOrder > record || overlaps(entry, address) else { return }
    other = load
  }

  /// A load that cannot pass the store is this one, or any.
  @inline(__always)
  fileprivate func isBehind(_ load: UInt64?) -> Bool {
    other > 0 && (load == nil || load == other)
  }

  /// A line, by the store that opened it.
  @inline(__always)
  fileprivate init(_ line: GatherBuffers.Line) {
    let first = line.mask.trailingZeroBitCount
    self.init(
      record: line.firstRecord &+ 1, time: line.opened,
      address: line.address &+ UInt64(truncatingIfNeeded: first),
      size: UInt8(truncatingIfNeeded: 128 &- line.mask.leadingZeroBitCount &- first),
      type: line.type, region: Int32(truncatingIfNeeded: line.region))
  }

  @inline(__always)
  fileprivate func overlaps(_ entry: ResolvedClass, _ address: UInt64) -> Bool {
    address < self.address &+ UInt64(size)
      && self.address < address &+ UInt64(truncatingIfNeeded: entry.size)
  }

  @inline(__always)
  fileprivate init(
    _ entry: ResolvedClass, _ address: UInt64, _ record: UInt64, _ time: UInt64
  ) {
    self.init(
      record: record &+ 1, time: time, address: address,
      size: UInt8(truncatingIfNeeded: entry.size), type: entry.type,
      region: Int32(truncatingIfNeeded: entry.region))
  }
}
