import ArmMemory
import TraceCore

/// Each vCPU's stores to and last load from each function that matter at a reset, and what has
/// ordered them since.
///
/// A vCPU remembers 32 functions, and 32 regions without one; with more than that an access may be
/// forgotten, so that a finding may be missed, never invented. Records are kept plus one, so that 0
/// is none.
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
    var load = Side()

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

  static let functions = 64
  private var marks = FixedBuffer<Mark>(repeating: Mark(), count: 0)
  private var vcpus = FixedBuffer<VCPU>(repeating: VCPU(), count: 0)
  /// vCPUs.
  private(set) var count = 0

  mutating func grow(vcpus newCount: Int) {
    marks.grow(to: newCount * Self.functions, repeating: Mark())
    vcpus.grow(to: newCount, repeating: VCPU())
    count = max(count, newCount)
  }

  subscript(vcpu: Int, slot: Int) -> Mark { marks[vcpu &* Self.functions &+ slot] }

  /// The vCPU's last barrier that orders earlier stores, as record + 1.
  func storeOrder(_ vcpu: Int) -> UInt64 { vcpus[vcpu].storeOrder }

  /// Where a function is remembered; regions without one are kept apart from those that have one.
  @inline(__always)
  static func slot(_ function: Int) -> Int {
    function & 31 | (function < ReplayTables.unknownFunction ? 0 : 32)
  }

  /// Remembers stores.
  ///
  /// - Parameters:
  ///   - entry: Their class.
  ///   - address: The last one's address.
  ///   - record: The last one's record.
  ///   - time: Its time in ns.
  @inline(__always)
  mutating func stored(_ entry: ResolvedClass, _ address: UInt64, record: UInt64, time: UInt64) {
    let slot = Self.slot(entry.function)
    vcpus[entry.vcpu].stores |= 1 &<< UInt64(truncatingIfNeeded: slot)
    marks[entry.vcpu &* Self.functions &+ slot].store(entry, address, record, time)
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
    let (slot, vcpu) = (Self.slot(entry.function), entry.vcpu)
    let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: slot)
    if !isDone { vcpus[vcpu].loads |= bit }
    vcpus[vcpu].looseLoads |= bit
    let fullOrder = vcpus[vcpu].fullOrder
    marks[vcpu &* Self.functions &+ slot].load(entry, address, record, time, isDone, fullOrder)
  }

  /// Takes a barrier of a vCPU.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - traits: What it orders, and whether it is a DSB.
  ///   - record: Its record.
  /// - Returns: Slots whose last load it completes, a bit each.
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
      $0.load.completed = record &+ 1
      $0.pushed()
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
      for slot in 0..<Self.functions { marks[vcpu &* Self.functions &+ slot] = Mark() }
    }
  }

  @inline(__always)
  private mutating func forEach(
    slotIn bits: UInt64, _ vcpu: Int, _ change: (inout Mark) -> Void
  ) {
    var left = bits
    while left != 0 {
      change(&marks[vcpu &* Self.functions &+ left.trailingZeroBitCount])
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
    if unsynchronized.record == 0 { unsynchronized = side }
    if unflushed.record == 0 { unflushed = side }
  }

  /// A DSB waits for every store.
  fileprivate mutating func synchronize(_ barrier: UInt64) {
    if strict.completed == 0 { strict.completed = barrier }
    if weak.completed == 0 { weak.completed = barrier }
    if unflushed.completed == 0 { unflushed.completed = barrier }
    unsynchronized = StoreMarks.Side()
  }

  @inline(__always)
  fileprivate mutating func load(
    _ entry: ResolvedClass, _ address: UInt64, _ record: UInt64, _ time: UInt64,
    _ isDone: Bool, _ fullOrder: UInt64
  ) {
    if function != entry.function { self = Self(function: entry.function) }
    load = StoreMarks.Side(entry, address, record, time)
    if isDone { load.completed = record &+ 1 }
    let back = record &+ 1
    // Device types that keep order arrive as the program has them (Arm ARM DDI 0487, B2.4.1, rule
    // A); all else takes a barrier, or the same bytes.
    if strict.record > 0,
      !entry.isReordered || fullOrder > strict.record || strict.overlaps(entry, address)
    {
      strict.other = back
    }
    if weak.record > 0 { setBehind(entry, address, back, fullOrder) }
    if isDone { pushed() }
  }

  private mutating func setBehind(
    _ entry: ResolvedClass, _ address: UInt64, _ back: UInt64, _ fullOrder: UInt64
  ) {
    if fullOrder > weak.record || weak.overlaps(entry, address) { weak.other = back }
    if unsynchronized.record > 0,
      fullOrder > unsynchronized.record || unsynchronized.overlaps(entry, address)
    {
      unsynchronized.other = back
    }
    if unflushed.record > 0, fullOrder > unflushed.record || unflushed.overlaps(entry, address) {
      unflushed.other = back
    }
  }

  /// The data of the loads behind the stores has come back.
  @inline(__always)
  fileprivate mutating func pushed() {
    strict.isReadBack = strict.other > 0
    weak.isReadBack = weak.other > 0
    // Of those in between the last one is known.
    let rest = weak.isReadBack ? StoreMarks.Side() : weak
    if unsynchronized.other > 0 { unsynchronized = weak.completed == 0 ? rest : StoreMarks.Side() }
    if unflushed.other > 0 { unflushed = rest }
  }
}

extension StoreMarks.Side {
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
