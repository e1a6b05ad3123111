import TraceCore

/// Gathered and Device stores that no barrier has ordered yet, by vCPU and function.
///
/// Each vCPU remembers its last gathered and its last Device store to each function that
/// ``FunctionSlots`` keep apart; a barrier makes them all old by raising the vCPU's epoch. With
/// more functions than that a finding may be missed, never invented; the counter
/// `functions_sharing_marks` tells.
struct OrderTracker: ~Copyable {
  /// A vCPU's last stores to a function, and the epochs that they happened in: one cache line.
  struct Mark: BitwiseCopyable {
    /// The function of the gathered store.
    var function: Int32 = -1
    /// A Device store, or load, that may overtake it was told of.
    var isStoreTold = false
    var isLoadTold = false
    /// Later nGnRnE and nGnRE stores, or loads, are behind one that the gathered store is ordered
    /// with (rule A).
    var ordersStrictStores = false
    var ordersStrictLoads = false
    var record: UInt64 = 0
    var storeEpoch: UInt64 = .max
    var loadEpoch: UInt64 = .max
    var device = DeviceMark()

    @inline(__always)
    func isOf(_ other: Int) -> Bool { function == Int32(truncatingIfNeeded: other) }
  }

  /// A vCPU's barriers so far, and its number in the trace.
  struct VCPU: BitwiseCopyable {
    var storeEpoch: UInt64 = 0
    var loadEpoch: UInt64 = 0
    /// Barriers that order earlier loads before later accesses.
    var loadBarriers: UInt64 = 0
    /// One more than the records of the last store-release and the last load-acquire.
    var release: UInt64 = 0
    var acquire: UInt64 = 0
    var name: UInt16 = 0
  }

  /// A vCPU's last Device-GRE store: a load of its bytes with the same type cannot overtake it.
  struct GREStore: BitwiseCopyable {
    var record = UInt64.max
    var address: UInt64 = 0
    var size = 0

    func isOverlapped(by address: UInt64, _ size: Int) -> Bool {
      address < self.address + UInt64(self.size) && self.address < address + UInt64(size)
    }
  }

  private(set) var slots = FunctionSlots()
  var marks = FixedBuffer<Mark>(repeating: Mark(), count: 0)
  var vcpus = FixedBuffer<VCPU>(repeating: VCPU(), count: 0)
  var deviceFollowers = FixedBuffer<DeviceFollower>(repeating: DeviceFollower(), count: 0)
  /// With room where there was a store-release, and a Device-GRE store: most traces have none.
  var releases = FixedBuffer<ReleaseMark>(repeating: ReleaseMark(), count: 0)
  private var greStores = FixedBuffer<GREStore>(repeating: GREStore(), count: 0)

  mutating func grow(vcpus count: Int, _ newSlots: FunctionSlots) {
    let (old, new) = (slots.count, newSlots.count)
    marks.grow(rows: count, from: old, to: new, repeating: Mark())
    deviceFollowers.grow(rows: count, from: old, to: new, repeating: DeviceFollower())
    if releases.count > 0 {
      releases.grow(rows: count, from: old, to: new, repeating: ReleaseMark())
    }
    if greStores.count > 0 {
      greStores.grow(rows: count, from: old, to: new, repeating: GREStore())
    }
    slots = newSlots
    vcpus.grow(to: count, repeating: VCPU())
  }

  /// The vCPU's number in the trace.
  func name(_ vcpu: Int) -> UInt16 { vcpus[vcpu].name }
  mutating func setName(_ vcpu: Int, _ name: UInt16) { vcpus[vcpu].name = name }

  /// A barrier that orders earlier stores before later ones, and before later loads, or not.
  @inline(__always)
  mutating func barrier(_ vcpu: Int, stores: Bool, loads: Bool) {
    if stores { vcpus[vcpu].storeEpoch &+= 1 }
    if loads { vcpus[vcpu].loadEpoch &+= 1 }
  }

  /// The vCPU's earlier loads are ordered before its later accesses.
  @inline(__always)
  mutating func loadsOrdered(_ vcpu: Int) { vcpus[vcpu].loadBarriers &+= 1 }

  /// A hole in the capture may have held a barrier.
  mutating func forget(_ vcpu: Int) { barrier(vcpu, stores: true, loads: true) }

  /// Remembers a Device-GRE store.
  mutating func storedGRE(_ vcpu: Int, _ function: Int, _ store: GREStore) {
    greStores.grow(to: marks.count, repeating: GREStore())
    greStores[index(vcpu, function)] = store
  }

  /// The vCPU's last Device-GRE store to a function.
  func greStore(_ vcpu: Int, _ function: Int) -> GREStore {
    let index = index(vcpu, function)
    return index < greStores.count ? greStores[index] : GREStore()
  }

