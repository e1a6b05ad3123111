import TestSupport

// The tests of the naive model: every count is worked out by hand from the rules that Replay's
// article Model states, and the sums stand in the comments. Wire bytes of a write above 4 GiB: 8 + 16 + 4 x DW; below:
// 8 + 12 + 4 x DW.

/// The windows that the tests of the naive model run in.
protocol NaiveFixture {}

extension NaiveFixture {
  var bar: UInt64 { 0x10_0000_0000 }
  var low: UInt64 { 0xe000_0000 }
  var plain: UInt64 { 0x20_0000_0000 }
  var uart: UInt64 { 0x900_0000 }
  var ecam: UInt64 { 0x40_0000_0000 }

  var windows: [NaiveRegion] {
    [
      NaiveRegion("bar", base: bar, size: 0x4000),
      NaiveRegion("next", base: bar + 0x4000, size: 0x1000),
      NaiveRegion("low", base: low, size: 0x1000),
      NaiveRegion("plain", base: plain, size: 0x1000, vfio: false),
      NaiveRegion("uart", base: uart, size: 0x1000, kind: "platform"),
      NaiveRegion("ecam", base: ecam, size: 0x10_0000, kind: "ecam"),
    ]
  }

  /// Runs events under changed settings; the defaults are policy `none`, 4 lines of 64 bytes, gen 4.
  func run(
    _ events: [NaiveEvent], _ change: (inout NaiveSettings) -> Void = { _ in }
  ) -> NaiveResult {
    NaiveModel.run(events, regions: windows, settings: NaiveSettings().with(change))
  }

  /// Eight stores of 8 bytes that fill one line.
  func fill(_ base: UInt64? = nil) -> [NaiveEvent] {
    (0..<8).map { .store((base ?? bar) + 8 * $0, 8) }
  }

  func st64b(_ address: UInt64) -> NaiveEvent {
    .store(address, 64).with { $0.single64 = true }
  }
}
