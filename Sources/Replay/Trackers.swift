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

  mutating func take(_ other: borrowing BurstTracker) {
    sizes.assign(other.sizes)
    ends.assign(other.ends)
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
