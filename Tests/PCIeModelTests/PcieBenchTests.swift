import PCIeModel
import Testing

/// One size's goodput of posted writes, ours and pcie-model's, in Gb/s.
struct GoodputPair: Sendable, CustomTestStringConvertible {
  let payload: Int
  /// gen3 x8, gen3 x16, gen4 x16, gen5 x16, gen6 x16.
  let ours: [Double]
  let theirs: [Double]
  var testDescription: String { "\(payload) B" }

  init(_ payload: Int, _ pairs: [(Double, Double)]) {
    self.payload = payload
    ours = pairs.map(\.0)
    theirs = pairs.map(\.1)
  }
}

/// The DLLP accounting of pcie-bench/pcie-model put back on purpose, beside our own.
@Suite struct PcieBenchTests {
  static let generations = Array(1...7)
  static let sizes = [
    1, 3, 4, 8, 60, 63, 64, 65, 128, 200, 256, 257, 512, 1000, 1500, 4096, 10_000,
  ]

  private func cost(_ oracle: PcieBenchOracle) -> WireCost {
    // It knows no flit mode: framing and LCRC in every generation.
    WireCost(
      link: link(
        oracle.generation, oracle.lanes, mps: oracle.mps, mrrs: oracle.mrrs, rcb: oracle.rcb,
        flit: false), ecrc: oracle.ecrc)
  }

  private func isNear(_ value: Double, _ expected: Double) -> Bool {
    abs(value / 1e9 - expected) <= 1e-12 * expected
  }

  /// Write, read, read and write as our code has them with the error put back.
  private func rebuilt(_ oracle: PcieBenchOracle, _ size: Int) -> [Double] {
    let cost = cost(oracle)
    let rate = LinkRate(cost.link, accounting: .pcieBench)
    let header = oracle.addressBits == 64 ? 4 : 3
    let write = ContiguousWrite(
      payloadBytes: size, headerDwords: header, cost: cost, padding: .none)
    let read = ContiguousRead(
      payloadBytes: size, headerDwords: header, cost: cost, split: oracle.rcbChunks ? .rcb : .few,
      padding: .none)
    return [
      write.goodputBitsPerSecond(rate), read.goodputBitsPerSecond(rate),
      read.goodputBitsPerSecond(with: write, rate),
    ]
  }

  @Test func `its limits are the specification's formula rounded down, but for two entries`() {
    var different: [String] = []
    for generation in 1...3 {
      for lanes in PcieBenchOracle.widths {
        for mps in PcieBenchOracle.payloads {
          let formula = LinkRate.updateLimit(
            generation: generation, lanes: lanes, maxPayload: mps
          ).rounded(.down)
          let tables = [
            ("Ack_Limits", PcieBenchOracle.ackLimit(generation, lanes, mps)),
            ("FC_Guide", PcieBenchOracle.updateLimit(generation, lanes, mps)),
          ]
          for (name, limit) in tables where limit != formula {
            different.append("\(name) gen\(generation) x\(lanes) \(mps): \(limit) \(formula)")
          }
        }
      }
    }
    let listed = PcieBenchOracle.mistyped.map {
      "\($0.table) gen\($0.generation) x\($0.lanes) \($0.mps): \($0.printed) \($0.formula)"
    }
    #expect(different.sorted() == listed.sorted())
  }

  @Test(arguments: generations)
  func `with its error put back our rates and goodputs are its own`(generation: Int) {
    for lanes in PcieBenchOracle.widths {
      for mps in PcieBenchOracle.payloads {
        for mrrs in PcieBenchOracle.payloads where mrrs >= mps {
          for (bits, ecrc, chunks) in [(64, false, false), (32, true, false), (64, false, true)] {
            let oracle = PcieBenchOracle(
              generation: generation, lanes: lanes, mps: mps, mrrs: mrrs,
              rcb: chunks ? 128 : 64, rcbChunks: chunks, addressBits: bits, ecrc: ecrc)
            let rate = LinkRate(cost(oracle).link, accounting: .pcieBench)
            #expect(isNear(rate.rawBitsPerSecond, oracle.raw))
            #expect(isNear(rate.tlpBitsPerSecond, oracle.tlpRate))
            for size in Self.sizes {
              let expected = [oracle.write(size), oracle.read(size), oracle.readWrite(size)]
              let found = rebuilt(oracle, size)
              let agree = zip(found, expected).allSatisfy { isNear($0, $1) }
              #expect(agree, "x\(lanes) MPS \(mps) MRRS \(mrrs) \(size) B")
            }
          }
        }
      }
    }
  }

