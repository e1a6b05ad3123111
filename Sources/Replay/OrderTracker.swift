import TraceCore

/// Gathered and Device stores that no barrier has ordered yet, by vCPU and function.
///
/// Each vCPU remembers its last gathered and its last Device store to each of up to 64 functions;
/// a barrier makes them all old by raising the vCPU's epoch. With more functions than that a
/// finding may be missed, never invented; the counter `functions_sharing_marks` tells.
struct OrderTracker: ~Copyable {
  /// A vCPU's last stores to a function, and the epochs that they happened in: one cache line.
  struct Mark: BitwiseCopyable {
    /// The function of the gathered store.
    var function = -1
    var record: UInt64 = 0
    var storeEpoch: UInt64 = .max
    /// `.max` where a later load is known to be ordered, or was told of.
    var loadEpoch: UInt64 = .max
    /// A Device store that may overtake it was told of.
    var isTold = false
    var device = DeviceMark()
  }

  /// A vCPU's barriers so far, and its number in the trace.
  struct VCPU: BitwiseCopyable {
    var storeEpoch: UInt64 = 0
    var loadEpoch: UInt64 = 0
    /// Barriers that order earlier loads before later accesses.
    var loadBarriers: UInt64 = 0
    /// One more than the record of the last store-release.
    var release: UInt64 = 0
    /// Stores of records below this are ordered before later loads: a load-acquire followed the
    /// store-release that they are not behind.
    var ordered: UInt64 = 0
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

  private static let functions = 64
  var marks = FixedBuffer<Mark>(repeating: Mark(), count: 0)
  var vcpus = FixedBuffer<VCPU>(repeating: VCPU(), count: 0)
  var deviceFollowers = FixedBuffer<DeviceFollower>(repeating: DeviceFollower(), count: 0)

  var greStores = FixedBuffer<GREStore>(repeating: GREStore(), count: 0)

  mutating func grow(vcpus count: Int) {
    greStores.grow(to: count, repeating: GREStore())
    marks.grow(to: count * Self.functions, repeating: Mark())
    vcpus.grow(to: count, repeating: VCPU())
    deviceFollowers.grow(to: count * Self.functions, repeating: DeviceFollower())
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

  /// A store-release orders what is before it, but with itself alone: what follows may overtake both
  /// (Arm ARM DDI 0487, B2.3 "Barrier-ordered-before").
  mutating func released(_ vcpu: Int, record: UInt64) { vcpus[vcpu].release = record + 1 }

  /// A load-acquire comes behind an earlier store-release, and before all that follows.
  mutating func acquired(_ vcpu: Int) { vcpus[vcpu].ordered = vcpus[vcpu].release }

  /// A hole in the capture may have held a barrier.
  mutating func forget(_ vcpu: Int) { barrier(vcpu, stores: true, loads: true) }

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
  /// Where a barrier orders the two instead, a nGnRnE or nGnRE store takes the gathered one along:
  /// it arrives before later Device loads from the function, and so does what it is behind (Arm
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
    if isRelease { released(vcpu, record: last) }
    let key = DeviceMark.key(function, keepsOrder: keepsOrder)
    let device = DeviceMark(key: key, record: last, storeEpoch: vcpus[vcpu].storeEpoch)
    return marks[index].deviceStored(
      function, device, keepsOrder, isRelease: isRelease, ordered: vcpus[vcpu].ordered)
  }

  /// The gathered store that a Device load from this function may overtake; told once.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: The function that the load reads.
  ///   - drains: The CPU sends gathered stores out first.
  ///   - keepsOrder: The load is nGnRnE or nGnRE.
  ///   - isAcquire: It is a load-acquire.
  /// - Returns: Record of the gathered store; nil where none may be overtaken.
  @inline(__always)
  mutating func deviceLoaded(
    _ vcpu: Int, _ function: Int, drains: Bool, keepsOrder: Bool, isAcquire: Bool
  ) -> UInt64? {
    let index = index(vcpu, function)
    if keepsOrder, marks[index].device.storeEpoch == vcpus[vcpu].storeEpoch {
      follow(index, function, vcpu, isAcquire: isAcquire)
    }
    guard marks[index].loadEpoch == vcpus[vcpu].loadEpoch, marks[index].function == function,
      !drains, marks[index].record >= (isAcquire ? vcpus[vcpu].release : vcpus[vcpu].ordered)
    else { return nil }
    marks[index].loadEpoch = .max
    return marks[index].record
  }

  @inline(__always)
  func index(_ vcpu: Int, _ function: Int) -> Int {
    vcpu &* Self.functions &+ function & (Self.functions - 1)
  }
}

extension OrderTracker.Mark {
  /// Takes a gathered store; says whether there is a Device store of this epoch.
  @inline(__always)
  fileprivate mutating func gather(
    _ newFunction: Int, _ newRecord: UInt64, _ stores: UInt64, _ loads: UInt64
  ) -> Bool {
    function = newFunction
    record = newRecord
    storeEpoch = stores
    loadEpoch = loads
    isTold = false
    return device.storeEpoch == stores
  }

  /// Takes a Device store; gives the gathered one that it may overtake.
  ///
  /// One that is a store-release takes the gathered one along, as does a nGnRnE or nGnRE store behind
  /// it, which arrives later (rule A).
  @inline(__always)
  fileprivate mutating func deviceStored(
    _ newFunction: Int, _ newDevice: OrderTracker.DeviceMark, _ keepsOrder: Bool,
    isRelease: Bool, ordered: UInt64
  ) -> UInt64? {
    device = newDevice
    guard function == newFunction else { return nil }
    guard storeEpoch == newDevice.storeEpoch, !isRelease, record >= ordered else {
      if keepsOrder { loadEpoch = .max }
      if keepsOrder, isRelease { storeEpoch = .max }
      return nil
    }
    guard !isTold else { return nil }
    isTold = true
    return record
  }
}
