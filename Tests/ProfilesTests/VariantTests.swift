import ArmMemory
import PCIeModel
import Results
import TestSupport
import Testing
import TraceCore

@testable import Profiles

/// Which combinations of values in range are run.
@Suite struct VariantTests {
  /// Everything certain but what the options open.
  static func closed(_ options: [String]) throws -> ModelSettings {
    let library = ProfileLibrary()
    let given = Set(options.map { String($0.prefix { $0 != "=" }) })
    let rest = try library.resolve().values.filter { !given.contains($0.key) && !$0.range.isEmpty }
    return try library.resolve(overrides: options + rest.map { "\($0.key)=\($0.value.text)" })
  }

  static func texts(_ variants: [SettingsVariant]) -> [String] {
    variants.map { $0.changes.map { "\($0.key)=\($0.value.text)" }.joined(separator: " ") }
  }

  @Test func `without ranges there are no variants`() throws {
    let settings = try Self.closed([])
    #expect(settings.withCorners().variants.isEmpty && settings.withEachAlone().variants.isEmpty)
    #expect(try ProfileLibrary().resolve().variants.isEmpty, "only where asked for")
  }

  @Test func `one number is at each end, alone`() throws {
    let settings = try Self.closed(["cpu.device_ack_ns=20..200"])
    #expect(
      Self.texts(settings.withCorners().variants) == [
        "cpu.device_ack_ns=200", "cpu.device_ack_ns=20",
      ])
    #expect(settings.withEachAlone().variants.isEmpty, "tried alone already")
  }

  /// Slow: fewer buffers and credits, longer times.
  ///
  /// Most is gained with the Device side slow and
  /// the rest fast, least the other way round; each on a fast link, with slow headers, with slow
  /// data. Both profiles' values, 127 and 444, lie above: the high ends are used,
  /// which are the fast ones.
  @Test func `six corners of all numbers`() throws {
    let settings = try Self.closed([
      "cpu.buffers=2..8", "cpu.device_ack_ns=20..200", "link.credit_loop_ns=100..900",
      "link.ph=32..64", "link.pd=20..30",
    ])
    let much = "cpu.buffers=8 cpu.device_ack_ns=200 "
    let little = "cpu.buffers=2 cpu.device_ack_ns=20 "
    #expect(
      Self.texts(settings.withCorners().variants) == [
        much + "link.credit_loop_ns=100",
        much + "link.credit_loop_ns=900 link.ph=32",
        much + "link.credit_loop_ns=900 link.pd=20",
        little + "link.credit_loop_ns=100",
        little + "link.credit_loop_ns=900 link.ph=32",
        little + "link.credit_loop_ns=900 link.pd=20",
      ])
    #expect(
      Self.texts(settings.withEachAlone().variants) == [
        "cpu.buffers=2", "cpu.buffers=8", "cpu.device_ack_ns=20", "cpu.device_ack_ns=200",
        "link.credit_loop_ns=100", "link.credit_loop_ns=900", "link.pd=20", "link.ph=32",
      ])
  }

  @Test func `an end that is the value itself is no change`() throws {
    let settings = try Self.closed(["cpu.device_ack_ns=50..300", "cpu.store_issue_ns=0.5..1"])
    #expect(
      Self.texts(settings.withCorners().variants) == [
        "cpu.device_ack_ns=300", "cpu.store_issue_ns=1",
      ])
  }

  @Test func `each alternative of a word is tried alone and at both ends of the numbers`() throws {
    let settings = try Self.closed([
      "rc.split=runs|aligned|qword", "cpu.lse2=true|false", "cpu.device_ack_ns=50..90",
    ])
    #expect(
      Self.texts(settings.withCorners().variants) == [
        // The other end is the value itself.
        "cpu.device_ack_ns=90", "cpu.lse2=false", "cpu.device_ack_ns=90 cpu.lse2=false",
        "rc.split=aligned", "cpu.device_ack_ns=90 rc.split=aligned", "rc.split=qword",
        "cpu.device_ack_ns=90 rc.split=qword",
      ])
    #expect(settings.withEachAlone().variants.isEmpty)
  }

  @Test func `a variant's settings are those that its changes give by option`() throws {
    let settings = try ProfileLibrary().resolve()
    let variants = settings.withCorners().variants + settings.withEachAlone().variants
    #expect(variants.count > 10)
    for variant in variants {
      let options = variant.changes.map { "\($0.key)=\($0.value.text)" }
      let same = try ProfileLibrary().resolve(overrides: options)
      #expect(variant.settings.cpu == same.cpu && variant.settings.link == same.link)
      #expect(variant.settings.rootComplex == same.rootComplex)
      #expect(variant.settings.device == same.device)
      #expect(variant.settings.values.map(\.value) == same.values.map(\.value))
      #expect(variant.settings.variants.isEmpty)
      #expect(variant.settings != settings)
    }
  }

  /// The cost of a default comparison: replays besides the run's own, and clocks.
  @Test func `a default comparison needs few replays`() throws {
    let library = ProfileLibrary()
    for cpu in library.names(of: .cpu) {
      let settings = try library.resolve(cpu: cpu).withCorners()
      var counted: [ModelSettings] = [settings]
      for variant in settings.variants
      where !counted.contains(where: variant.settings.hasSameCounts) {
        counted.append(variant.settings)
      }
      #expect(settings.variants.count <= 13 && counted.count <= 6, "\(cpu)")
    }
  }

  /// Two values of each key, by hand.
  ///
  /// What the replay's counts are made of is told by the model:
  /// gathering, splitting, sizes and header bytes; not by when anything happens. Recovery times and
  /// what a reset does to traffic decide what is found.
  @Test func `which values change counts`() throws {
    let counting = Set(
      [
        "cpu.buffers", "cpu.evict", "cpu.line_bytes", "cpu.single_stream", "cpu.load_breaks_gather",
        "cpu.device_drains_nc", "cpu.trap_drains", "cpu.drain_after_ns", "cpu.device_bus_bytes",
        "cpu.nc_load", "cpu.lse2", "rc.split", "rc.ecrc", "link.mps", "link.mrrs", "link.rcb",
        "link.flit",
      ] + Self.reset + Self.findingsOnly)
    #expect(Set(SettingKey.all.filter(\.changesCounts).map(\.name)) == counting)
    let library = ProfileLibrary()
    for row in SettingKeyTests.table {
      let texts = row.accepted.filter { $0 != "0x10" }
      let first = try library.resolve(overrides: ["\(row.key)=\(texts[0])"])
      for text in texts.dropFirst() {
        let other = try library.resolve(overrides: ["\(row.key)=\(text)"])
        // Generation 7 implies flit mode, which does change counts.
        guard row.key != "link.gen" else { continue }
        #expect(first.hasSameCounts(as: other) != counting.contains(row.key), "\(row.key)=\(text)")
        let variant = SettingsVariant(changes: [], settings: other)
        #expect(variant.changesCounts(against: first) == counting.contains(row.key))
      }
    }
  }

  @Test func `every number and time has a slow end, nothing else has`() {
    for key in SettingKey.all where key.takesRange && key.kind != .platform {
      #expect((key.effect != nil) == key.type.isOrdered, "\(key.name)")
    }
    #expect(
      SettingKey.all.filter { !$0.takesRange }.map(\.name) == Self.findingsOnly
        + ["link.gen", "link.lanes"] + Self.reset)
  }

  /// What decides on findings alone.
  private static let findingsOnly = [
    "cpu.zap_drains", "rc.serialisation_point", "rc.ecam_shares_region",
    "rc.config_writes_posted", "rc.completion_timeout_ns",
  ]

  private static let reset = [
    "flr_wait_ns", "af_flr_wait_ns", "pm_wait_ns", "conventional_reset_wait_ns",
    "conventional_pci_wait_ns", "vf_enable_wait_ns", "sbr_hold_ns", "link_training_start_ns",
    "ready_limit_ns", "flr_posted", "flr_nonposted", "flr_completion",
  ].map { "device." + $0 }
}

