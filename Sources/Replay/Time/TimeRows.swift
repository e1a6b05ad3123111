import TraceCore

/// When things that are held become free again, one row a vCPU or other holder.
///
/// A holder may hold ``depth`` things at a time and takes them in turn, so the n-th one uses slot
/// n modulo `depth`: there stands when the one before it there becomes free.
struct TimeRows: ~Copyable {
  /// Things that one holder can hold.
  let depth: Int
  private var times = FixedBuffer<UInt64>(repeating: 0, count: 0)

  /// - Parameter depth: At least 1.
  init(depth: Int) {
    precondition(depth >= 1)
    self.depth = depth
  }

  /// Makes room for more rows; everything in them is free at time 0.
  mutating func grow(rows: Int) { times.grow(to: rows * depth, repeating: 0) }

  /// Takes the times of rows as deep as these.
  mutating func take(_ other: borrowing TimeRows) {
    precondition(depth == other.depth)
    times.assign(other.times)
  }

  subscript(row: Int, slot: Int) -> UInt64 {
    @inline(__always) get { times[row &* depth &+ slot] }
    @inline(__always) set { times[row &* depth &+ slot] = newValue }
  }

  /// A holder's times for a loop over many things that it holds; see ``Ring/View``.
  ///
  /// It may be used until the rows grow or are gone, with slots of these rows.
  @unsafe
  struct Row {
    private let base: UnsafeMutablePointer<UInt64>
    private let depth: Int

    @inline(__always)
    fileprivate init(_ base: UnsafeMutablePointer<UInt64>, depth: Int) {
      unsafe self.base = unsafe base
      unsafe self.depth = depth
    }

    subscript(slot: Int) -> UInt64 {
      @inline(__always) get { unsafe base[slot] }
      @inline(__always) nonmutating set { unsafe base[slot] = newValue }
    }

    @inline(__always)
    func after(_ slot: Int) -> Int { unsafe slot &+ 1 == depth ? 0 : slot &+ 1 }
  }

  @inline(__always)
  @unsafe
  func row(_ row: Int) -> Row {
    unsafe Row(times.pointer(to: row &* depth, count: depth), depth: depth)
  }

  /// The slot of the thing that is taken next.
  @inline(__always)
  func after(_ slot: Int) -> Int { slot &+ 1 == depth ? 0 : slot &+ 1 }

  /// The slot of the thing that was taken last.
  func before(_ slot: Int) -> Int { slot == 0 ? depth - 1 : slot - 1 }
}
