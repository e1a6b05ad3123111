import TraceCore

// What store-releases and load-acquires order.
//
// A store-release is behind all that precedes it, a load-acquire ahead of all that follows, and the
// former ahead of the latter; but arrival at a device wants two accesses Barrier-ordered-before each
// other *themselves* (Arm ARM DDI 0487, B2.4.1 "Peripheral arrival order", rule C), so that what
// orders a pair goes to the same function. Through other memory an order is followed for Device
// types other than GRE alone (rule B).
extension OrderTracker {
  /// A vCPU's store-releases to a function; records plus one, so that 0 is none.
  struct ReleaseMark: BitwiseCopyable {
    /// The later access of a pair: of a Device type that rule B covers, of one that gathers, or a
    /// load-acquire.
    enum Point { case device, gathered, acquire }

    var function: Int32 = -1
    /// The last one, and the last one to a Device type that rule B covers.
    var last: UInt64 = 0
    var device: UInt64 = 0
    /// The last one that a load-acquire of the function followed, which is ahead of anything; and
    /// the last one to a Device type that any load-acquire did.
    var acquired: UInt64 = 0
    var deviceAcquired: UInt64 = 0
  }

  /// A store-release orders what is before it, but with itself alone: what follows may overtake both.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: Where it goes; nil of what is no peripheral of a function, as config space.
  ///   - record: Its record.
  ///   - isDevice: Its type is nGnRnE, nGnRE or nGRE.
  mutating func released(_ vcpu: Int, _ function: Int?, record: UInt64, isDevice: Bool) {
    vcpus[vcpu].release = record + 1
    guard let function else { return }
    releases.grow(to: marks.count, repeating: ReleaseMark())
    let index = index(vcpu, function)
    if releases[index].function != Int32(truncatingIfNeeded: function) {
      // What was known of this function may have been displaced: what came before is taken as ordered.
      let known = releases[index].function < 0 ? 0 : record
      releases[index] = ReleaseMark(
        function: Int32(truncatingIfNeeded: function), acquired: known, deviceAcquired: known)
    }
    releases[index].settle(vcpus[vcpu].acquire)
    releases[index].last = record + 1
    if isDevice { releases[index].device = record + 1 }
  }

  /// A load-acquire comes behind an earlier store-release, and before all that follows.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: What it reads; nil as of ``released(_:_:record:isDevice:)``.
  ///   - record: Its record.
  mutating func acquired(_ vcpu: Int, _ function: Int?, record: UInt64) {
    vcpus[vcpu].acquire = record + 1
    guard let function else { return }
    let index = index(vcpu, function)
    guard index < releases.count,
      releases[index].function == Int32(truncatingIfNeeded: function)
    else { return }
    releases[index].acquired = releases[index].last
  }

  /// Whether a store is ordered before an access to its function by releases and acquires alone.
  ///
  /// - Parameters:
  ///   - record: The store's.
  ///   - point: The access.
  ///   - vcpu: Whose they are.
  ///   - index: Of the function.
  ///   - function: The function.
  /// - Returns: true also where the slot has been another function's since.
  @inline(__always)
  func isReleased(
    _ record: UInt64, before point: ReleaseMark.Point, _ vcpu: Int, _ index: Int, _ function: Int
  ) -> Bool {
    // Most have no release behind them.
    guard record < vcpus[vcpu].release, index < releases.count else { return false }
    return record < releases[index].bound(point, function, acquire: vcpus[vcpu].acquire)
  }
}

extension OrderTracker.ReleaseMark {
  /// Remembers what an acquire has followed before there is another release.
  fileprivate mutating func settle(_ acquire: UInt64) {
    if device > 0, device <= acquire { deviceAcquired = device }
  }

  /// Stores of records below this are ordered.
  fileprivate func bound(_ point: Point, _ wanted: Int, acquire: UInt64) -> UInt64 {
    guard function == Int32(truncatingIfNeeded: wanted) else { return function < 0 ? 0 : .max }
    return switch point {
    case .gathered: acquired
    case .device: max(acquired, deviceAcquired, device <= acquire ? device : 0)
    case .acquire: last
    }
  }
}
