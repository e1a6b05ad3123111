import PCIeModel
import Testing

/// The closed forms B1 to B12 by name, against the formulas written out.
@Suite struct LinkFormulaTests {
  /// Gigabits of a form within half of its last decimal.
  private func isNear(_ bits: Double, _ gigabits: Double, _ tolerance: Double = 0.0006) -> Bool {
    abs(bits / 1e9 - gigabits) <= tolerance
  }

  // gen3 x8, MPS 256, MRRS 512, 64 bytes, 4 DW header, by hand: raw 8 x 8 x 128/130; limit
  // 284 x 2.5 / 8 + 115; a symbol takes 1 ns; TLPs 24 + 64, 24 and 20 + 64 bytes.
  @Test func `one link and size, every term by hand`() {
    var assumptions = LinkFormulas.Assumptions()
    assumptions.outstandingReads = 16
    assumptions.roundTripPs = 1_000_000
    assumptions.issuePs = 20_000
    let terms = LinkFormulas(
      link: link(3, 8, ph: 16, pd: 80, loopPs: 500_000), payloadBytes: 64, headerDwords: 4,
      ecrc: false, assumptions: assumptions)
    #expect(isNear(terms.rawBitsPerSecond, 63.015))
    #expect(terms.updateLimitSymbols == 203.75)
    #expect(abs((terms.updateLimitPs ?? 0) - 203_750) < 1e-6)
    // 63.0154 x (1 - 2 x 8 / (203.75 x 8) - 4 / 1538)
    #expect(isNear(terms.tlpBitsPerSecond, 62.233))
    #expect(terms.write.wireBytes == 88 && terms.read.requestBytes == 24)
    #expect(terms.read.completionBytes == 84)
    // 62.2329 x 64 / 88, / 84, / (88 + 24)
    #expect(isNear(terms.writeBitsPerSecond, 45.260))
    #expect(isNear(terms.readBitsPerSecond, 47.416))
    #expect(isNear(terms.readWriteBitsPerSecond, 35.562))
    // 512 bits x 16 / 1 us; x 16 / 500 ns; x 80 / 4 / 500 ns; / 20 ns
    #expect(isNear(terms.latencyReadBitsPerSecond, 8.192))
    #expect(isNear(terms.headerCreditBitsPerSecond, 16.384))
    #expect(isNear(terms.dataCreditBitsPerSecond, 20.480))
    #expect(isNear(terms.programmedBitsPerSecond, 16.384))
  }

  // Each of B12's terms binds in turn: 25.6 by the CPU, 16.384 by PH, 5.12 by PD, 45.260 by the link.
  @Test func `the stream takes the smallest of issue rate, credits and link`() {
    let stream = { (ph: Int, pd: Int, issuePs: UInt64?) in
      var assumptions = LinkFormulas.Assumptions()
      assumptions.issuePs = issuePs
      return LinkFormulas(
        link: link(3, 8, ph: ph, pd: pd, loopPs: 500_000), payloadBytes: 64, headerDwords: 4,
        ecrc: false, assumptions: assumptions)
    }
    #expect(isNear(stream(0, 0, 20_000).programmedBitsPerSecond, 25.6))
    #expect(isNear(stream(16, 0, 20_000).programmedBitsPerSecond, 16.384))
    #expect(isNear(stream(16, 20, 20_000).programmedBitsPerSecond, 5.12))
    #expect(isNear(stream(0, 0, nil).programmedBitsPerSecond, 45.260))
    #expect(stream(0, 0, nil).headerCreditBitsPerSecond == .infinity)
  }

  // 512 bytes at MPS 256 are 2 PH and 32 PD: 4096 bits x 16 / 2 / 500 ns, x 64 / 32 / 500 ns.
  @Test func `a write of several TLPs takes the credits of all`() {
    let terms = LinkFormulas(
      link: link(3, 8, ph: 16, pd: 64, loopPs: 500_000), payloadBytes: 512, headerDwords: 4,
      ecrc: false)
    #expect(terms.write.tlps == 2 && terms.write.dataCredits == 32)
    #expect(isNear(terms.headerCreditBitsPerSecond, 65.536))
    #expect(isNear(terms.dataCreditBitsPerSecond, 16.384))
  }

