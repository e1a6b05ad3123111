import TestSupport
import Testing

@Suite struct `Naive model: pieces`: NaiveFixture {
  @Test func `eight NC stores of 8 bytes leave as one TLP of 64`() {
    let counts = run(fill())["bar"]
    #expect(counts.stores == 8)
    #expect(counts.storeBytes == 64)
    #expect(counts.busWrites == 1)
    #expect(counts.mwr == 1)
    #expect(counts.payloadBytes == 64)
    #expect(counts.paddedBytes == 64)
    #expect(counts.histogram == [64: 1])
    #expect(counts.flushes == ["full": 1])
    #expect(counts.flushBytes == ["full": 64])
    // 8 + 16 + 64; writes have no completion.
    #expect(counts.wireDownBytes == 88)
    #expect(counts.wireUpBytes == 0)
  }

  @Test(arguments: ["device-ngnrne", "device-ngnre", "device-ngre"])
  func `eight Device stores of 8 bytes leave as eight TLPs`(type: String) {
    let counts = run(fill()) { $0.stage1 = ["bar": type] }["bar"]
    #expect(counts.busWrites == 8)
    #expect(counts.mwr == 8)
    #expect(counts.histogram == [8: 8])
    #expect(counts.flushes == [:])
    // 8 x (8 + 16 + 8)
    #expect(counts.wireDownBytes == 256)
  }

  @Test(arguments: ["device-gre", "normal-nc", "normal-wt", "normal-wb"])
  func `GRE and every Normal type gather`(type: String) {
    #expect(run(fill()) { $0.stage1 = ["bar": type] }["bar"].histogram == [64: 1])
  }

  @Test func `a store across a line becomes two pieces`() {
    // 60..63 and 64..67: two lines, two TLPs of 4 bytes, 2 x (8 + 16 + 4).
    let counts = run([.store(bar + 60, 8)])["bar"]
    #expect(counts.stores == 1)
    #expect(counts.busWrites == 2)
    #expect(counts.histogram == [4: 2])
    #expect(counts.wireDownBytes == 56)
    #expect(counts.flushes == ["end": 2])
  }

  @Test(arguments: [
    // (device_bus_bytes, bus accesses of a 16-byte store, wire: pieces x (24 + piece padded))
    (1, 16, 16 * 28), (2, 8, 8 * 28), (4, 4, 4 * 28), (8, 2, 2 * 32), (16, 1, 40), (64, 1, 40),
  ])
  func `a Device store is cut to the bus width`(bus: Int, writes: Int, wire: Int) {
    let counts = run([.store(bar, 16)]) {
      $0.stage1 = ["all": "device-ngnre"]
      $0.deviceBusBytes = bus
    }["bar"]
    #expect(counts.stores == 1)
    #expect(counts.busWrites == writes)
    #expect(counts.mwr == writes)
    #expect(counts.wireDownBytes == wire)
  }

  @Test func `a Device access is no full line to the qword split`() {
    // One bus access of 16 bytes in two aligned 8 bytes: two TLPs of 8.
    let counts = run([.store(bar, 16)]) {
      $0.stage1 = ["all": "device-ngnre"]
      $0.deviceBusBytes = 16
      $0.lineBytes = 16
      $0.split = "qword"
    }["bar"]
    #expect(counts.busWrites == 1)
    #expect(counts.histogram == [8: 2])
  }

  @Test func `no TLP crosses 4 KiB`() {
    // 0x10_0000_2ffc is a multiple of 12, so it does not fault: 4 bytes, then 8 in the next page.
    let counts = run([.store(bar + 0x2ffc, 12)]) {
      $0.stage1 = ["all": "device-ngnre"]
      $0.deviceBusBytes = 16
    }["bar"]
    #expect(counts.busWrites == 1)
    #expect(counts.histogram == [4: 1, 8: 1])
    #expect(counts.wireDownBytes == 28 + 32)
  }

