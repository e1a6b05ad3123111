import PCIeModel
import Testing

/// A TLP's own size, against what ``WireCost`` has for its kind.
@Suite struct TLPSizeTests {
  /// Both modes, with and without ECRC, and two RCBs, MPSs and MRRSs.
  static let costs = [false, true].flatMap { flit in
    [false, true].flatMap { ecrc in
      [(64, 256, 512), (128, 128, 128)].map { rcb, mps, mrrs in
        WireCost(link: link(4, 16, mps: mps, mrrs: mrrs, rcb: rcb, flit: flit), ecrc: ecrc)
      }
    }
  }

  private func bytes(_ tlps: [TLP], _ cost: WireCost) -> UInt64 {
    tlps.reduce(0) {
      var tlp = $1
      tlp.digest = cost.ecrc
      return $0 + UInt64(tlp.wireBytes(flit: cost.link.flit))
    }
  }

  private func total(
    _ requests: [TLP], _ split: CompletionSplit, _ cost: WireCost
  )
    -> NonPostedCost
  {
    let completions = requests.flatMap {
      $0.completions(split, link: cost.link, completer: 0x100)
    }
    return NonPostedCost(
      requests: UInt64(requests.count), completions: UInt64(completions.count),
      downBytes: bytes(requests, cost), upBytes: bytes(completions, cost),
      dataUnits: UInt64(completions.reduce(0) { $0 + $1.dataCredits }))
  }

  @Test(arguments: costs) func `writes of every start and length agree`(cost: WireCost) {
    for base: UInt64 in [0x1000, 0x10_0000_1000, 0x1_0000_0000 - 32] {
      for start in base..<base + 8 {
        for length in 1...56 {
          let mask = (UInt128(1) << UInt128(length)) - 1
          for policy in SplitPolicy.allCases {
            let shapes = TLPSplitter.shapes(
              mask: mask, address: start, lineBytes: 64, policy: policy)
            let writes = TLP.memoryWrites(
              mask: mask, address: start, lineBytes: 64, policy: policy)
            let expected = shapes.reduce(0) { $0 + cost.memoryWrite($1, address: start) }
            #expect(bytes(writes, cost) == UInt64(expected))
          }
        }
      }
    }
  }

  @Test(arguments: costs) func `reads of many starts and lengths agree`(cost: WireCost) {
    for start in stride(from: UInt64(0xf_ffff_ff80), to: 0x10_0000_0080, by: 3) {
      for length in stride(from: 1, through: 900, by: 13) {
        let reads = TLP.memoryReads(address: start, bytes: length, link: cost.link)
        #expect(total(reads, .few, cost) == cost.memoryRead(address: start, bytes: length))
      }
    }
  }

  @Test(arguments: costs) func `config accesses and AtomicOps agree`(cost: WireCost) {
    for register in 0..<64 {
      for bytes in 1...(4 - register % 4) {
        let read = TLP.configRead(function: 1, register: register, bytes: bytes)
        let write = TLP.configWrite(function: 1, register: register, bytes: bytes)
        #expect(total([read], .rcb, cost) == cost.configRead)
        #expect(total([write], .rcb, cost) == cost.configWrite)
      }
    }
    for operation in AtomicOperation.allCases {
      for size in operation.operandSizes {
        for (address, header) in [(UInt64(0x1000), 3), (0x10_0000_0000, 4)] {
          let request = TLP.atomic(operation, address: address, operandBytes: size)
          #expect(
            total([request], .few, cost)
              == cost.atomic(operation, operandBytes: size, headerDwords: header))
        }
      }
    }
  }

  // By hand, non-flit with a 3 DW header: 8 + 12 + operands, and 8 + 12 + one operand back. Credits
  // of 16 bytes: all operands up to 16, 2 for a CAS of 16 bytes.
  @Test func `AtomicOps cost their operands one way and one operand back`() {
    let cost = WireCost(link: link(4, 16), ecrc: false)
    let table: [(AtomicOperation, Int, down: UInt64, up: UInt64, credits: Int)] = [
      (.fetchAdd, 4, 24, 24, 1), (.fetchAdd, 8, 28, 28, 1), (.swap, 4, 24, 24, 1),
      (.swap, 8, 28, 28, 1), (.compareAndSwap, 4, 28, 24, 1), (.compareAndSwap, 8, 36, 28, 1),
      (.compareAndSwap, 16, 52, 36, 2),
    ]
    for (operation, size, down, up, credits) in table {
      let request = TLP.atomic(operation, address: 0x1000, operandBytes: size)
      #expect(total([request], .few, cost) == PCIeModelTests.cost(1, 1, down, up, units: 1))
      #expect(request.dataCredits == credits && request.type.pool == .nonPosted)
    }
  }

  // A data credit is 16 bytes of data: PCI Express Base Specification 5.0, section 2.6.1.
  @Test func `credits are one a header and one each begun 16 bytes of data`() {
    for (bytes, credits) in [(1, 1), (8, 1), (16, 1), (17, 2), (64, 4), (256, 16)] {
      let write = TLP.memoryWrites(
        address: 0, bytes: bytes, policy: .runs, link: link(4, 16))[0]
      let read = TLP.memoryReads(address: 0, bytes: bytes, link: link(4, 16))[0]
      let answer = read.completions(.few, link: link(4, 16), completer: 0)[0]
      #expect(write.type.pool == .posted && write.dataCredits == credits)
      #expect(read.type.pool == .nonPosted && read.dataCredits == 0)
      #expect(answer.type.pool == .completion && answer.dataCredits == credits)
      #expect([write, read, answer].allSatisfy { $0.headerCredits == 1 })
    }
    let config = TLP.configWrite(function: 0, register: 4, bytes: 2)
    #expect(config.type.pool == .nonPosted && config.dataCredits == 1)
    #expect(config.completions(.few, link: link(4, 16), completer: 0)[0].dataCredits == 0)
    #expect(TLP.configRead(function: 0, register: 4, bytes: 2).dataCredits == 0)
  }
}
