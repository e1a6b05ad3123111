import PCIeModel
import Testing

/// A row of published figures, in Gb/s.
struct RateCase: Sendable, CustomTestStringConvertible {
  let generation: Int
  /// At x1, x4, x8 and x16.
  let rates: [Double]
  var testDescription: String { "gen\(generation)" }
}

/// Wire bytes and goodput in Gb/s of one payload size, 4 DW header, MPS 256.
struct GoodputCase: Sendable, CustomTestStringConvertible {
  let payload: Int
  let wire: Int
  /// gen3 x8, gen3 x16, gen4 x16, gen5 x16, gen6 x16.
  let rates: [Double]
  var testDescription: String { "\(payload) B" }
}

@Suite struct LinkRateTests {
  // Computed from the closed form B4 by a separate program; MPS 256.
  static let rates = [
    RateCase(generation: 1, rates: [1.918, 7.709, 15.661, 31.474]),
    RateCase(generation: 3, rates: [7.611, 30.838, 62.233, 124.954]),
    RateCase(generation: 4, rates: [15.221, 61.676, 124.466, 249.908]),
    RateCase(generation: 5, rates: [30.442, 123.352, 248.932, 499.816]),
    RateCase(generation: 6, rates: [59, 236, 472, 944]),
    RateCase(generation: 7, rates: [118, 472, 944, 1888]),
  ]

  @Test(arguments: rates)
  func `the TLP rate leaves out Ack, UpdateFC and SKP`(_ row: RateCase) {
    for (lanes, expected) in zip([1, 4, 8, 16], row.rates) {
      let rate = LinkRate(link(row.generation, lanes)).tlpBitsPerSecond / 1e9
      #expect(abs(rate - expected) <= 0.0005, "x\(lanes): \(rate)")
    }
  }

  @Test func `the raw rate is transfers times code times lanes`() {
    let raw = { LinkRate(link($0, 16)).rawBitsPerSecond / 1e9 }
    let expected = [32, 64, 126.031, 252.062, 504.123, 1024, 2048]
    for (generation, value) in zip(1...7, expected) {
      #expect(abs(raw(generation) - value) <= 0.0005)
    }
  }

  // (256 + 28) x AF / lanes + delay, whole symbols: 416, 203, 168.
  @Test func `the Ack limit matches the specification's table`() {
    let limit = { LinkRate.updateLimit(generation: $0, lanes: $1, maxPayload: $2) }
    #expect(Int(limit(1, 1, 256)) == 416)
    #expect(Int(limit(3, 8, 256)) == 203)
    #expect(Int(limit(3, 16, 256)) == 168)
    // The 2.5 GT/s table's 512-byte row: 559, 154, 86, 109 (x12), 86.
    #expect([1, 4, 8, 12, 16].map { Int(limit(1, $0, 512)) } == [559, 154, 86, 109, 86])
  }

