internal import TraceCore

/// The classes and runs of a block; the article *The native trace* has the layout.
///
/// A run's address is predicted in one of three ways, so that most runs cost two bits.
enum RunColumn {
  static let headSize = 16
  static let classSize = 24
  static let tokenLimit = 256

  /// Where a run's address comes from; two bits a run.
  enum Prediction {
    /// Where the last access of the class's vCPU ended.
    static let vcpuEnd: UInt8 = 0
    /// Where the class's run before started.
    static let classStart: UInt8 = 1
    /// Where the class's run before ended.
    static let classEnd: UInt8 = 2
    /// The class's base plus the next exception.
    static let exception: UInt8 = 3
  }

  /// Per class and per vCPU, what predictions need; the same in writer and reader.
  ///
  /// Addresses wrap at 2^64 here; a reader rejects a run that does.
  struct Predictor: ~Copyable {
    var start = FixedBuffer<UInt64>(repeating: 0, count: tokenLimit)
    var end = FixedBuffer<UInt64>(repeating: 0, count: tokenLimit)
    var base = FixedBuffer<UInt64>(repeating: 0, count: tokenLimit)
    /// Bytes from a record of a run to the next.
    var stride = FixedBuffer<UInt64>(repeating: 0, count: tokenLimit)
    /// Index into `vcpuEnd`; classes that are no accesses share the last one.
    var slot = FixedBuffer<Int>(repeating: 0, count: tokenLimit)
    var vcpuEnd = FixedBuffer<UInt64>(repeating: 0, count: tokenLimit)

    /// Starts a block.
    mutating func reset(_ classes: [RecordClass], bases: [UInt64]) {
      var slots: [UInt16: Int] = [:]
      for (token, entry) in classes.enumerated() {
        base[token] = bases[token]
        start[token] = bases[token]
        end[token] = bases[token]
        stride[token] = entry.operation.isAccess ? UInt64(entry.size) : 0
        vcpuEnd[token] = 0
        let next = slots.count
        slot[token] =
          entry.operation.isAccess ? slots[entry.vcpu, default: next] : tokenLimit - 1
        if entry.operation.isAccess { slots[entry.vcpu] = slot[token] }
      }
      vcpuEnd[tokenLimit - 1] = 0
    }

    /// Takes note of a run; returns whether it leaves the address space.
    @inline(__always)
    mutating func note(_ token: Int, address: UInt64, count: UInt64) -> Bool {
      let next = address &+ stride[token] &* count
      start[token] = address
      end[token] = next
      vcpuEnd[slot[token]] = next
      return next < address
    }
  }

  /// The head, decoded and checked.
  struct Layout {
    var runs: Int
    var classes: Int
    /// Counts are stored; otherwise each is 1.
    var hasCounts: Bool
    /// Bytes of an exception: 1, 2, 4 or 8.
    var width: Int
    var longCounts: Int
    var exceptions: Int

    var exceptionPlace: Int { headSize + classes * classSize }
    var longCountPlace: Int { exceptionPlace + exceptions * width }
    var countPlace: Int { longCountPlace + 2 * longCounts }
    var tokenPlace: Int { countPlace + (hasCounts ? runs : 0) }
    var predictionPlace: Int { tokenPlace + runs }
    var size: Int { predictionPlace + (runs + 3) / 4 }
  }
}
