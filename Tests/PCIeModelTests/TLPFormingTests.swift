import PCIeModel
import TestSupport
import Testing

/// Ranges of any length into writes and reads.
@Suite struct TLPFormingTests {
  /// Absolute addresses of a request's enabled bytes; their order is the data's.
  private func enabledBytes(_ tlp: TLP) -> [UInt64] {
    guard case .address(let address) = tlp.route else { return [] }
    return (0..<UInt64(4 * tlp.dwords)).filter { byte in
      let field: UInt8 =
        byte < 4 ? tlp.enables.first : byte / 4 == UInt64(tlp.dwords - 1) ? tlp.enables.last : 15
      return field >> UInt8(byte & 3) & 1 == 1
    }.map { address + $0 }
  }

  /// Checks that requests cover a range exactly, in order, within all limits.
  private func check(_ tlps: [TLP], _ address: UInt64, _ bytes: Int, limit: Int) {
    #expect(tlps.flatMap(enabledBytes) == (0..<UInt64(bytes)).map { address + $0 })
    for tlp in tlps {
      let group = enabledBytes(tlp)
      #expect(tlp.payloadBytes == group.count && tlp.dwords == dwords(group))
      #expect(4 * tlp.dwords <= limit)
      #expect(group.first.map { $0 / 4096 } == group.last.map { $0 / 4096 })
      #expect(obeysByteEnableRules(group))
      #expect(tlp.type.headerDwords == (group[0] < 1 << 32 ? 3 : 4))
    }
  }

  /// The fewest requests, tried from every position to every end that is legal.
  private func fewest(_ address: UInt64, _ bytes: Int, limit: Int) -> Int {
    var best = [Int](repeating: 0, count: bytes + 1)
    for start in (0..<bytes).reversed() {
      best[start] =
        1
        + (start + 1...bytes).filter { end in
          let first = address + UInt64(start)
          let last = address + UInt64(end - 1)
          return first / 4096 == last / 4096 && Int(last / 4 - first / 4 + 1) * 4 <= limit
        }.map { best[$0] }.reduce(bytes, min)
    }
    return best[0]
  }

  @Test(arguments: SplitPolicy.allCases)
  func `random writes lose no byte and keep all limits`(policy: SplitPolicy) {
    var random = SplitMix64(seed: 11)
    for index in 0..<150 {
      let page = index % 3 == 0 ? UInt64(0xffff_f000) : random.next() & 0xff_ffff_f000
      let address = page + random.next() % 4096
      let bytes = 1 + Int(random.next() % (index % 5 == 0 ? 6000 : 500))
      let mps = 128 << Int(random.next() % 6)
      let writes = TLP.memoryWrites(
        address: address, bytes: bytes, policy: policy, link: link(4, 16, mps: mps))
      check(writes, address, bytes, limit: mps)
    }
  }

  @Test func `random reads lose no byte, and their completions bring all back in order`() {
    var random = SplitMix64(seed: 12)
    for index in 0..<300 {
      let address = random.next() & 0xf_ffff_ffff
      let bytes = 1 + Int(random.next() % (index % 5 == 0 ? 9000 : 700))
      let mps = 128 << Int(random.next() % 3)
      let link = link(
        4, 16, mps: mps, mrrs: 128 << Int(random.next() % 6), rcb: index % 2 == 0 ? 64 : 128)
      let reads = TLP.memoryReads(address: address, bytes: bytes, link: link)
      check(reads, address, bytes, limit: link.maxReadRequest)
      for read in reads {
        for split in CompletionSplit.allCases {
          let answers = read.completions(split, link: link, completer: 0x100)
          #expect(answers.reduce(0) { $0 + $1.payloadBytes } == read.payloadBytes)
          #expect(answers.reduce(0) { $0 + $1.dwords } == read.dwords)
          #expect(answers.allSatisfy { 4 * $0.dwords <= mps })
        }
      }
    }
  }

