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
    ends[vcpu] = address &+ UInt64(size * count)
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

  private static let functions = 64
  private var marks = FixedBuffer<Mark>(repeating: Mark(), count: 0)
  private var storeEpochs = FixedBuffer<UInt64>(repeating: 0, count: 0)
  private var loadEpochs = FixedBuffer<UInt64>(repeating: 0, count: 0)
  private var names = FixedBuffer<UInt16>(repeating: 0, count: 0)

  mutating func grow(vcpus: Int) {
    marks.grow(to: vcpus * Self.functions, repeating: Mark())
    storeEpochs.grow(to: vcpus, repeating: 0)
    loadEpochs.grow(to: vcpus, repeating: 0)
    names.grow(to: vcpus, repeating: 0)
  }

  /// The vCPU's number in the trace.
  func name(_ vcpu: Int) -> UInt16 { names[vcpu] }
  mutating func setName(_ vcpu: Int, _ name: UInt16) { names[vcpu] = name }

  @inline(__always)
  mutating func barrier(_ vcpu: Int, _ barrier: Barrier) {
    if barrier.ordersStores { storeEpochs[vcpu] += 1 }
    if barrier.ordersStoresBeforeLoads { loadEpochs[vcpu] += 1 }
  }

  /// A store-release orders what is before it.
  mutating func released(_ vcpu: Int) { storeEpochs[vcpu] += 1 }

  /// A hole in the capture may have held a barrier.
  mutating func forget(_ vcpu: Int) {
    storeEpochs[vcpu] += 1
    loadEpochs[vcpu] += 1
  }

  @inline(__always)
  mutating func gathered(_ vcpu: Int, _ function: Int, record: UInt64) {
    marks[vcpu * Self.functions + function & (Self.functions - 1)] = Mark(
      function: function, record: record, storeEpoch: storeEpochs[vcpu],
      loadEpoch: loadEpochs[vcpu])
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
    let index = vcpu * Self.functions + function & (Self.functions - 1)
    guard marks[index].function == function else { return nil }
    guard marks[index].storeEpoch == storeEpochs[vcpu] else {
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
    let index = vcpu * Self.functions + function & (Self.functions - 1)
    guard marks[index].loadEpoch == loadEpochs[vcpu], marks[index].function == function
    else { return nil }
    marks[index].loadEpoch = .max
    return marks[index].record
  }
}
