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
    /// What is known of a class.
    struct Entry: BitwiseCopyable {
      /// Start and end of its last run.
      var start: UInt64 = 0
      var end: UInt64 = 0
      var base: UInt64 = 0
      /// Bytes from a record of a run to the next.
      var stride: UInt64 = 0
      /// Place of its vCPU; classes that are no accesses share the last one.
      var slot = 0

      /// Takes note of a run.
      @inline(__always)
      mutating func note(_ address: UInt64, _ count: UInt64) {
        start = address
        end = address &+ stride &* count
      }
    }

    private var entries = FixedBuffer<Entry>(repeating: Entry(), count: tokenLimit)
    /// End of the last run of each vCPU.
    private var vcpuEnd = FixedBuffer<UInt64>(repeating: 0, count: tokenLimit)

    subscript(token: Int) -> Entry {
      @inline(__always) get { entries[token] }
    }

    /// End of the last run of the vCPU in a place.
    @inline(__always)
    func end(ofSlot slot: Int) -> UInt64 { vcpuEnd[slot] }

    /// Starts a block.
    mutating func reset(_ classes: [RecordClass], bases: [UInt64]) {
      var slots: [UInt16: Int] = [:]
      for (token, entry) in classes.enumerated() {
        let base = bases[token]
        let isAccess = entry.operation.isAccess
        let next = slots.count
        let slot = isAccess ? slots[entry.vcpu, default: next] : tokenLimit - 1
        entries[token] = Entry(
          start: base, end: base, base: base, stride: isAccess ? UInt64(entry.size) : 0,
          slot: slot)
        vcpuEnd[token] = 0
        if isAccess { slots[entry.vcpu] = slot }
      }
      vcpuEnd[tokenLimit - 1] = 0
    }

    /// Takes note of a run; returns whether it leaves the address space.
    @inline(__always)
    mutating func note(_ token: Int, address: UInt64, count: UInt64) -> Bool {
      entries[token].note(address, count)
      let entry = entries[token]
      vcpuEnd[entry.slot] = entry.end
      return entry.end < address
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
