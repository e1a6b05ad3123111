import TestSupport
import Testing

@Suite struct `Naive model: reads, config, wire`: NaiveFixture {
  @Test func `a Device load is one read a bus access`() {
    // 16 bytes as 8 + 8: requests 2 x (8 + 16), completions 2 x (8 + 12 + 8).
    let counts = run([.load(bar, 16)]) { $0.stage1 = ["all": "device-ngnre"] }["bar"]
    #expect(counts.loads == 1)
    #expect(counts.loadBytes == 16)
    #expect(counts.mrd == 2)
    #expect(counts.wireDownBytes == 48)
    #expect(counts.wireUpBytes == 56)
    // GRE gathers stores, not loads.
    #expect(run([.load(bar, 16)]) { $0.stage1 = ["all": "device-gre"] }["bar"].mrd == 2)
  }

  @Test func `a Normal load is one read of the DWs it touches`() {
    // Bytes 3..5: DWs 0 and 1: request 24, completion 8 + 12 + 8.
    let counts = run([.load(bar + 3, 3)])["bar"]
    #expect(counts.mrd == 1)
    #expect(counts.wireDownBytes == 24)
    #expect(counts.wireUpBytes == 28)
    // 0xffc..0x1003: cut at 4 KiB into two of one DW: 2 x 24 and 2 x (8 + 12 + 4).
    let cut = run([.load(bar + 0xffc, 8)])["bar"]
    #expect(cut.mrd == 2)
    #expect(cut.wireDownBytes == 48)
    #expect(cut.wireUpBytes == 48)
  }

  @Test func `a Normal load may ask for whole lines`() {
    // 60..67 touches two lines of 64: 2 x 24 and 2 x (8 + 12 + 64).
    let counts = run([.load(bar + 60, 8)]) { $0.ncLoad = "line" }["bar"]
    #expect(counts.mrd == 2)
    #expect(counts.wireDownBytes == 48)
    #expect(counts.wireUpBytes == 168)
  }

  @Test(arguments: ["device-ngnre", "normal-nc"])
  func `LD64B is one read of 64`(type: String) {
    let counts = run([.load(bar, 64).with { $0.single64 = true }]) {
      $0.stage1 = ["all": type]
      $0.ncLoad = "line"
      $0.lineBytes = 16
    }["bar"]
    #expect(counts.mrd == 1)
    #expect(counts.wireDownBytes == 24)
    #expect(counts.wireUpBytes == 84)
  }

  @Test(arguments: [
    // (address, bytes, MPS, RCB, completions): by hand from PCIe Base 5.0, 2.3.1.1
    (0x20 as UInt64, 256, 256, 64, [256]),
    (0x20, 256, 128, 64, [96, 128, 32]),
    (0x20, 256, 128, 128, [96, 128, 32]),
    (0x40, 256, 128, 128, [64, 128, 64]),
    (0x40, 256, 128, 64, [128, 128]),
  ])
  func `a read is completed in as few pieces as RCB and MPS allow`(
    address: UInt64, bytes: Int, maxPayload: Int, boundary: Int, expected: [Int]
  ) {
    let settings = NaiveSettings().with {
      $0.maxPayload = maxPayload
      $0.readCompletionBoundary = boundary
    }
    let pieces = naiveCompletions(Array(address..<address + UInt64(bytes)), settings)
    #expect(pieces.map(\.count) == expected)
  }

  @Test func `headers are shorter below 4 GiB`() {
    // Device, 8 bytes: 8 + 12 + 8; a read request 8 + 12.
    let counts = run([.store(low, 8), .load(low, 8)]) { $0.stage1 = ["all": "device-ngnre"] }
    #expect(counts["low"].mwrWireBytes == 28)
    #expect(counts["low"].wireDownBytes == 48)
    #expect(counts["low"].wireUpBytes == 28)
  }

