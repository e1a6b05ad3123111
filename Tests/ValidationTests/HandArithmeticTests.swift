import Results
import Testing

/// Predictions against arithmetic by hand: wire bytes and DLLP shares from PCI Express Base
/// Specification 5.0 (sections 2.2, 3.6, 2.6.1), times from the profiles' values.
@Suite struct HandArithmeticTests {
  /// What SKP ordered sets take.
  static let skp = 4.0 / 1538

  /// Gb/s of TLPs: the raw rate less one Ack and one UpdateFC of 8 bytes a latency limit.
  ///
  /// The limit is (payload + 28) * factor / lanes + delay in symbol times of one byte a lane.
  static func rate(
    _ raw: Double, lanes: Double, payload: Double, factor: Double, delay: Double
  )
    -> Double
  {
    let limit = (payload + 28) * factor / lanes + delay
    return raw * (1 - 2 * 8 / (limit * lanes) - skp)
  }

  static let gen1x1 = rate(2, lanes: 1, payload: 128, factor: 1.4, delay: 19)
  static let gen2x4 = rate(16, lanes: 4, payload: 128, factor: 1.4, delay: 70)
  static let gen3x8 = rate(64 * 128 / 130, lanes: 8, payload: 256, factor: 2.5, delay: 115)
  static let gen3x8mps128 = rate(64 * 128 / 130, lanes: 8, payload: 128, factor: 2.5, delay: 115)
  static let gen3x16 = rate(128 * 128 / 130, lanes: 16, payload: 256, factor: 3, delay: 115)
  static let gen4x16 = rate(256 * 128 / 130, lanes: 16, payload: 256, factor: 3, delay: 115)

  /// ns that so many bytes take.
  static func time(_ bytes: Double, _ gigabits: Double) -> Double { 8 * bytes / gigabits }

  /// A memory write or read request above 4 GiB has 24 bytes besides its data, below it 20, as a
  /// completion: 8 of framing and LCRC, a header of 16 or 12.
  static let rows: [(id: String, expected: Double)] = [
    // Device writes: data over data and headers.
    ("nfp-dma-write-16", gen3x8 * 16 / (16 + 24)),
    ("nfp-dma-write-64", gen3x8 * 64 / (64 + 24)),
    ("nfp-dma-write-256", gen3x8 * 256 / (256 + 24)),
    ("nfp-dma-write-512-32bit", gen3x8 * 512 / (512 + 2 * 20)),
    ("nfp-dma-write-512-64bit", gen3x8 * 512 / (512 + 2 * 24)),
    ("polarfire-write-gen1x1", gen1x1 * 1000 / 8 * 128 / 148),
    ("polarfire-write-gen2x4", gen2x4 * 1000 / 8 * 128 / 148),
    ("an708-write", gen3x8 / 8 * 256 / 276),
    ("nvbandwidth-a100", gen4x16 / 8 * 256 / 280),
    ("ug962-overhead", 8 + 12),
    // Device reads: completions of at most 256 bytes take more than the requests.
    ("nfp-dma-read-64", gen3x8 * 64 / (64 + 20)),
    ("nfp-dma-read-512", gen3x8 * 512 / (512 + 2 * 20)),
    ("nfp-dma-read-2048", gen3x8 * 2048 / (2048 + 8 * 20)),
    ("nfp-dma-read-mps128", gen3x8mps128 * 512 / (512 + 4 * 20)),
    ("an855-read", 100.0 * 512 / (512 + 2 * 20)),
    ("nfp-tlp-rate", gen3x8),
    // One read: 579 ns, requests of at most 512 bytes, completions of at most 256.
    ("nfp-read-latency-8", 579 + time(24 + 20 + 8, gen3x8)),
    ("nfp-read-latency-512", 579 + time(24 + 2 * 20 + 512, gen3x8)),
    ("nfp-read-latency-2048", 579 + time(4 * 24 + 8 * 20 + 2048, gen3x8)),
    ("nfp-write-read-latency-64", 579 + time(24 + 64 + 24 + 20 + 64, gen3x8)),
    // Stores every 0.5 ns; a full line leaves at once; the fence waits for the acknowledgement,
    // 100 ns after the start of the last of the 88-byte TLPs, which are sent one after another.
    ("gdrcopy-p100-write-16", 0.5 + 100),
    ("gdrcopy-p100-write-64", 2 * 0.5 + 100),
    ("gdrcopy-p100-write-256", 2 * 0.5 + 3 * time(88, gen3x16) + 100),
    ("gdrcopy-p100-write-4096", 2 * 0.5 + 63 * time(88, gen3x16) + 100),
    // A long copy: full lines, one after another.
    ("gdrcopy-p100-write-16m", gen3x16 / 8 * 64 / 88),
    ("gdrcopy-a100-write", gen4x16 / 8 * 64 / 88),
    // The stores of 4 KiB, 8 bytes each, take longer than their lines on the link.
    ("tt-wormhole-write-4096", 512 * 0.5),
    // Uncached: the next store waits 100 ns for the acknowledgement of the one before.
    ("x86-uc-spacing", (1023 * 100 + 0.5) / 1024),
    // Device memory with four writes in flight: the fifth waits 50 ns for the first, the eighth
    // for the fourth, whose TLP of 32 bytes was behind three others.
    ("thunderx2-pio-64", 50 + 3 * time(32, gen3x16) + 0.5),
    // A load: the request of 24 bytes, 1000 ns, a completion with its data.
    ("tt-wormhole-read-4", 1000 + time(24 + 20 + 4, gen4x16)),
    ("tt-wormhole-read-4096", 1024 * (1000 + time(24 + 20 + 4, gen4x16)) / 1000),
    ("fpga-read-8", (1000 + time(24 + 20 + 8, gen3x8)) / 1000),
    ("x86-wc-line-tlps", 1), ("grace-line-tlp", 64), ("x86-uc-tlp", 8),
  ]

  @Test(arguments: rows)
  func `the prediction is that of the arithmetic`(id: String, expected: Double) throws {
    let row = try BuiltIn.row(id)
    // 0.1 %: picoseconds, and the first and last TLP of a long copy.
    #expect(abs(row.predicted - expected) <= 0.001 * expected, "\(row.predicted), \(expected)")
  }

  @Test func `errors are against the nearer end`() throws {
    // 512-byte reads: 55.1 to 55.7 published.
    let read = try BuiltIn.row("nfp-dma-read-512")
    #expect(abs(read.error - (Self.gen3x8 * 512 / 552 / 55.7 - 1)) < 1e-9)
    // 1150 to 1500 MB/s published; 8-byte stores fill lines of 64 bytes in 88.
    let row = try BuiltIn.row("infinipath-x8-wc")
    #expect(row.predicted > 1150 && row.predicted < 1500 && row.error == 0)
    // 2 us and more published.
    let open = try BuiltIn.row("fpga-read-8")
    #expect(abs(open.error - (open.predicted / 2 - 1)) < 1e-9 && !open.isInside)
  }
}
