import ArmMemory
import Hazards
import TraceCore

/// Granules that are used through two memory types with nothing to order both uses.
///
/// Looked at are only accesses whose type something asked for, and only where a granule can have
/// two: the capture holds each access's stage-1 byte, or windows overlap. The last use of each of
/// ``RecentUses/limit`` granules is remembered; what lies further back is missed, never invented.
/// Types are compared as ``MemoryType``: a difference of FEAT_XS's attribute or of allocation hints
/// alone is not seen.
struct AliasTracker: ~Copyable {
  /// The last use of a granule.
  struct Use: BitwiseCopyable {
    /// `.max` where there is none.
    var line = UInt64.max
    var record: UInt64 = 0
    var vcpu: Int32 = 0
    var type = MemoryType.deviceNGnRnE
    var isStore = false
    /// A load-acquire: it is ordered before whatever follows on its vCPU.
    var isAcquire = false
    /// A store-release: it is ordered behind whatever came before on its vCPU.
    var isRelease = false
  }

  /// What a vCPU's barriers have ordered: records below these are.
  struct Ordered: BitwiseCopyable {
    /// Stores before later stores.
    var stores: UInt64 = 0
    /// Stores before later loads.
    var storesBeforeLoads: UInt64 = 0
    /// Loads before later accesses.
    var loads: UInt64 = 0
    /// Anything before the last store-release, itself included.
    var release: UInt64 = 0
    /// The vCPU ordered something there, as two vCPUs do that take turns.
    var any: UInt64 = 0
  }

  private var uses = RecentUses()
  private var ordered = FixedBuffer<Ordered>(repeating: Ordered(), count: 0)

  /// Accesses will be looked at; to be said before the first one.
  private(set) var isUsed = false

  mutating func grow(vcpus: Int) { ordered.grow(to: vcpus, repeating: Ordered()) }

  mutating func use() {
    isUsed = true
    uses.makeRoom()
  }

  // MARK: What orders uses

  /// A barrier; accesses of records below `record` come before it.
  mutating func barrier(_ vcpu: Int, _ traits: ResolvedClass.Traits, record: UInt64) {
    if traits.contains(.ordersStores) { ordered[vcpu].stores = record }
    if traits.contains(.ordersStoresBeforeLoads) { ordered[vcpu].storesBeforeLoads = record }
    if traits.contains(.ordersLoads) { ordered[vcpu].loads = record }
    if !traits.isDisjoint(with: [.ordersStores, .ordersLoads]) { ordered[vcpu].any = record }
  }

  mutating func released(_ vcpu: Int, record: UInt64) {
    ordered[vcpu].release = record + 1
    ordered[vcpu].any = record
  }

  /// An acquire or release at memory that is not recorded: the vCPU may have taken its turn.
  mutating func orderedElsewhere(_ vcpu: Int, record: UInt64) { ordered[vcpu].any = record }

  /// A load-acquire comes behind an earlier store-release, and before all that follows.
  mutating func acquired(_ vcpu: Int, record: UInt64) {
    let release = ordered[vcpu].release
    ordered[vcpu].stores = max(ordered[vcpu].stores, release)
    ordered[vcpu].storesBeforeLoads = max(ordered[vcpu].storesBeforeLoads, release)
    ordered[vcpu].loads = max(ordered[vcpu].loads, release)
    ordered[vcpu].any = record
  }

  /// A hole in the capture may have held a barrier.
  mutating func forget() { uses.forget() }

  // MARK: Uses

  /// Takes a use's place as the last one of its granule.
  ///
  /// - Parameter use: The use; its record is the last one of a run that touches the granule.
  /// - Returns: The use before where it had another type and nothing orders the two.
  mutating func meet(_ use: Use) -> Use? {
    guard let before = uses.exchange(use), before.type != use.type, !isOrdered(before, use) else {
      return nil
    }
    return before
  }

  private func isOrdered(_ before: Use, _ use: Use) -> Bool {
    let (first, second) = (ordered[Int(before.vcpu)], ordered[Int(use.vcpu)])
    guard before.vcpu == use.vcpu else {
      // Both have to take part.
      return (before.isAcquire || first.any > before.record) && second.any > before.record
    }
    if use.isRelease { return true }
    guard before.isStore else { return before.isAcquire || first.loads > before.record }
    return (use.isStore ? first.stores : first.storesBeforeLoads) > before.record
  }
}

/// The last use of each of the granules that came last.
///
/// Which granule makes room hangs on the order in which they came alone, never on addresses: a
/// capture whose regions lie elsewhere has the same findings.
private struct RecentUses: ~Copyable {
  typealias Use = AliasTracker.Use

  /// Granules that are remembered.
  static let limit = 4096
  private static let slots = 4 * limit
  private static let empty = UInt16.max

