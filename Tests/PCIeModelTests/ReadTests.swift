import PCIeModel
import Testing

@Suite struct ReadTests {
  @Test func `a request inside Max_Payload_Size gets one completion wherever it starts`() {
    #expect(completions(0x20, 256, rcb: 64, mps: 256) == 1)
    #expect(completions(0x3c, 4, rcb: 64, mps: 128) == 1)
  }

  // By hand for a = 0x20, L = 256, MPS 128: 0x20..0x7f (96; 0x20 + 128 = 0xa0 rounds down to
  // 0x80 at either RCB), 0x80..0xff, 0x100..0x11f. For a = 0x60: RCB 64 ends first at
  // 0xc0 (96), then 0x140 (128), 0x160 (32); RCB 128 at 0x80 (32), 0x100, 0x160 (96): 3 also.
  // a = 0x40, L = 224 (to 0x120): RCB 64: 128 to 0xc0, 96 to 0x120, 2; RCB 128: 64 to 0x80,
  // 128 to 0x100, 32: 3.
  @Test func `completions end at multiples of the read completion boundary`() {
    #expect(completions(0x20, 256, rcb: 64, mps: 128) == 3)
    #expect(completions(0x20, 256, rcb: 128, mps: 128) == 3)
    #expect(completions(0x60, 256, rcb: 64, mps: 128) == 3)
    #expect(completions(0x60, 256, rcb: 128, mps: 128) == 3)
    #expect(completions(0x40, 224, rcb: 64, mps: 128) == 2)
    #expect(completions(0x40, 224, rcb: 128, mps: 128) == 3)
    #expect(completions(0, 512, rcb: 64, mps: 128) == 4)
  }

  @Test(arguments: [64, 128], [128, 256, 512])
  func `no legal answer has fewer completions`(rcb: Int, mps: Int) {
    for start in stride(from: 0, to: 256, by: 4) {
      for length in stride(from: 4, through: 1024, by: 20) {
        let found = completions(UInt64(start), length, rcb: rcb, mps: mps)
        #expect(found == greedy(start, length, rcb: rcb, mps: mps), "\(start) \(length)")
      }
    }
  }

  /// Always to the farthest end allowed, found by looking at every DW.
  private func greedy(_ start: Int, _ length: Int, rcb: Int, mps: Int) -> Int {
    var position = start
    var pieces = 0
    while position < start + length {
      var end = position + mps
      while end < start + length && end % rcb != 0 { end -= 4 }
      position = min(end, start + length)
      pieces += 1
    }
    return pieces
  }

  private func completions(_ address: UInt64, _ bytes: Int, rcb: Int, mps: Int) -> Int {
    WireCost.completions(address: address, bytes: bytes, boundary: rcb, maxPayload: mps)
  }

  // Non-flit: request 8 + 16, completion 8 + 12 + 4 a DW.
  @Test func `a load asks for the DWs that it touches`() {
    let plain = WireCost(link: link(4, 16), ecrc: false)
    let base: UInt64 = 0x10_0000_0000
    #expect(plain.memoryRead(address: base, bytes: 8) == cost(1, 1, 24, 28, units: 1))
    #expect(plain.memoryRead(address: base + 3, bytes: 2) == cost(1, 1, 24, 28, units: 1))
    #expect(plain.memoryRead(address: base + 1, bytes: 1) == cost(1, 1, 24, 24, units: 1))
    #expect(plain.memoryRead(address: 0x1000, bytes: 64) == cost(1, 1, 20, 84, units: 4))
    let flit = WireCost(link: link(6, 16), ecrc: false)
    #expect(flit.memoryRead(address: base, bytes: 8) == cost(1, 1, 16, 20, units: 1))
    #expect(flit.memoryRead(address: base + 1, bytes: 1) == cost(1, 1, 20, 16, units: 1))
  }

  @Test func `a read is cut at 4 KiB and at Max_Read_Request_Size`() {
    let plain = WireCost(link: link(4, 16, mrrs: 128), ecrc: false)
    // 2 + 6 bytes: 1 DW and 2 DWs; the second page's address has the 4 DW header too.
    #expect(
      plain.memoryRead(address: 0x10_0000_0ffe, bytes: 8)
        == cost(2, 2, 48, 20 + 4 + 20 + 8, units: 2))
    #expect(plain.memoryRead(address: 0xffff_fffc, bytes: 8) == cost(2, 2, 44, 48, units: 2))
    // 512 bytes in four requests, each answered by one completion.
    #expect(
      plain.memoryRead(address: 0x10_0000_0020, bytes: 512) == cost(4, 4, 96, 80 + 512, units: 32))
    // Bytes 2..129 touch 33 DWs, one more than a request of 128 bytes may ask for.
    #expect(
      plain.memoryRead(address: 0x10_0000_0002, bytes: 128) == cost(2, 2, 48, 40 + 132, units: 9))
    // 512 bytes in one request at MPS 256: two completions.
    let wide = WireCost(link: link(4, 16), ecrc: false)
    #expect(
      wide.memoryRead(address: 0x10_0000_0000, bytes: 512) == cost(1, 2, 24, 40 + 512, units: 32))
  }

  @Test func `a read at the top of the address space does not overflow`() {
    let plain = WireCost(link: link(4, 16), ecrc: false)
    #expect(plain.memoryRead(address: .max - 7, bytes: 8) == cost(1, 1, 24, 28, units: 1))
  }
}
