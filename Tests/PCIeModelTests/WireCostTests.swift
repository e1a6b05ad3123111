import PCIeModel
import Testing
import TraceCore

func link(
  _ generation: Int, _ lanes: Int, mps: Int = 256, mrrs: Int = 512, rcb: Int = 64,
  flit: Bool? = nil, ph: Int = 0, pd: Int = 0, loopPs: UInt64 = 0
) -> LinkConfiguration {
  LinkConfiguration(
    generation: generation, lanes: lanes, maxPayload: mps, maxReadRequest: mrrs,
    readCompletionBoundary: rcb, flit: flit ?? (generation >= 6),
    flowControl: FlowControl(posted: .init(headers: ph, data: pd), loopPs: loopPs))
}

@Suite struct WireCostTests {
  // 8 framing + 12 or 16 header (+ 4 ECRC) + 4 a DW.
  @Test func `a write's overhead is 20 bytes below 4 GiB and 24 above, 4 more with ECRC`() {
    let plain = WireCost(link: link(4, 16), ecrc: false)
    let checked = WireCost(link: link(4, 16), ecrc: true)
    #expect(plain.memoryWrite(dwords: 1, partial: true, headerDwords: 3) == 24)
    #expect(plain.memoryWrite(dwords: 16, partial: false, headerDwords: 4) == 88)
    #expect(checked.memoryWrite(dwords: 16, partial: false, headerDwords: 4) == 92)
    #expect(plain.memoryReadRequest(partial: true, headerDwords: 4) == 24)
    #expect(plain.completion(dwords: 16) == 84)
    #expect(plain.completion(dwords: 0) == 20)
  }

  // 4 x (header + OHC-A1 if partial + DW + ECRC trailer).
  @Test func `flit mode has no framing, and an OHC only where byte enables are needed`() {
    let plain = WireCost(link: link(6, 16), ecrc: false)
    let checked = WireCost(link: link(6, 16), ecrc: true)
    #expect(plain.memoryWrite(dwords: 1, partial: false, headerDwords: 4) == 20)
    #expect(plain.memoryWrite(dwords: 1, partial: true, headerDwords: 4) == 24)
    #expect(checked.memoryWrite(dwords: 16, partial: false, headerDwords: 3) == 80)
    #expect(plain.memoryReadRequest(partial: false, headerDwords: 3) == 12)
    #expect(plain.completion(dwords: 16) == 76)
    let optional = WireCost(link: link(5, 16, flit: true), ecrc: false)
    #expect(optional.memoryWrite(dwords: 1, partial: false, headerDwords: 4) == 20)
  }

  @Test func `the header is 3 DWs up to the last byte below 4 GiB`() {
    #expect(WireCost.headerDwords(address: 0xffff_ffff) == 3)
    #expect(WireCost.headerDwords(address: 0x1_0000_0000) == 4)
    let cost = WireCost(link: link(3, 8), ecrc: false)
    let shapes = TLPSplitter.shapes(
      mask: mask(0...7), address: 0xffff_fffc, lineBytes: 64, policy: .runs)
    #expect(shapes.map { cost.memoryWrite($0, address: 0xffff_fffc) } == [24, 28])
  }

  // Config: 3 DW header; a write has 1 DW, a read's completion has; flit adds OHC-A3 down.
  @Test func `config accesses take one request and one completion`() {
    let plain = WireCost(link: link(4, 16), ecrc: false)
    #expect(plain.configRead == cost(1, 1, 20, 24, units: 1))
    #expect(plain.configWrite == cost(1, 1, 24, 20))
    let flit = WireCost(link: link(6, 16), ecrc: false)
    #expect(flit.configRead == cost(1, 1, 16, 16, units: 1))
    #expect(flit.configWrite == cost(1, 1, 20, 12))
    let checked = WireCost(link: link(6, 16), ecrc: true)
    #expect(checked.configWrite == cost(1, 1, 24, 16))
  }
}

/// Requests, completions, bytes down, bytes up.
func cost(
  _ requests: UInt64, _ completions: UInt64, _ down: UInt64, _ up: UInt64, units: UInt64 = 0
) -> NonPostedCost {
  NonPostedCost(
    requests: requests, completions: completions, downBytes: down, upBytes: up, dataUnits: units)
}