/// The corners against a closed form of what a copy gains, over every point of a grid.
///
/// A line of 64 bytes in 8 stores; times in ps. Uncombined, each store takes the longest of its
/// issue, its share of an acknowledgement and its header and data credits (1 of 16 bytes each);
/// gathered, the line takes the longest of 8 issues, 1 header and 4 data credits.
@Suite struct CornerTests {
  static func speedup(_ settings: ModelSettings) -> Double {
    let issue = Double(settings.cpu.storeIssuePs)
    let link = settings.link.flowControl
    let header = Double(link.loopPs) / Double(link.posted.headers)
    let data = Double(link.loopPs) / Double(link.posted.data)
    let acknowledged = Double(settings.cpu.deviceAckPs) / Double(settings.cpu.deviceWritesInFlight)
    let before = 8 * max(issue, acknowledged, header, data)
    let after = max(8 * issue, header, 4 * data)
    return before / after
  }

  static func bracket(_ settings: ModelSettings) -> ClosedRange<Double> {
    let all = [settings] + settings.withCorners().variants.map(\.settings)
    let values = all.map(speedup)
    return (values.min() ?? 0)...(values.max() ?? 0)
  }

  static let keys = [
    "cpu.device_ack_ns", "cpu.device_writes_in_flight", "cpu.store_issue_ns", "link.credit_loop_ns",
    "link.ph", "link.pd",
  ]

