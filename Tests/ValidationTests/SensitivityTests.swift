import Results
import Testing

@testable import Validation

/// What a prediction hangs on, and how far it reaches.
@Suite struct SensitivityTests {
  /// Ranges of the profiles: acknowledgement 50 to 300 ns, 1 to 16 writes in flight, a store every
  /// 0.25 to 1 ns.
  @Test func `the range is over all combinations of ends`() throws {
    let row = try BuiltIn.row("thunderx2-pio-64")
    // The last one shows only where no store waits.
    #expect(
      row.hangsOn == ["cpu.device_ack_ns", "cpu.device_writes_in_flight", "cpu.store_issue_ns"])
    #expect(row.coversCombinations)
    // Eight stores, none of which waits; and each 300 ns behind the one before, which neither end
    // reaches alone: 7 * 50 with one in flight, 300 and a little with four.
    #expect(abs(row.rangeLow - 8 * 0.25) < 0.001)
    #expect(abs(row.rangeHigh - (7 * 300 + 1)) < 0.001)
  }

  @Test func `a setting that matters only beside another one is found`() throws {
    // 64 lines of 4 KiB: fewer than 127 credits, so the loop matters only with 32 of them.
    let row = try BuiltIn.row("gdrcopy-p100-write-4096")
    #expect(row.hangsOn == ["cpu.device_ack_ns", "link.credit_loop_ns", "link.ph"])
    // The 33rd line waits 1000 ns for the first one's credit, and so on to the 64th; then the
    // fence for the acknowledgement, 300 ns.
    let lines = 31 * HandArithmeticTests.time(88, HandArithmeticTests.gen3x16)
    #expect(abs(row.rangeHigh - (2 * 0.5 + 1000 + lines + 300)) < 0.5)
    // No credits missing: the lines one after another, and 50 ns.
    let all = 63 * HandArithmeticTests.time(88, HandArithmeticTests.gen3x16)
    #expect(abs(row.rangeLow - (2 * 0.5 + all + 50)) < 0.5)
  }

  @Test func `a range of one setting has its two ends`() throws {
    let row = try BuiltIn.row("x86-uc-spacing")
    #expect(row.hangsOn == ["cpu.device_ack_ns"])
    #expect(abs(row.rangeLow - (1023 * 50 + 0.5) / 1024) < 0.001)
    #expect(abs(row.rangeHigh - (1023 * 300 + 0.5) / 1024) < 0.001)
    #expect(row.informed == ["cpu.device_ack_ns"])
  }

  // The prediction is the profile's 8 bytes and the measurement is where they come from: nothing moves
  // it, and it is no evidence all the same.
  @Test func `a value without a range that comes from the row is told`() throws {
    let fixed = try BuiltIn.row("x86-uc-tlp")
    #expect(fixed.hangsOn == [] && !fixed.hasRange)
    #expect(fixed.informed == ["cpu.device_bus_bytes"])
    let beside = try BuiltIn.row("tt-blackhole-read")
    #expect(beside.hangsOn == ["device.read_latency_ns"])
    #expect(beside.informed == ["cpu.normal_loads_in_flight"])
  }

  // Its end at 64 KiB is what the range of loads in flight was made of.
  @Test func `both ends that a range was made of are no evidence`() throws {
    for id in ["gdrcopy-p100-read-16m", "gdrcopy-k40m-read-local"] {
      #expect(try BuiltIn.row(id).informed == ["cpu.normal_loads_in_flight"], "\(id)")
    }
  }

  @Test func `credits of the range throttle a stream of lines`() throws {
    let row = try BuiltIn.row("gdrcopy-p100-write-16m")
    #expect(row.hangsOn == ["link.credit_loop_ns", "link.ph"])
    // 32 headers of 64 bytes in 1000 ns; a burst of 32 goes at once, so a little more over 4096.
    #expect(row.rangeLow > 2.048 && row.rangeLow < 2.048 * 1.01)
    #expect(abs(row.rangeHigh - row.predicted) < 1e-9)
  }

  @Test func `what is set by the data is not varied`() throws {
    let bare = sample.replacing("fitted: true", with: "fitted: false")
    let row = try #require(try validation(bare).run().rows.first)
    #expect(row.hangsOn == [] && row.fits == [] && row.rangeLow == row.rangeHigh)
  }

  @Test func `a wire-bound transfer hangs on nothing assumed`() throws {
    for id in ["nfp-dma-write-512-64bit", "polarfire-write-gen2x4", "an855-read"] {
      let row = try BuiltIn.row(id)
      #expect(row.hangsOn == [] && !row.hasRange, "\(id)")
    }
  }

  @Test func `inside means that the intervals meet`() {
    func row(_ low: Double, _ high: Double, bound: PredictionBound? = nil) -> ValidationRow {
      ValidationRow(
        id: "a", what: "", source: "", setup: "", limit: .latency, status: .measured, unit: "ns",
        published: (10, 20), predicted: low, range: (low, high), coversCombinations: true,
        hangsOn: [], bound: bound)
    }
    #expect(row(5, 10).isInside && row(20, 25).isInside && row(5, 25).isInside)
    #expect(!row(5, 9).isInside && !row(21, 25).isInside)
    #expect(row(21, 25, bound: .upper).isInside && !row(5, 9, bound: .upper).isInside)
    #expect(row(5, 9, bound: .lower).isInside && !row(21, 25, bound: .lower).isInside)
    #expect(row(5, 9).error == -0.5 && row(30, 40).error == 0.5 && row(15, 40).error == 0)
  }
}
