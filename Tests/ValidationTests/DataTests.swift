import Profiles
import Results
import Testing

@testable import Validation

/// The data themselves: complete, nothing fitted that is known, every miss with a word.
@Suite struct DataTests {
  /// What has been published, from the list that the model was written for: measurements of a
  /// CPU's accesses (19 rows), then of links and devices.
  static let published: [(what: String, ids: [String])] = [
    ("Blackhole, WC writes", ["tt-blackhole-write"]),
    ("Blackhole, reads", ["tt-blackhole-read"]),
    ("Wormhole, 4 B write", ["tt-wormhole-write-4"]),
    ("Wormhole, 4 B read", ["tt-wormhole-read-4"]),
    ("Wormhole, 4096 B write", ["tt-wormhole-write-4096"]),
    ("Wormhole, 4096 B read", ["tt-wormhole-read-4096"]),
    ("K40m, WC writes, local", ["gdrcopy-k40m-write-local"]),
    ("K40m, WC writes, remote", ["gdrcopy-k40m-write-remote"]),
    ("K40m, reads", ["gdrcopy-k40m-read-local", "gdrcopy-k40m-read-remote"]),
    (
      "gdrcopy, small writes",
      ["16", "64", "256", "1024", "4096"].map { "gdrcopy-p100-write-" + $0 }
    ),
    ("gdrcopy, large writes", ["gdrcopy-p100-write-64k", "gdrcopy-p100-write-16m"]),
    ("gdrcopy, reads", ["8", "64", "4096", "16m"].map { "gdrcopy-p100-read-" + $0 }),
    ("UC stores", ["x86-uc-tlp", "x86-uc-spacing"]),
    ("FPGA read", ["fpga-read-8"]), ("NIC read", ["nic-readl"]),
    ("one TLP of a WC line", ["x86-wc-line-tlps"]),
    ("Grace", ["grace-line-tlp", "grace-probability"]),
    ("ThunderX2", ["thunderx2-pio-64", "thunderx2-one-way"]),
    ("s390", ["s390-stores"]),
    (
      "device DMA read",
      ["64", "128", "256", "512", "1024", "2048"].map { "nfp-dma-read-" + $0 }
    ),
    (
      "device DMA write",
      ["16", "64", "128", "256", "512-32bit", "512-64bit"].map { "nfp-dma-write-" + $0 }
    ),
    ("DMA read, payload 128", ["nfp-dma-read-mps128"]), ("best TLP rate", ["nfp-tlp-rate"]),
    (
      "DMA read latency",
      ["8", "64", "128", "256", "512", "1024", "2048"].map { "nfp-read-latency-" + $0 }
        + ["nfp-write-read-latency-64"]
    ),
    (
      "V100 writes",
      [
        "gdrcopy-v100-write-128k", "gdrcopy-v100-write-16m", "gdrcopy-v100-read",
        "gdrcopy-v100-remote",
      ]
    ),
    ("V100 write latency", ["64", "256", "1024", "4096"].map { "gdrcopy-v100-write-" + $0 }),
    ("V100 read latency", ["1", "8", "64", "4096"].map { "gdrcopy-v100-read-" + $0 }),
    ("A100 writes", ["gdrcopy-a100-write"]), ("Ivy Bridge", ["gdrcopy-ivy-bridge-write"]),
    ("ping-pong", ["gpu-ping-pong"]),
    (
      "InfiniPath",
      ["infinipath-x8-wc", "infinipath-x16-wc", "infinipath-uc", "infinipath-gain"]
    ),
    ("pcie-lat", ["pcie-lat-switch", "pcie-lat-other"]),
    (
      "PolarFire",
      ["gen1x1", "gen2x1", "gen1x2", "gen2x2", "gen1x4", "gen2x4"].map { "polarfire-write-" + $0 }
    ),
    ("Intel", ["an708-write", "an708-hardware", "an855-read"]),
    ("nvbandwidth", ["nvbandwidth-a100", "nvbandwidth-h100"]),
    ("Xilinx", ["ug962-overhead", "ug962-acks"]), ("gem5", ["gem5-accuracy"]),
  ]

  @Test func `every published row is predicted or said to be out of reach`() throws {
    let data = try Validation()
    let ids = data.measurements.map(\.id) + data.unmodelled.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(Set(ids) == Set(Self.published.flatMap(\.ids)))
    #expect(data.measurements.count == 79 && data.unmodelled.count == 9)
  }