  /// Both ends and the middle of every range: 3^6 points.
  @Test(arguments: ["generic-arm64", "neoverse-n1", "neoverse-v2"])
  func `the built-in ranges' corners bracket every point of a grid`(cpu: String) throws {
    let settings = try ProfileLibrary().resolve(cpu: cpu)
    let bracket = Self.bracket(settings)
    var points = [settings]
    for name in Self.keys {
      let key = try #require(SettingKey.named(name))
      let setting = try #require(settings.values.first { $0.key == name })
      let ends = try setting.range.map { try #require(key.type.parse($0.text)) }
      let middle = try #require(key.type.parse(setting.value.text))
      points = points.flatMap { point in
        (ends + [middle]).map {
          var copy = point
          key.store(&copy, $0)
          return copy
        }
      }
    }
    #expect(points.count == 729)
    #expect(points.allSatisfy { bracket.contains(Self.speedup($0)) })
    #expect(bracket.lowerBound * 2 < bracket.upperBound, "the ranges do matter")
  }

  @Test func `the corners of random ranges bracket random points`() throws {
    var generator = SplitMix64(seed: 6)
    for _ in 0..<40 {
      let limits: [ClosedRange<UInt64>] = [1...500, 1...16, 1...9, 1...2000, 8...200, 16...2000]
      let ranges = limits.map { Self.ends($0, &generator) }
      let settings = try VariantTests.closed(
        zip(Self.keys, ranges).map { "\($0)=\($1.lowerBound)..\($1.upperBound)" })
      let bracket = Self.bracket(settings)
      for _ in 0..<200 {
        var point = settings
        for (name, range) in zip(Self.keys, ranges) {
          let key = try #require(SettingKey.named(name))
          key.store(&point, try #require(key.type.parse(String(Self.point(range, &generator)))))
        }
        let value = Self.speedup(point)
        // Rounding of the quotients.
        let low = bracket.lowerBound * 0.999_999
        #expect((low...bracket.upperBound * 1.000_001).contains(value))
      }
    }
  }

  private static func ends(
    _ range: ClosedRange<UInt64>, _ generator: inout SplitMix64
  ) -> ClosedRange<UInt64> {
    let values = [point(range, &generator), point(range, &generator)]
    return (values.min() ?? 1)...(values.max() ?? 1)
  }

  private static func point(
    _ range: ClosedRange<UInt64>, _ generator: inout SplitMix64
  ) -> UInt64 {
    range.lowerBound + UInt64(generator.below(range.count))
  }

  /// With everything slow at once a gain of 1 would be missed.
  @Test func `the least is gained where a fast link meets a slow core`() throws {
    let settings = try VariantTests.closed([
      "cpu.device_ack_ns=4..300", "cpu.store_issue_ns=0.25..1", "link.credit_loop_ns=100..1000",
      "link.pd=2000",
    ])
    // 4 in flight, 127 headers: 8 x max(1, 1, 0.79) / max(8, 0.79) = 1 with a loop of 100 ns, and
    // 8 x 7.87 / 8 with one of 1000; at most 8 x 75 / max(2, 0.79) = 300.
    #expect(Self.bracket(settings) == 1...300)
  }
}
