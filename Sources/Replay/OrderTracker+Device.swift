import TraceCore

// A Device store and a gathered store behind it: which of both arrives first?
//
// No rule of the architecture orders them without a barrier (Arm ARM DDI 0487, B2.4.1 "Peripheral
// arrival order"). Besides a barrier between both, these do: that the gathered store is a
// store-release; a store-release to the same function, the Device store or one behind it, that a
// load-acquire of the same function follows; and a nGnRnE or nGnRE load of the same function, before
// which the Device store arrives by rule A, and which a barrier or its being an acquire orders before
// the gathered store.
extension OrderTracker {
  /// A vCPU's last Device store to a function.
  struct DeviceMark: BitwiseCopyable {
    static let keepsOrder: UInt64 = 1

    /// ``key(_:keepsOrder:)``; `.max` without a store.
    var key = UInt64.max
    var record: UInt64 = 0
    /// `.max` where later gathered stores are known to be ordered, or one was told of.
    var storeEpoch = UInt64.max

    /// Number of the function shifted by one, and the bit above: the store is nGnRnE or nGnRE and so
    /// arrives before later loads of these types.
    @inline(__always)
    static func key(_ function: Int, keepsOrder: Bool) -> UInt64 {
      UInt64(truncatingIfNeeded: function) &<< 1 | (keepsOrder ? Self.keepsOrder : 0)
    }

    /// The store goes to this function.
    func isOf(_ function: Int) -> Bool { key >> 1 == UInt64(truncatingIfNeeded: function) }
  }

  /// What may order a Device store besides a barrier for stores; valid for one mark's record.
  struct DeviceFollower: BitwiseCopyable {
    var record = UInt64.max
    /// Load barriers of the vCPU before the first load that the Device store arrives before;
    /// `.max` without one.
    var loadBarriers = UInt64.max
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
      !isReleased(mark.record, before: .gathered, vcpu, index, function)
    else { return nil }
    let follower = deviceFollowers[index]
    if follower.record == mark.record, follower.loadBarriers != .max,
      follower.loadBarriers != vcpus[vcpu].loadBarriers
    {
      return nil
    }
    marks[index].device.storeEpoch = .max
    return mark.record
  }
}