  @Test func `ECRC adds a DW to every TLP`() {
    let settings: (inout NaiveSettings) -> Void = {
      $0.stage1 = ["all": "device-ngnre"]
      $0.ecrc = true
    }
    // Write 8 + 16 + 8 + 4, request 8 + 16 + 4, completion 8 + 12 + 8 + 4.
    let counts = run([.store(bar, 8), .load(bar, 8)], settings)["bar"]
    #expect(counts.wireDownBytes == 36 + 28)
    #expect(counts.wireUpBytes == 32)
  }

  @Test(arguments: [(6, false), (7, false), (4, true)])
  func `flit mode has no framing, but byte enables cost a DW`(generation: Int, flit: Bool) {
    let settings: (inout NaiveSettings) -> Void = {
      $0.generation = generation
      $0.flit = flit
      $0.stage1 = ["next": "device-ngnre"]
    }
    // 64 bytes: 4 x (4 + 16).
    #expect(run(fill(), settings)["bar"].wireDownBytes == 80)
    // 1 byte: 4 x (4 + 1 + 1). 3 DWs of which the last is partial: 4 x (4 + 1 + 3).
    #expect(run([.store(bar, 1)], settings)["bar"].wireDownBytes == 24)
    #expect(run([.store(bar, 10)], settings)["bar"].wireDownBytes == 32)
    // Device reads of 2 and of 4 bytes: 4 x (4 + 1) and 4 x 4, completions 4 x (3 + 1).
    let reads = run([.load(bar + 0x4002, 2), .load(bar + 0x4000, 4)], settings)["next"]
    #expect(reads.wireDownBytes == 36)
    #expect(reads.wireUpBytes == 32)
    // A Normal read asks for whole DWs.
    #expect(run([.load(bar + 2, 2)], settings)["bar"].wireDownBytes == 16)
  }

  @Test func `config accesses are requests with a completion`() {
    let name = "0000:01:00.0 config"
    let read = [NaiveEvent.config("config_read", "0000:01:00.0", 0, 4)]
    let write = [NaiveEvent.config("config_write", "0000:01:00.0", 4, 1)]
    // Non-flit: read 8 + 12 down, 8 + 12 + 4 up; write the other way round.
    #expect(run(read)[name].wireDownBytes == 20)
    #expect(run(read)[name].wireUpBytes == 24)
    #expect(run(write)[name].wireDownBytes == 24)
    #expect(run(write)[name].wireUpBytes == 20)
    // Flit: OHC-A3 in the request: 4 x (3 + 1), 4 x (3 + 1); 4 x (3 + 1 + 1), 4 x 3.
    let flit: (inout NaiveSettings) -> Void = { $0.generation = 6 }
    #expect(run(read, flit)[name].wireDownBytes == 16)
    #expect(run(read, flit)[name].wireUpBytes == 16)
    #expect(run(write, flit)[name].wireDownBytes == 20)
    #expect(run(write, flit)[name].wireUpBytes == 12)
    #expect(run(read)[name].cfgReads == 1)
    #expect(run(write)[name].cfgWrites == 1)
  }

  @Test(arguments: [(1, 1), (2, 1), (4, 1), (8, 2), (16, 4), (64, 16)])
  func `accesses through ECAM are config accesses, one a DW`(size: Int, requests: Int) {
    let counts = run([.store(ecam + 64, size), .load(ecam + 64, size)])["ecam"]
    #expect(counts.cfgWrites == requests)
    #expect(counts.cfgReads == requests)
    #expect(
      [counts.stores, counts.loads, counts.storeBytes, counts.mwr, counts.mrd] == [
        0, 0, 0, 0, 0,
      ])
    #expect(counts.wireDownBytes == requests * (24 + 20))
    #expect(counts.wireUpBytes == requests * (20 + 24))
  }

  @Test func `an unaligned access through ECAM faults at stage 1`() {
    let counts = run([.store(ecam + 2, 4)])["ecam"]
    #expect(counts.faultsStage1 == 1)
    #expect(counts.cfgWrites == 0)
  }
}
