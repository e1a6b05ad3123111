import TraceCore

// A Device store and a gathered store behind it: which of both arrives first?
//
// No rule of the architecture orders them without a barrier (Arm ARM DDI 0487, B2.4.1 "Peripheral
// arrival order"). Besides a barrier between both, these do: that the gathered store is a
// store-release; a store-release, the Device store or one behind it, that a load-acquire follows;
// and a nGnRnE or nGnRE load of the same function, before which the Device store arrives
// by rule A, and which a barrier or its being an acquire orders before the gathered store.
extension OrderTracker {
  /// A vCPU's last Device store to a function.
  struct DeviceMark: BitwiseCopyable {
    static let keepsOrder: UInt64 = 1
    static let isRelease: UInt64 = 2

    /// ``key(_:keepsOrder:isRelease:)``; `.max` without a store.
    var key = UInt64.max
    var record: UInt64 = 0
    /// `.max` where later gathered stores are known to be ordered, or one was told of.
    var storeEpoch = UInt64.max

    /// Number of the function shifted by two, and the two bits above: the store is nGnRnE or nGnRE
    /// and so arrives before later loads of these types; it is a store-release.
    @inline(__always)
    static func key(_ function: Int, keepsOrder: Bool, isRelease: Bool) -> UInt64 {
      UInt64(truncatingIfNeeded: function) &<< 2 | (keepsOrder ? Self.keepsOrder : 0)
        | (isRelease ? Self.isRelease : 0)
    }

    /// The store goes to this function.
    func isOf(_ function: Int) -> Bool { key >> 2 == UInt64(truncatingIfNeeded: function) }
  }

  /// What may order a Device store besides a barrier for stores; valid for one mark's record.
  struct DeviceFollower: BitwiseCopyable {
    var record = UInt64.max
    /// Load barriers of the vCPU before the first load that the Device store arrives before;
    /// `.max` without one.
    var loadBarriers = UInt64.max
    /// Load-acquires of the vCPU before the Device store, where that is a store-release.
    var acquires: UInt64 = 0
  }

  /// Remembers what came before a Device store that is a store-release.
  mutating func follow(_ index: Int, release record: UInt64, _ vcpu: Int) {
    deviceFollowers[index] = DeviceFollower(record: record, acquires: vcpus[vcpu].acquires)
  }

  /// A nGnRnE or nGnRE load takes the Device store before it along: where something orders the
  /// load, it orders the store as well.
  mutating func follow(_ index: Int, _ function: Int, _ vcpu: Int, isAcquire: Bool) {
    let mark = marks[index].device
    guard mark.isOf(function), mark.key & DeviceMark.keepsOrder != 0 else { return }
    if isAcquire {
      marks[index].device.storeEpoch = .max
      return
    }
    if deviceFollowers[index].record != mark.record {
      deviceFollowers[index] = DeviceFollower(record: mark.record)
    }
    if deviceFollowers[index].loadBarriers == .max {
      deviceFollowers[index].loadBarriers = vcpus[vcpu].loadBarriers
    }
  }

  /// The Device store that a gathered store to this function may overtake; told once.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: The function that the gathered store goes to.
  /// - Returns: Record of the Device store; nil where none may be overtaken.
  mutating func overtakenDevice(_ vcpu: Int, _ function: Int) -> UInt64? {
    let index = index(vcpu, function)
    let mark = marks[index].device
    guard mark.isOf(function), mark.storeEpoch == vcpus[vcpu].storeEpoch,
      mark.record >= vcpus[vcpu].ordered
    else { return nil }
    let follower = deviceFollowers[index]
    if follower.record == mark.record {
      let isFollowed = follower.loadBarriers != .max
      if isFollowed, follower.loadBarriers != vcpus[vcpu].loadBarriers { return nil }
      let isRelease = mark.key & DeviceMark.isRelease != 0
      if isRelease, follower.acquires != vcpus[vcpu].acquires { return nil }
    }
    marks[index].device.storeEpoch = .max
    return mark.record
  }
}