  @Test func `flit mode at a lower rate keeps the line code`() {
    // 16 GT/s x 128/130 x 16 x 236/256 = 232.369 Gb/s.
    let rate = LinkRate(link(4, 16, flit: true)).tlpBitsPerSecond / 1e9
    #expect(abs(rate - 232.369) <= 0.0005)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7], [128, 256, 512, 1024, 2048, 4096])
  func `more lanes and larger payloads never cost rate`(generation: Int, mps: Int) {
    let rates = [1, 2, 4, 8, 12, 16, 32].map {
      LinkRate(link(generation, $0, mps: mps)).tlpBitsPerSecond / Double($0)
    }
    for rate in rates { #expect(rate > 0) }
    for (narrow, wide) in zip(rates, rates.dropFirst()) { #expect(2 * wide > narrow) }
  }

  static let goodput = [
    GoodputCase(payload: 1, wire: 28, rates: [2.22, 4.46, 8.93, 17.85, 39.33]),
    GoodputCase(payload: 4, wire: 28, rates: [8.89, 17.85, 35.70, 71.40, 188.8]),
    GoodputCase(payload: 8, wire: 32, rates: [15.56, 31.24, 62.48, 124.95, 314.7]),
    GoodputCase(payload: 16, wire: 40, rates: [24.89, 49.98, 99.96, 199.93, 472.0]),
    GoodputCase(payload: 32, wire: 56, rates: [35.56, 71.40, 142.80, 285.61, 629.3]),
    GoodputCase(payload: 64, wire: 88, rates: [45.26, 90.88, 181.75, 363.50, 755.2]),
    GoodputCase(payload: 128, wire: 152, rates: [52.41, 105.22, 210.45, 420.90, 839.1]),
    GoodputCase(payload: 256, wire: 280, rates: [56.90, 114.24, 228.49, 456.97, 888.5]),
    GoodputCase(payload: 512, wire: 560, rates: [56.90, 114.24, 228.49, 456.97, 888.5]),
  ]

  // The closed form B7, computed by a separate program.
  @Test(arguments: goodput)
  func `goodput of posted writes follows the closed form`(_ row: GoodputCase) {
    let links = [link(3, 8), link(3, 16), link(4, 16), link(5, 16), link(6, 16)]
    for (link, expected) in zip(links, row.rates) {
      let write = ContiguousWrite(
        payloadBytes: row.payload, headerDwords: 4, cost: WireCost(link: link, ecrc: false))
      if !link.flit { #expect(write.wireBytes == row.wire) }
      let goodput = write.goodputBitsPerSecond(LinkRate(link)) / 1e9
      #expect(abs(goodput - expected) <= (link.flit ? 0.051 : 0.0051), "\(link)")
    }
  }

  // 8 x wire bytes / rate with the rates above: 256, 704 and 2240 bits at 499.816 and 62.233
  // Gb/s; at 59 Gb/s a byte takes 135.59 ps.
  @Test func `serialisation is wire bits over the TLP rate, rounded to a picosecond`() {
    let fast = LinkRate(link(5, 16))
    #expect([32, 88, 280].map(fast.serialisationPs) == [512, 1409, 4482])
    let slow = LinkRate(link(3, 8))
    #expect([32, 88, 280].map(slow.serialisationPs) == [4114, 11312, 35994])
    #expect(LinkRate(link(6, 1)).serialisationPs(1) == 136)
    #expect(fast.serialisationPs(0) == 0)
  }

  @Test(arguments: 1...7)
  func `serialisation in fixed point stays within half a picosecond`(generation: Int) {
    for lanes in [1, 2, 4, 8, 12, 16, 32] {
      let rate = LinkRate(link(generation, lanes))
      var worst = 0.0
      for bytes in 0...4200 {
        let exact = Double(8 * bytes) / rate.tlpBitsPerSecond * 1e12
        worst = max(worst, abs(Double(rate.serialisationPs(bytes)) - exact))
      }
      #expect(worst <= 0.5 + 1.0 / 4096)
    }
    #expect(LinkRate(link(generation, 1)).serialisationPs(1 << 24) > 0)
  }
}

@Suite struct PostedStreamTests {
  // PH / T in million TLPs a second.
  @Test func `header credits bound the rate to credits over the loop time`() {
    let table: [(ns: UInt64, rates: [Double])] = [
      (100, [80, 160, 320, 640, 1270]), (300, [26.7, 53.3, 106.7, 213.3, 423.3]),
      (500, [16, 32, 64, 128, 254]), (1000, [8, 16, 32, 64, 127]),
    ]
    for (ns, rates) in table {
      for (credits, rate) in zip([8, 16, 32, 64, 127], rates) {
        let stream = PostedStream(
          dwords: 2, wireBytes: 32, link: link(4, 16, ph: credits, loopPs: ns * 1000))
        #expect(abs(stream.headerCreditBound / 1e6 - rate) <= 0.051)
      }
    }
  }

  // 64 bytes are 4 units of 16: 64 / (4 x 300 ns) = 53.3 M; 8 bytes take a whole unit.
  @Test func `data credits count whole units of 16 bytes`() {
    let link = link(4, 16, pd: 64, loopPs: 300_000)
    let line = PostedStream(dwords: 16, wireBytes: 88, link: link)
    #expect(abs(line.dataCreditBound / 1e6 - 53.333) <= 0.001)
    #expect(line.dataCreditBound < line.linkBound)
    #expect(line.headerCreditBound == .infinity)
    let small = PostedStream(dwords: 2, wireBytes: 32, link: link)
    #expect(abs(small.dataCreditBound / 1e6 - 213.333) <= 0.001)
  }

  // PH that keeps an x16 link full at a loop of 300 ns: published as 293 / 107 / 34 for gen4.
  @Test func `the link binds as soon as there are credits enough`() {
    for (dwords, needed) in [(2, 293), (16, 107), (64, 34)] {
      let bound = { (credits: Int) in
        let stream = PostedStream(
          dwords: dwords, wireBytes: 24 + 4 * dwords,
          link: link(4, 16, ph: credits, loopPs: 300_000))
        return stream.linkBound <= min(stream.headerCreditBound, stream.dataCreditBound)
      }
      #expect(bound(needed))
      #expect(!bound(needed - 1))
    }
  }
}