  // A request of its own never shares a completion; pcie-model divides the whole by MPS.
  @Test func `it counts too few completions where requests are shorter than payloads`() {
    let oracle = PcieBenchOracle(generation: 3, lanes: 8, mps: 512, mrrs: 128)
    let read = ContiguousRead(payloadBytes: 512, headerDwords: 4, cost: cost(oracle))
    #expect(read.requests == 4 && read.completions == 4 && read.completionBytes == 592)
    // 512 B: 4 x 24 asked, 1 x 20 + 512 answered, instead of 4 x 20 + 512.
    #expect(abs(oracle.read(512) - 512 * oracle.tlpRate / 532) < 1e-9)
    #expect(rebuilt(oracle, 512)[1] / 1e9 < oracle.read(512))
  }

  // Rates of TLPs at MPS 256 and x16 in Gb/s, ours and its, computed by separate programs.
  @Test(arguments: [
    (1, 31.474, 24.806), (3, 124.954, 113.700), (4, 249.908, 227.400), (5, 499.816, 454.800),
  ])
  func `its x16 link is slower than ours`(generation: Int, ours: Double, theirs: Double) {
    let link = link(generation, 16)
    let right = LinkRate(link).tlpBitsPerSecond / 1e9
    let wrong = LinkRate(link, accounting: .pcieBench).tlpBitsPerSecond / 1e9
    #expect(abs(right - ours) <= 0.0005)
    #expect(abs(wrong - theirs) <= 0.0005)
  }

  // Goodput with a 64-bit address and MPS 256: closed form B7, and pcie-model run.
  static let goodput = [
    GoodputPair(
      1, [(2.22, 2.32), (4.46, 4.55), (8.93, 9.10), (17.85, 18.19), (39.33, 34.93)]),
    GoodputPair(
      4, [(8.89, 8.27), (17.85, 16.24), (35.70, 32.49), (71.40, 64.97), (188.8, 124.8)]),
    GoodputPair(
      8, [(15.56, 14.47), (31.24, 28.43), (62.48, 56.85), (124.95, 113.70), (314.7, 218.3)]),
    GoodputPair(
      16, [(24.89, 23.15), (49.98, 45.48), (99.96, 90.96), (199.93, 181.92), (472.0, 349.3)]),
    GoodputPair(
      32, [(35.56, 33.08), (71.40, 64.97), (142.80, 129.94), (285.61, 259.89), (629.3, 499.0)]),
    GoodputPair(
      64, [(45.26, 42.10), (90.88, 82.69), (181.75, 165.38), (363.50, 330.76), (755.2, 635.1)]),
    GoodputPair(
      128,
      [(52.41, 48.75), (105.22, 95.75), (210.45, 191.49), (420.90, 382.99), (839.1, 735.4)]),
    GoodputPair(
      256,
      [(56.90, 52.92), (114.24, 103.95), (228.49, 207.91), (456.97, 415.82), (888.5, 798.4)]),
    GoodputPair(
      512,
      [(56.90, 52.92), (114.24, 103.95), (228.49, 207.91), (456.97, 415.82), (888.5, 798.4)]),
  ]

  @Test(arguments: goodput) func `its goodputs stand beside ours`(_ row: GoodputPair) {
    for (index, (generation, lanes)) in [(3, 8), (3, 16), (4, 16), (5, 16), (6, 16)].enumerated() {
      let link = link(generation, lanes)
      let right =
        ContiguousWrite(
          payloadBytes: row.payload, headerDwords: 4, cost: WireCost(link: link, ecrc: false)
        ).goodputBitsPerSecond(LinkRate(link)) / 1e9
      let oracle = PcieBenchOracle(generation: generation, lanes: lanes, mps: 256, mrrs: 512)
      let wrong = rebuilt(oracle, row.payload)[0] / 1e9
      let half = link.flit ? 0.051 : 0.0051
      #expect(abs(right - row.ours[index]) <= half, "gen\(generation) x\(lanes)")
      #expect(abs(wrong - row.theirs[index]) <= half, "gen\(generation) x\(lanes)")
    }
  }

  // One lane divides a DLLP by one: what is left is the fraction of the limit that a table drops,
  // and above 256 bytes there is none.
  @Test(arguments: 1...5) func `at x1 both accountings agree`(generation: Int) {
    for mps in PcieBenchOracle.payloads {
      let link = link(generation, 1, mps: mps)
      let right = LinkRate(link).tlpBitsPerSecond
      let wrong = LinkRate(link, accounting: .pcieBench).tlpBitsPerSecond
      #expect(abs(right - wrong) <= (mps > 256 ? 1e-12 : 2e-4) * right)
    }
  }

  // A DLLP's share at x8 is 8/203 + 8/203 + 4/1538 = 8.1 % by its count, 1.2 % by ours.
  @Test func `at x8 it charges 8 percent where 1 is due`() {
    let link = link(3, 8)
    let right = LinkRate(link)
    let wrong = LinkRate(link, accounting: .pcieBench)
    #expect(abs(1 - right.tlpBitsPerSecond / right.rawBitsPerSecond - 0.012) <= 0.0005)
    #expect(abs(1 - wrong.tlpBitsPerSecond / wrong.rawBitsPerSecond - 0.081) <= 0.0005)
  }
}