  /// In the order in which their granules came, in a ring.
  private var uses = FixedBuffer<Use>(repeating: Use(), count: 0)
  /// Places in the ring by a hash of the granule, linearly probed.
  ///
  /// A granule that had to go leaves its place behind, where another one is found then; each time the
  /// ring has gone round all are entered anew.
  private var places = FixedBuffer<UInt16>(repeating: empty, count: 0)
  /// Place of the granule that came longest ago, or that is free.
  private var oldest = 0

  mutating func makeRoom() {
    uses.grow(to: Self.limit, repeating: Use())
    places.grow(to: Self.slots, repeating: Self.empty)
  }

  mutating func forget() {
    for place in 0..<uses.count { uses[place] = Use() }
    clear()
  }

  private mutating func clear() {
    for slot in 0..<places.count { places[slot] = Self.empty }
  }

  /// Takes the place of the granule's use before; nil where none is remembered.
  @inline(__always)
  mutating func exchange(_ use: Use) -> Use? {
    var slot = Self.slot(use.line)
    while places[slot] != Self.empty {
      let place = Int(places[slot])
      if uses[place].line == use.line {
        let before = uses[place]
        uses[place] = use
        return before
      }
      slot = (slot &+ 1) & (Self.slots &- 1)
    }
    places[slot] = UInt16(truncatingIfNeeded: oldest)
    uses[oldest] = use
    oldest &+= 1
    if oldest == Self.limit { goRound() }
    return nil
  }

  @inline(never)
  private mutating func goRound() {
    oldest = 0
    clear()
    for place in 0..<Self.limit {
      var slot = Self.slot(uses[place].line)
      while places[slot] != Self.empty { slot = (slot &+ 1) & (Self.slots &- 1) }
      places[slot] = UInt16(truncatingIfNeeded: place)
    }
  }

  /// The highest bits of a product with an odd number near 2^64 divided by the golden ratio, which
  /// spreads the lines of 64 bytes that follow each other evenly.
  @inline(__always)
  private static func slot(_ line: UInt64) -> Int {
    Int(truncatingIfNeeded: (line >> 6 &* 0x9e37_79b9_7f4a_7c15) >> 50)
  }
}

extension Engine {
  /// Looks for another use of the granules that a run of accesses touches.
  mutating func meetAlias(_ entry: ResolvedClass, _ address: UInt64, _ count: Int) {
    guard aliases.isUsed else { return }
    let size = UInt64(entry.size)
    let lineBytes = UInt64(cpu.lineBytes)
    let shift = size.trailingZeroBitCount
    let isPower = size == 1 << UInt64(shift)
    let end = address + size * UInt64(count)
    var line = address & ~(lineBytes - 1)
    while line < end {
      let bytes = min(end, line + lineBytes) - 1 - address
      let last = isPower ? bytes >> UInt64(shift) : bytes / size
      var use = AliasTracker.Use(line: line, record: record + last)
      use.vcpu = Int32(truncatingIfNeeded: entry.vcpu)
      use.type = entry.type
      use.isStore = entry.isWrite
      use.isAcquire = entry.acquire
      use.isRelease = entry.release
      if let before = aliases.meet(use) {
        let first = line > address ? (line - address) / size : 0
        let types = TypePair(
          before: before.type, after: entry.type, crosses: before.vcpu != use.vcpu)
        log.add(
          .mismatchedAlias,
          Incident(
            record: record + first, region: entry.region, vcpu: entry.vcpuName,
            first: before.record, second: types.rawValue))
      }
      line += lineBytes
    }
  }
}

/// Which regions share a granule with another one.
struct RegionOverlaps {
  private var shared: Set<Int> = []
  private var known = 0

  /// Whether a region has a granule in common with another.
  ///
  /// - Parameters:
  ///   - id: The region.
  ///   - regions: All regions; looked at again when there are more.
  ///   - lineBytes: Bytes of a granule.
  /// - Returns: true where it has.
  mutating func contains(_ id: RegionID, in regions: RegionTable, lineBytes: Int) -> Bool {
    if known != regions.count {
      known = regions.count
      shared = Self.find(regions.regions, UInt64(lineBytes))
    }
    return shared.contains(id.index)
  }

  /// Windows in the order of their addresses: each is compared with the one that reaches furthest.
  private static func find(_ regions: [Region], _ lineBytes: UInt64) -> Set<Int> {
    let windows = regions.indices.filter { regions[$0].size > 0 && regions[$0].kind != .config }
      .sorted { regions[$0].base < regions[$1].base }
    var shared: Set<Int> = []
    var furthest: (index: Int, line: UInt64)?
    for index in windows {
      let (base, size) = (regions[index].base, regions[index].size)
      let last = base &+ (size - 1)
      let line = (last < base ? .max : last) / lineBytes
      if let before = furthest, base / lineBytes <= before.line {
        shared.formUnion([before.index, index])
      }
      if line > furthest?.line ?? 0 || furthest == nil { furthest = (index, line) }
    }
    return shared
  }
}