  @Test(arguments: [UInt64(0x2000), 0x2001, 0x2fff, 0x2f80, 0x2f43, 0xffff_ff9e])
  func `runs and reads need no request more than any other cut`(address: UInt64) {
    let link = link(4, 16, mps: 128, mrrs: 128)
    for bytes in [1, 4, 60, 125, 126, 127, 128, 129, 200, 253, 256, 257, 300] {
      let least = fewest(address, bytes, limit: 128)
      for policy in [SplitPolicy.runs, .minimal] {
        let writes = TLP.memoryWrites(address: address, bytes: bytes, policy: policy, link: link)
        #expect(writes.count == least, "\(bytes)")
      }
      #expect(TLP.memoryReads(address: address, bytes: bytes, link: link).count == least)
    }
  }

  @Test(arguments: SplitPolicy.allCases)
  func `a range within a line leaves as the same bytes of a mask`(policy: SplitPolicy) {
    for start in UInt64(0x1fc0)..<0x2000 {
      for bytes in 1...64 {
        let range = TLP.memoryWrites(
          address: start, bytes: bytes, policy: policy, link: link(4, 16, mps: 128))
        let mask = TLP.memoryWrites(
          mask: (1 << UInt128(bytes)) - 1, address: start, lineBytes: 64, policy: policy)
        #expect(range == mask)
      }
    }
  }

  // By hand. 300 bytes from 0x1003: 0x1003..0x10ff fill 64 DWs, 47 are left. Aligned, MPS 128: 1
  // (0x1003), 4, 8, 16, 32, 64 (to 0x107f), 128 (to 0x10ff), 32 (0x1100), 8, 4, 2, 1 = 300.
  // Qword: 5 to 0x1007, 7 x 8 to 0x103f, three lines to 0x10ff, 5 x 8 to 0x1127, 7.
  @Test func `a long range is cut as the policy says`() {
    let sizes = { (policy: SplitPolicy, mps: Int) in
      TLP.memoryWrites(
        address: 0x1003, bytes: 300, policy: policy, link: link(4, 16, mps: mps)
      ).map(\.payloadBytes)
    }
    #expect(sizes(.runs, 256) == [253, 47])
    #expect(sizes(.minimal, 128) == [125, 128, 47])
    #expect(sizes(.aligned, 128) == [1, 4, 8, 16, 32, 64, 128, 32, 8, 4, 2, 1])
    #expect(
      sizes(.qword, 128) == [5] + Array(repeating: 8, count: 7) + [64, 64, 64]
        + Array(repeating: 8, count: 5) + [7])
  }

  @Test func `an aligned piece is no larger than Max_Payload_Size nor a page`() {
    let sizes = { (mps: Int) in
      TLP.memoryWrites(
        address: 0x10000, bytes: 8192, policy: .aligned, link: link(4, 16, mps: mps)
      ).map(\.payloadBytes)
    }
    #expect(sizes(4096) == [4096, 4096])
    #expect(sizes(128) == Array(repeating: 128, count: 64))
  }

  @Test func `tags of a read's requests count within eight bits`() {
    let reads = TLP.memoryReads(
      address: 0, bytes: 384, link: link(4, 16, mrrs: 128), label: TLP.Label(tag: 0xfe))
    #expect(reads.map(\.label.tag) == [0xfe, 0xff, 0])
    #expect(
      reads[2].completions(.few, link: link(4, 16), completer: 9).map(\.label.tag) == [0])
  }

  // PCI Express Base Specification 5.0, 2.2.5: one DW without an enabled byte; 2.2.9: Byte Count 1.
  @Test func `a zero-length request names one DW and enables nothing`() {
    for address in UInt64(0x1000)..<0x1004 {
      let read = TLP.zeroLengthRead(address: address)
      let write = TLP.zeroLengthWrite(address: address)
      #expect(read.type == .memoryRead32 && write.type == .memoryWrite32)
      for tlp in [read, write] {
        #expect(tlp.route == .address(0x1000))
        #expect(tlp.dwords == 1 && tlp.payloadBytes == 0 && tlp.enables == .none)
      }
      let answers = read.completions(.rcb, link: link(4, 16), completer: 0x100)
      #expect(answers.map(\.dwords) == [1])
      #expect(
        answers.map(\.route) == [
          .completion(
            CompletionFields(
              completer: 0x100, status: .successful, byteCount: 1, lowerAddress: 0))
        ])
      #expect(write.completions(.few, link: link(4, 16), completer: 0).isEmpty)
    }
  }
}