  @Test func `alignment faults count under the stage that made the location Device`() {
    let access = [NaiveEvent.store(bar + 4, 8), .load(bar + 2, 4)]
    let nc = run(access)["bar"]
    #expect(nc.faultsAlignment == 0)
    #expect(nc.stores == 1)
    #expect(nc.loads == 1)
    let first = run(access) { $0.stage1 = ["bar": "device-gre"] }["bar"]
    #expect(first.faultsStage1 == 2)
    #expect(first.faultsStage2 == 0)
    let second = run(access) { $0.policy = "kvm-device" }["bar"]
    #expect(second.faultsStage1 == 0)
    #expect(second.faultsStage2 == 2)
    // Nothing else happens: no access, no bytes, no TLP.
    #expect(
      [second.stores, second.loads, second.mwr, second.mrd, second.wireDownBytes] == [
        0, 0, 0, 0, 0,
      ])
  }

  @Test func `a faulting load flushes nothing`() {
    // The load lies in the pending line, but has no bus access.
    let load = NaiveEvent.load(bar + 1, 2).with { $0.attribute = 0x04 }
    let counts = run([.store(bar, 8), load])["bar"]
    #expect(counts.faultsStage1 == 1)
    #expect(counts.flushes == ["end": 1])
  }

  @Test func `an unaligned single-copy access faults at stage 1 on every type`() {
    for type in naiveTypes {
      let counts = run([st64b(bar + 32)]) { $0.stage1 = ["bar": type] }["bar"]
      #expect(counts.faultsStage1 == 1)
      #expect(counts.stores == 0)
    }
    #expect(run([st64b(bar + 8)]) { $0.policy = "kvm-device" }["bar"].faultsStage1 == 1)
  }

  @Test(arguments: ["normal-wt", "normal-wb"])
  func `a single-copy access of cacheable memory aborts`(type: String) {
    // Arm ARM DDI 0487 C3.2: Device or Non-cacheable only, else an abort with DFSC 0x35.
    let load = st64b(bar + 64).with { $0.op = "load" }
    let counts = run([st64b(bar), load]) { $0.stage1 = ["bar": type] }["bar"]
    #expect(counts.faultsStage1 == 2 && counts.busWrites == 0 && counts.mrd == 0)
    // Stage 2 makes it Device, or Normal-NC.
    for policy in ["kvm-device", "kvm-normal-nc"] {
      let changed = run([st64b(bar)]) {
        $0.stage1 = ["bar": type]
        $0.policy = policy
      }
      #expect(changed["bar"].faultsStage1 == 0 && changed["bar"].busWrites == 1)
    }
  }

  @Test func `an unaligned acquire or release faults without LSE2, and across 16 bytes with it`() {
    // Arm ARM DDI 0487, UnalignedAccessFaults. Normal-NC; 4 bytes at 2 lie in 16 bytes, at 14 not.
    func faults(_ op: String, _ offset: UInt64, lse2: Bool, ordered: Bool = true) -> Int {
      let event = NaiveEvent.store(bar + offset, 4).with {
        $0.op = op
        if op == "store" { $0.release = ordered } else { $0.acquire = ordered }
      }
      return run([event]) { $0.lse2 = lse2 }["bar"].faultsStage1
    }
    for op in ["store", "load"] {
      #expect([0, 2, 14].map { faults(op, $0, lse2: true) } == [0, 0, 1])
      #expect([0, 2, 14].map { faults(op, $0, lse2: false) } == [0, 1, 1])
      #expect(faults(op, 14, lse2: false, ordered: false) == 0)
    }
    // On a Device type the instruction's own check comes first, whichever stage made it Device.
    let store = NaiveEvent.store(bar + 2, 4).with { $0.release = true }
    func onDevice(_ lse2: Bool) -> NaiveCounts {
      run([store]) {
        $0.policy = "kvm-device"
        $0.lse2 = lse2
      }["bar"]
    }
    #expect(onDevice(true).faultsStage2 == 1 && onDevice(true).faultsStage1 == 0)
    #expect(onDevice(false).faultsStage1 == 1 && onDevice(false).faultsStage2 == 0)
  }

  @Test(arguments: ["runs", "minimal", "aligned", "qword"])
  func `ST64B is one TLP of 64 on every type that supports it, and every split`(split: String) {
    for type in naiveTypes where !["normal-wt", "normal-wb"].contains(type) {
      let counts = run([st64b(bar + 64)]) {
        $0.stage1 = ["bar": type]
        $0.split = split
        $0.lineBytes = 32
      }["bar"]
      #expect(counts.histogram == [64: 1])
      #expect(counts.busWrites == 1)
      #expect(counts.flushes == [:])
      #expect(counts.wireDownBytes == 88)
    }
  }
}
