import PCIeModel
import TraceCore

/// When a TLP finds the flow control credits that it needs.
///
/// Credits return in the order in which they were spent. So a TLP waits for the return of the
/// header credit that was spent as many headers before it as there are, and for that of the data
/// credit that used the last one of its own. With scaled flow control a credit is back when the
/// last one of its group is.
struct CreditPool: ~Copyable {
  private var headers: Ring
  private var data: Ring

  /// - Parameters:
  ///   - pool: Credits; 0 is infinite.
  ///   - control: The scales.
  init(_ pool: FlowControl.Pool, _ control: FlowControl) {
    headers = Ring(credits: pool.headers, scale: control.headerScale)
    data = Ring(credits: pool.data, scale: control.dataScale)
  }

  /// A pool of data units alone.
  init(units: Int) {
    headers = Ring(credits: 0, scale: 1)
    data = Ring(credits: units, scale: 1)
  }

  /// The earliest start at or after `time` with so many credits.
  ///
  /// What needs more credits than there are waits for all of them.
  @inline(__always)
  func wait(at time: UInt64, headers count: Int, data units: Int) -> UInt64 {
    data.wait(at: headers.wait(at: time, count), units)
  }

  /// Spends credits until they return.
  @inline(__always)
  mutating func spend(headers count: Int, data units: Int, returnedAt time: UInt64) {
    headers.spend(count, returnedAt: time)
    data.spend(units, returnedAt: time)
  }
}

/// Credits of one kind: when each comes back.
private struct Ring: ~Copyable {
  private let isLimited: Bool
  private let scale: Int
  private var returns: TimeRows
  /// Slot of the credit that is spent next, and how many were spent before it.
  private var next = 0
  private var spent = 0

  init(credits: Int, scale: Int) {
    isLimited = credits > 0
    self.scale = scale
    returns = TimeRows(depth: max(credits, 1))
    returns.grow(rows: 1)
  }

  @inline(__always)
  func wait(at time: UInt64, _ count: Int) -> UInt64 {
    guard isLimited, count > 0 else { return time }
    guard scale == 1 else { return max(time, groupReturn(count)) }
    let last = next &+ min(count, returns.depth) &- 1
    return max(time, returns[0, last < returns.depth ? last : last &- returns.depth])
  }

  /// When the group of the last credit that `count` more need is back.
  private func groupReturn(_ count: Int) -> UInt64 {
    let needed = spent + min(count, returns.depth) - 1 - returns.depth
    guard needed >= 0 else { return 0 }
    // A group that is not yet spent whole cannot be waited for.
    let last = min(needed / scale * scale + scale - 1, spent - 1)
    return returns[0, last % returns.depth]
  }

  @inline(__always)
  mutating func spend(_ count: Int, returnedAt time: UInt64) {
    guard isLimited else { return }
    for _ in 0..<min(count, returns.depth) {
      returns[0, next] = time
      next = returns.after(next)
    }
    if scale != 1 { spent += min(count, returns.depth) }
  }
}