  // 8b/10b: 10 bits at 2.5 and 5 GT/s; then 8 bits.
  @Test func `symbol times follow the generations`() {
    let times = (1...7).map(LinkRate.symbolPs)
    let expected = [4000.0, 2000, 1000, 500, 250, 125, 62.5]
    #expect(zip(times, expected).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  // Ack limit at MPS 256: gen1 x1 416 symbols are 1.67 us; gen5 x16 168 are 42 ns.
  @Test func `limits in time are symbols times their length`() {
    let limit = { (generation: Int, lanes: Int) in
      (LinkFormulas(
        link: link(generation, lanes), payloadBytes: 4, headerDwords: 3, ecrc: false
      ).updateLimitPs ?? 0) / 1000
    }
    #expect(abs(limit(1, 1) - 1666.4) < 0.01)
    #expect(abs(limit(3, 16) - 168.25) < 0.01)
    #expect(abs(limit(5, 16) - 42.0625) < 0.01)
  }

  @Test func `flit mode has no limits of DLLPs`() {
    let terms = LinkFormulas(
      link: link(6, 16), payloadBytes: 64, headerDwords: 4, ecrc: false)
    #expect(terms.updateLimitSymbols == nil && terms.updateLimitPs == nil)
  }

  /// B2, B3, B7, B8 and B9 written out anew; MRRS is no smaller than MPS.
  @Test(arguments: 1...7) func `the closed forms hold over the grid`(generation: Int) {
    for lanes in [1, 2, 4, 8, 12, 16, 32] {
      for (mps, mrrs) in [(128, 128), (256, 512), (512, 512), (4096, 4096)] {
        for flit in [false, true] where flit || generation < 6 {
          for (header, ecrc) in [(3, false), (4, true)] {
            let link = link(generation, lanes, mps: mps, mrrs: mrrs, flit: flit)
            for size in [1, 4, 7, 64, 256, 260, 1000, 4096, 9001] {
              check(link, header, ecrc, size)
            }
          }
        }
      }
    }
  }

  private func check(_ link: LinkConfiguration, _ header: Int, _ ecrc: Bool, _ size: Int) {
    let terms = LinkFormulas(link: link, payloadBytes: size, headerDwords: header, ecrc: ecrc)
    let fixed = (link.flit ? 0 : 8) + (ecrc ? 4 : 0)
    let padded = (size + 3) / 4 * 4
    // A last, partial DW needs an OHC-A1 in flit mode.
    let spelt = link.flit && size % 4 != 0 ? 4 : 0
    let writes = (size + link.maxPayload - 1) / link.maxPayload
    let reads = (size + link.maxReadRequest - 1) / link.maxReadRequest
    let written = writes * (fixed + 4 * header) + spelt + padded
    let asked = reads * (fixed + 4 * header) + spelt
    let answered = writes * (fixed + 12) + padded
    #expect(terms.write.wireBytes == written && terms.write.tlps == writes)
    #expect(terms.read.requestBytes == asked && terms.read.completionBytes == answered)
    let goodput = { (bytes: Int) in terms.tlpBitsPerSecond * Double(size) / Double(bytes) }
    #expect(isClose(terms.writeBitsPerSecond, goodput(written)))
    #expect(isClose(terms.readBitsPerSecond, goodput(max(asked, answered))))
    #expect(isClose(terms.readWriteBitsPerSecond, goodput(max(answered, written + asked))))
    #expect(isClose(terms.tlpBitsPerSecond, rate(link)))
  }

  private func isClose(_ left: Double, _ right: Double) -> Bool {
    abs(left - right) <= 1e-12 * right
  }

  /// B1, B4 and B5 written out anew.
  private func rate(_ link: LinkConfiguration) -> Double {
    let code = [0.8, 0.8, 128.0 / 130, 128.0 / 130, 128.0 / 130, 1, 1][link.generation - 1]
    let raw =
      [2.5e9, 5e9, 8e9, 16e9, 32e9, 64e9, 128e9][link.generation - 1] * code
      * Double(link.lanes)
    if link.flit { return raw * 236 / 256 }
    let small = link.lanes <= 4 ? 1.4 : link.lanes == 8 ? 2.5 : 3
    let factor = link.maxPayload <= 256 ? small : link.lanes <= 8 ? 1 : 2
    let delay = [19.0, 70, 115, 115, 115, 0, 0][link.generation - 1]
    let limit = Double(link.maxPayload + 28) * factor / Double(link.lanes) + delay
    return raw * (1 - 2 * 8 / (limit * Double(link.lanes)) - 4.0 / 1538)
  }

  // One completion each 64 bytes: 8 x 20 + 512 bytes instead of 2 x 20 + 512.
  @Test func `completions of one boundary each cost more`() {
    let few = LinkFormulas(link: link(3, 8), payloadBytes: 512, headerDwords: 4, ecrc: false)
    let many = LinkFormulas(
      link: link(3, 8), payloadBytes: 512, headerDwords: 4, ecrc: false, split: .rcb)
    #expect(few.read.completions == 2 && few.read.completionBytes == 552)
    #expect(many.read.completions == 8 && many.read.completionBytes == 672)
  }
}
