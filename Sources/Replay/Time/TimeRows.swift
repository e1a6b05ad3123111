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

  /// A holder's times for a loop over many things that it holds, by slots of these rows.
  ///
  /// It may be used until the rows grow or are gone.
  @inline(__always)
  @unsafe
  func pointer(to row: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe times.pointer(to: row &* depth, count: depth)
  }

  /// The slot of the thing that is taken next.
  @inline(__always)
  func after(_ slot: Int) -> Int { slot &+ 1 == depth ? 0 : slot &+ 1 }

  /// The slot of the thing that was taken last.
  func before(_ slot: Int) -> Int { slot == 0 ? depth - 1 : slot - 1 }
}