  @Test func `only assumed values are fitted, and each fit has its reason`() throws {
    let library = ProfileLibrary()
    var fits = 0
    for measurement in try Validation().measurements {
      let scenario = measurement.scenario
      let bare = try library.resolve(
        cpu: scenario.cpu, rc: scenario.rootComplex, link: scenario.link, device: scenario.device)
      for override in scenario.overrides where override.isFitted {
        fits += 1
        let setting = try #require(bare.values.first { $0.key == override.key })
        #expect(setting.status == .assumed && !override.reason.isEmpty, "\(measurement.id)")
      }
    }
    #expect(fits == 8, "one value, for the eight latencies of one machine")
  }

  /// The rows that miss the aim of 10 %, and why.
  static let missed = [
    // 64-byte TLPs at 87 to 90 % of the wire; credits or partial lines, neither published.
    "gdrcopy-p100-write-16m", "gdrcopy-v100-write-128k", "gdrcopy-v100-write-16m",
    "gdrcopy-a100-write",
    // The source states neither direction nor payload.
    "nvbandwidth-a100",
    // 226 and 453 of 250 and 500 MB/s: above the 128 / 148 that TLPs of the stated 128 bytes carry.
    "polarfire-write-gen1x1", "polarfire-write-gen2x1",
  ]

  @Test func `wire-limited rows are within 10 %, but for those that are known`() throws {
    let wire = try BuiltIn.result.get().rows.filter { $0.limit == .wire }
    #expect(wire.count == 23)
    for row in wire {
      #expect(row.meetsAim == !Self.missed.contains(row.id), "\(row.id): \(row.error)")
      #expect(abs(row.error) < 0.2, "\(row.id): \(row.error)")
    }
    #expect(Set(Self.missed).isSubset(of: wire.map(\.id)))
  }

  /// copybw.cpp divides by 1024 twice and prints MB/s; the README's other program took 12.9761 us for
  /// the same 131,072 bytes.
  @Test func `what gdrcopy's copybw calls MB are MiB`() throws {
    let rows = try Validation().measurements.filter { $0.setup.contains("copybw") }
    #expect(
      rows.map(\.id).sorted() == [
        "gdrcopy-k40m-read-local", "gdrcopy-k40m-write-local", "gdrcopy-v100-write-128k",
      ])
    #expect(rows.allSatisfy { $0.unit == .mebibytesPerSecond })
    let printed = try #require(rows.first { $0.id.hasSuffix("128k") }?.low)
    #expect(abs(printed * 1_048_576 - 131_072 / 12.9761e-6) < 0.001 * 1e10)
  }

  @Test func `what nobody measured is a class of its own, with a remark`() throws {
    let rows = try BuiltIn.result.get().rows.filter { $0.limit == .calculated }
    #expect(rows.map(\.id) == ["nfp-tlp-rate", "an708-write", "an855-read", "ug962-overhead"])
    #expect(rows.allSatisfy { $0.note != nil && $0.meetsAim })
  }

  /// Microchip's guide: payloads of 128 bytes.
  @Test func `the payload is the one that the source states, whatever fits better`() throws {
    let rows = try Validation().measurements.filter { $0.id.hasPrefix("polarfire") }
    #expect(rows.count == 6)
    #expect(rows.allSatisfy { $0.scenario.link.hasSuffix(",mps=128") && $0.note != nil })
  }

  @Test func `every miss has a note`() throws {
    for row in try BuiltIn.result.get().rows where !row.meetsAim {
      #expect(row.note != nil, "\(row.id)")
    }
  }

  @Test func `bounds are kept`() throws {
    let bounds = try BuiltIn.result.get().rows.filter { $0.bound != nil }
    #expect(bounds.count == 8 && bounds.allSatisfy(\.isInside))
  }

  @Test func `what informs a profile is named in its source`() throws {
    // The profile's text and the row's name the same repository, thread or paper.
    let library = ProfileLibrary()
    for measurement in try Validation().measurements {
      let scenario = measurement.scenario
      let settings = try library.resolve(
        cpu: scenario.cpu, rc: scenario.rootComplex, link: scenario.link, device: scenario.device)
      let words = ["gdrcopy", "tt-umd", "topic 1186313", "pcie-lat", "net/mlx5"]
      for key in measurement.informs {
        let setting = try #require(settings.values.first { $0.key == key })
        let named = words.contains {
          measurement.source.contains($0) && setting.source.contains($0)
        }
        #expect(named, "\(measurement.id): \(key)")
      }
    }
  }

  @Test func `running twice gives the same`() throws {
    #expect(try Validation().run() == BuiltIn.result.get())
  }
}
