import PCIeModel
import TestSupport
import Testing

@testable import Replay

/// Credits by spending, against a list with one entry a credit.
@Suite struct CreditPoolTests {
  /// Each credit spent, in order, and when it comes back.
  private struct Credits {
    let count: Int
    let scale: Int
    var returns: [UInt64] = []

    /// PCIe Base 6.0, 3.4.2: with a scale, credits come back a whole group at a time.
    func wait(_ time: UInt64, _ needed: Int) -> UInt64 {
      let whole = count / scale * scale
      guard whole > 0, needed > 0 else { return time }
      // The last one needed is the one that was spent `whole` credits before it.
      let last = returns.count + min(needed, whole) - 1 - whole
      guard last >= 0 else { return time }
      let group = last / scale * scale + scale - 1
      return max(time, returns[min(group, returns.count - 1)])
    }

    mutating func spend(_ needed: Int, _ time: UInt64) {
      let whole = count / scale * scale
      guard whole > 0 else { return }
      returns += [UInt64](repeating: time, count: min(needed, whole))
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `a TLP starts when its last credit is back`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let scale = random.pick([1, 1, 4])
    let (headers, data) = (random.pick([0, 1, 3, 32, 127]), random.pick([0, 4, 9, 300]))
    var control = FlowControl.unlimited
    control.headerScale = scale
    control.dataScale = scale
    var expected = (
      Credits(count: headers, scale: scale), Credits(count: data, scale: scale)
    )
    var time: UInt64 = 0
    let loop = UInt64(random.pick([1, 50, 4000]))
    control.loopPs = loop
    var pool = CreditPool(.init(headers: headers, data: data), control)
    // TLPs of one credit each, as most registers are, and then any.
    let simple = random.pick([0, 40, 300])
    for step in 0..<600 {
      time += UInt64(random.pick([0, 0, 3, 200]))
      let (needed, units) =
        step < simple ? (1, 1) : (random.pick([1, 1, 2]), random.pick([0, 1, 1, 4, 8, 500]))
      let start = pool.wait(at: time, headers: needed, data: units)
      let wanted = expected.1.wait(expected.0.wait(time, needed), units)
      #expect(start == wanted, "spending \(step)")
      time = start
      pool.spend(headers: needed, data: units, at: start)
      expected.0.spend(needed, start + loop)
      expected.1.spend(units, start + loop)
    }
  }
}
