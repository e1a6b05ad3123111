import TraceCore

/// Whether a store continues the same vCPU's store before it, for the `bursts` assumption.
struct BurstTracker: ~Copyable {
  /// Size of the vCPU's previous store, 0 where something else lies between.
  private var sizes = FixedBuffer<Int>(repeating: 0, count: 0)
  private var ends = FixedBuffer<UInt64>(repeating: 0, count: 0)

  mutating func grow(vcpus: Int) {
    sizes.grow(to: vcpus, repeating: 0)
    ends.grow(to: vcpus, repeating: 0)
  }

  /// Remembers `count` contiguous stores and says whether the first continues the one before.
  @inline(__always)
  mutating func continues(_ vcpu: Int, _ address: UInt64, size: Int, count: Int) -> Bool {
    let result = sizes[vcpu] == size && ends[vcpu] == address
    sizes[vcpu] = size
    ends[vcpu] = address &+ UInt64(truncatingIfNeeded: size &* count)
    return result
  }

  /// Something other than a store happened on the vCPU.
  @inline(__always)
  mutating func interrupt(_ vcpu: Int) { sizes[vcpu] = 0 }
}

/// Gathered stores that no barrier has ordered yet, by vCPU and function.
///
/// Each vCPU remembers its last gathered store to each of up to 64 functions; a barrier makes
/// them all old by raising the vCPU's epoch. With more functions than that a finding may be
/// missed, never invented.
struct OrderTracker: ~Copyable {
  /// A vCPU's last gathered store to a function, and the epochs that it happened in.
  struct Mark: BitwiseCopyable {
    var function = -1
    var record: UInt64 = 0
    var storeEpoch: UInt64 = .max
    /// `.max` where a later load is known to be ordered, or was told of.
    var loadEpoch: UInt64 = .max
    /// A Device store that may overtake it was told of.
    var isTold = false
  }

  /// A vCPU's barriers so far, and its number in the trace.
  struct VCPU: BitwiseCopyable {
    var storeEpoch: UInt64 = 0
    var loadEpoch: UInt64 = 0
    var name: UInt16 = 0
  }

  private static let functions = 64
  private var marks = FixedBuffer<Mark>(repeating: Mark(), count: 0)
  private var vcpus = FixedBuffer<VCPU>(repeating: VCPU(), count: 0)

  mutating func grow(vcpus count: Int) {
    marks.grow(to: count * Self.functions, repeating: Mark())
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

  /// A store-release orders what is before it.
  mutating func released(_ vcpu: Int) { barrier(vcpu, stores: true, loads: false) }

  /// A hole in the capture may have held a barrier.
  mutating func forget(_ vcpu: Int) { barrier(vcpu, stores: true, loads: true) }

  @inline(__always)
  mutating func gathered(_ vcpu: Int, _ function: Int, record: UInt64) {
    let (stores, loads) = (vcpus[vcpu].storeEpoch, vcpus[vcpu].loadEpoch)
    marks[index(vcpu, function)] = Mark(
      function: function, record: record, storeEpoch: stores, loadEpoch: loads)
  }

  /// The gathered store that a Device store to this function may overtake; told once.
  ///
  /// Where a barrier orders the two instead, a nGnRnE or nGnRE store takes the gathered one along:
  /// it arrives before later Device loads from the function, and so does what it is behind (Arm
  /// ARM DDI 0487, B2.4.1 "Peripheral arrival order", rule C, then rule A).
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - function: The function that the Device store goes to.
  ///   - keepsOrder: The Device store is nGnRnE or nGnRE.
  /// - Returns: Record of the gathered store; nil where none may be overtaken.
  @inline(__always)
  mutating func unorderedStore(_ vcpu: Int, _ function: Int, keepsOrder: Bool) -> UInt64? {
    let index = index(vcpu, function)
    guard marks[index].function == function else { return nil }
    guard marks[index].storeEpoch == vcpus[vcpu].storeEpoch else {
      if keepsOrder { marks[index].loadEpoch = .max }
      return nil
    }
    guard !marks[index].isTold else { return nil }
    marks[index].isTold = true
    return marks[index].record
  }

  /// The gathered store that a Device load from this function may overtake; told once.
  @inline(__always)
  mutating func unorderedLoad(_ vcpu: Int, _ function: Int) -> UInt64? {
    let index = index(vcpu, function)
    guard marks[index].loadEpoch == vcpus[vcpu].loadEpoch, marks[index].function == function
    else { return nil }
    marks[index].loadEpoch = .max
    return marks[index].record
  }

  @inline(__always)
  private func index(_ vcpu: Int, _ function: Int) -> Int {
    vcpu &* Self.functions &+ function & (Self.functions - 1)
  }
}
