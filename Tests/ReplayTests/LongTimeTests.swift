import Results
import TestSupport
import Testing

/// Time of many vCPUs over a long trace, whose sum leaves 64 bits; worked out by hand.
///
/// The rig issues in 1 ps and waits for nothing else, so that a vCPU with a store at 0 and one at
/// T ns is idle for 1000 T - 1 ps.
@Suite struct `Time: sums over long traces` {
  private let rig = ClockRig()
  /// The longest span of a trace, 106 days in ns: the last whole ns below 2^63 ps.
  private static let span: UInt64 = 9_223_372_036_854_775
  /// A vCPU's idle time over that span, in ps.
  private static let idle: UInt64 = 9_223_372_036_854_774_999

  /// A store of each vCPU at 0, in a region of its own or in the first one, and one at the end.
  private func idle(
    _ time: UInt64, _ regions: [UInt64]
  ) throws -> (total: UInt64?, regions: [UInt64?]) {
    let events = [0, time].flatMap { time in
      regions.enumerated().map {
        NaiveEvent.store($1 + 64 * UInt64($0), 8, time: time, vcpu: $0)
      }
    }
    let result = try rig.run(events)
    func idle(_ metrics: Metrics) -> UInt64? {
      metrics.paced.timeParts.first { $0.share == .idle }?.timePs
    }
    return (idle(result.totals), result.regions.map { idle($0.metrics) })
  }

  /// 2 x 9,223,372,036,854,774,999 is 1618 short of 2^64.
  @Test func `two vCPUs over the longest span are exact to the ps`() throws {
    for other in [ClockRig.base, ClockRig.other] {
      let found = try idle(Self.span, [ClockRig.base, other])
      #expect(found.total == 18_446_744_073_709_549_998)
    }
  }

  @Test func `a third one in the same region saturates instead of wrapping`() throws {
    let found = try idle(Self.span, [ClockRig.base, ClockRig.base, ClockRig.base])
    #expect(found.total == UInt64.max)
    #expect(found.regions == [UInt64.max])
  }

  @Test func `a third one in another region saturates the total alone`() throws {
    let found = try idle(Self.span, [ClockRig.base, ClockRig.other, ClockRig.base])
    #expect(found.total == UInt64.max)
    #expect(found.regions == [18_446_744_073_709_549_998, Self.idle])
  }

  /// Four days are 345,600 s; 32 x (345,600 x 10^12 - 1) ps a region, twice that is beyond 2^64.
  @Test func `64 vCPUs over four days in two regions`() throws {
    let regions = (0..<64).map { $0 % 2 == 0 ? ClockRig.base : ClockRig.other }
    let found = try idle(345_600_000_000_000, regions)
    #expect(found.regions == [11_059_199_999_999_999_968, 11_059_199_999_999_999_968])
    #expect(found.total == UInt64.max)
  }

  /// A stamp beyond the longest span is taken as its end, so that a stray one fails nothing.
  @Test func `one stray stamp makes three vCPUs idle for as long as a trace may last`() throws {
    let found = try idle(.max / 2, [ClockRig.base, ClockRig.other, ClockRig.base])
    #expect(found.total == UInt64.max)
    #expect(found.regions == [18_446_744_073_709_549_998, Self.idle])
  }
}