  /// Remembers gathered stores.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: The function that they go to.
  ///   - record: The last one's record.
  ///   - isRelease: They are store-releases: what is before them is ordered.
  /// - Returns: Whether ``overtakenDevice(_:_:)`` is worth asking.
  @inline(__always)
  mutating func gathered(
    _ vcpu: Int, _ function: Int, record: UInt64, isRelease: Bool
  ) -> Bool {
    let (stores, loads) = (vcpus[vcpu].storeEpoch, vcpus[vcpu].loadEpoch)
    let mayOvertake = marks[index(vcpu, function)].gather(function, record, stores, loads)
    return mayOvertake && !isRelease
  }

  /// Remembers Device stores, and says which gathered store they may overtake; told once.
  ///
  /// Where the two are ordered, a nGnRnE or nGnRE store takes the gathered one along: it arrives
  /// before later Device loads of these types from the function, and so does what it is behind (Arm
  /// ARM DDI 0487, B2.4.1 "Peripheral arrival order", rule C, then rule A).
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: The function that the Device stores go to.
  ///   - last: The last one's record.
  ///   - keepsOrder: They are nGnRnE or nGnRE.
  ///   - isRelease: They are store-releases.
  /// - Returns: Record of the gathered store; nil where none may be overtaken.
  @inline(__always)
  mutating func deviceStored(
    _ vcpu: Int, _ function: Int, last: UInt64, keepsOrder: Bool, isRelease: Bool
  ) -> UInt64? {
    let index = index(vcpu, function)
    if isRelease { released(vcpu, function, record: last, isDevice: true) }
    let epoch = vcpus[vcpu].storeEpoch
    marks[index].device = DeviceMark(
      key: DeviceMark.key(function, keepsOrder: keepsOrder), record: last, storeEpoch: epoch)
    guard marks[index].isOf(function) else { return nil }
    guard marks[index].storeEpoch == epoch, !isRelease,
      !(keepsOrder && marks[index].ordersStrictStores),
      !isReleased(marks[index].record, before: .device, vcpu, index, function)
    else {
      if keepsOrder { marks[index].ordersStrictLoads = true }
      if keepsOrder, isRelease { marks[index].ordersStrictStores = true }
      return nil
    }
    guard !marks[index].isStoreTold else { return nil }
    marks[index].isStoreTold = true
    return marks[index].record
  }

  /// The gathered store that a Device load from this function may overtake, if that was not told of.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: The function that the load reads.
  ///   - drains: The CPU sends gathered stores out first.
  ///   - keepsOrder: The load is nGnRnE or nGnRE.
  ///   - isGRE: It is Device-GRE, which rule B does not cover.
  ///   - isAcquire: It is a load-acquire.
  /// - Returns: Record of the gathered store; nil where none may be overtaken.
  @inline(__always)
  mutating func deviceLoaded(
    _ vcpu: Int, _ function: Int, drains: Bool, keepsOrder: Bool, isGRE: Bool, isAcquire: Bool
  ) -> UInt64? {
    let index = index(vcpu, function)
    if keepsOrder, marks[index].device.storeEpoch == vcpus[vcpu].storeEpoch {
      follow(index, function, vcpu, isAcquire: isAcquire)
    }
    guard marks[index].loadEpoch == vcpus[vcpu].loadEpoch, marks[index].isOf(function), !drains
    else { return nil }
    guard !(keepsOrder && marks[index].ordersStrictLoads) else {
      // What a barrier or its being an acquire orders behind this load is not followed up.
      marks[index].storeEpoch = .max
      marks[index].loadEpoch = .max
      return nil
    }
    let point: ReleaseMark.Point = isAcquire ? .acquire : isGRE ? .gathered : .device
    guard !marks[index].isLoadTold,
      !isReleased(marks[index].record, before: point, vcpu, index, function)
    else { return nil }
    return marks[index].record
  }

  /// What ``deviceLoaded(_:_:drains:keepsOrder:isGRE:isAcquire:)`` gave was told of.
  mutating func tellOfLoad(_ vcpu: Int, _ function: Int) {
    marks[index(vcpu, function)].isLoadTold = true
  }

  @inline(__always)
  func index(_ vcpu: Int, _ function: Int) -> Int {
    slots.index(vcpu, slot: slots.slot(function))
  }
}

extension OrderTracker.Mark {
  /// Takes a gathered store; says whether there is a Device store of this epoch.
  @inline(__always)
  fileprivate mutating func gather(
    _ newFunction: Int, _ newRecord: UInt64, _ stores: UInt64, _ loads: UInt64
  ) -> Bool {
    function = Int32(truncatingIfNeeded: newFunction)
    (isStoreTold, isLoadTold) = (false, false)
    (ordersStrictStores, ordersStrictLoads) = (false, false)
    record = newRecord
    storeEpoch = stores
    loadEpoch = loads
    return device.storeEpoch == stores
  }
}
