import ArmMemory
import Results
import TestSupport
import Testing

/// What waits for what (Replay's article Model, "Time"), on programs of a few records.
///
/// w is the wire time of one 8-byte write, the busy time of a lone store; an acknowledgement comes
/// `ack` after the start of its write.
@Suite struct `Time: what waits for what` {
  private let base = ClockRig.base
  private let rig = ClockRig(generation: 1, lanes: 1, ackPs: 1_000_000)
  private var store: NaiveEvent { .store(base, 8) }
  private var next: NaiveEvent { .store(base + 0x100, 8) }

  private func wire() throws -> UInt64 { try rig.time([store]) }

  @Test func `a lone store takes its bytes on the wire`() throws {
    // 32 bytes at B4 of gen1 x1, 1.918 Gb/s: 133.5 ns.
    #expect(try isWithin(0.001, Double(wire()), rig.writePs(8)))
    #expect(try isWithin(0.001, Double(wire()), 133_470))
  }

  @Test(arguments: ["dsb.sy", "dsb.st", "dsb.ld"])
  func `a DSB waits for every acknowledgement`(barrier: String) throws {
    #expect(try rig.time([store, .barrier(barrier), next]) == 1_000_000 + wire())
    // The second store starts w after the first; its acknowledgement is the one waited for.
    let both = try rig.time([store, next, .barrier(barrier), next])
    #expect(try both == wire() + 1_000_000 + wire())
  }

  @Test(arguments: ["dmb.sy", "dmb.st", "dmb.ld", "isb", "dgh"])
  func `no other barrier waits`(barrier: String) throws {
    #expect(try rig.time([store, .barrier(barrier), next]) == 2 * wire())
  }

  @Test func `a DSB waits for gathered lines too, and not for another vCPU's`() throws {
    let gathering = rig.with { $0.type = .normalNC }
    #expect(
      try gathering.time([store, .barrier("dsb.sy"), next, .barrier("dmb.sy")])
        // The line leaves when its store has been issued: 1 ps; so does the second.
        == 1 + 1_000_000 + 1 + wire())
    #expect(try rig.time([store, .barrier("dsb.sy", vcpu: 1), next]) == 2 * wire())
  }

  @Test func `a DSB waits for data`() throws {
    let reading = rig.with { $0.readLatencyPs = 5_000_000 }
    let alone = try reading.time([.load(base, 8)])
    #expect(try reading.time([.load(base, 8), .barrier("dsb.sy"), next]) == alone + wire())
    // Without it the store follows the request: it is sent while the data is awaited.
    #expect(try reading.time([.load(base, 8), next]) == alone)
  }

  @Test func `a read waits for the posted writes ahead of it`() throws {
    let reading = rig.with { $0.readLatencyPs = 5_000_000 }
    let alone = try reading.time([.load(base, 8)])
    let expected = 5_000_000 + reading.requestPs + reading.completionPs(8)
    #expect(isWithin(0.001, Double(alone), expected))
    #expect(try reading.time([store, next, .load(base, 8)]) == 2 * wire() + alone)
    // Also for those that wait for credits: one credit, which returns 7 us after the first write.
    let credits = reading.with {
      $0.headerCredits = 1
      $0.creditLoopPs = 7_000_000
    }
    #expect(
      try credits.time([store, next, .load(base, 8)]) == 7_000_000 + wire() + alone)
    // Its own vCPU's or another's: the FIFO is one.
    #expect(try reading.time([store, next, .load(base, 8, vcpu: 1)]) == 2 * wire() + alone)
  }

  @Test func `a posted write does not wait for a read's data`() throws {
    let reading = rig.with { $0.readLatencyPs = 100_000 }
    let stores = [NaiveEvent](repeating: store, count: 20)
    let request = UInt64(reading.requestPs.rounded())
    let found = try reading.time([.load(base, 8)] + stores)
    #expect(isWithin(0.001, Double(found), Double(request) + 20 * rig.writePs(8)))
  }

  @Test func `a config access waits for its completion and holds up what follows`() throws {
    // Config requests have 3-DW headers: read 20 down, 24 up; write 24 down, 20 up.
    let slow = rig.with { $0.configLatencyPs = 3_000_000 }
    let config = NaiveEvent.config("config_read", "0000:01:00.0", 0, 4)
    let alone = try slow.time([config])
    #expect(isWithin(0.001, Double(alone), 3_000_000 + 44 * slow.psPerByte))
    #expect(try slow.time([config, config, config]) == 3 * alone)
    #expect(try slow.time([config, store]) == alone + wire())
    #expect(try slow.time([store, config, store]) == wire() + alone + wire())
    let write = NaiveEvent.config("config_write", "0000:01:00.0", 4, 2)
    #expect(try slow.time([write, store]) == alone + wire())
    // Another vCPU's store only shares the link: it is sent while the completion is awaited.
    #expect(try slow.time([config, store.with { $0.vcpu = 1 }]) == alone)
  }

  @Test func `an nGnRnE store waits for the one before, whatever its type`() throws {
    // Stage 1 is per access here: 0x00 is nGnRnE, 0x04 nGnRE.
    func mixed(_ first: UInt8, _ second: UInt8) throws -> UInt64 {
      let program = NaiveProgram(
        regions: [NaiveRegion("bar", base: base, size: 0x1000)], settings: NaiveSettings(),
        events: [store.with { $0.attribute = first }, next.with { $0.attribute = second }])
      let result = try engineResult(of: program, cutSeed: nil)
      return result.totals.saturated.timePs
    }
    // The generated settings: ack 100 ns, gen 4 x8, 4 in flight.
    let weak = try mixed(4, 4)
    let wire = weak / 2
    #expect(try mixed(0, 0) == 100_000 + wire)
    #expect(try mixed(4, 0) == 100_000 + wire)
    #expect(try mixed(0, 4) == 100_000 + wire)
  }
}

@Suite struct `Time: vCPUs that share a link` {
  private func stores(_ count: Int, vcpus: Int) -> [NaiveEvent] {
    (0..<count).flatMap { index in
      (0..<vcpus).map {
        NaiveEvent.store(ClockRig.base + UInt64($0 << 20 + 16 * index), 8, vcpu: $0)
      }
    }
  }

  /// Steady time in ps of one store of each vCPU.
  private func period(_ rig: ClockRig, vcpus: Int) throws -> Double {
    let early = try rig.time(stores(16, vcpus: vcpus))
    let late = try rig.time(stores(48, vcpus: vcpus))
    return Double(late - early) / 32
  }

  @Test(arguments: [1, 2, 4, 8])
  func `each has its own acknowledgements; the link is one`(vcpus: Int) throws {
    for share in [0.5, 1, 3, 6, 20] {
      let plain = ClockRig(generation: 3, lanes: 4, writesInFlight: 2)
      let wire = plain.writePs(8)
      let ack = (2 * wire * share).rounded()
      let rig = plain.with { $0.ackPs = UInt64(ack) }
      let expected = max(ack / 2, Double(vcpus) * wire)
      #expect(try isWithin(0.01, period(rig, vcpus: vcpus), expected), "\(share)")
    }
  }

  @Test(arguments: [1, 2, 4])
  func `posted credits are shared`(vcpus: Int) throws {
    let rig = ClockRig(generation: 5, headerCredits: 8, creditLoopPs: 400_000)
    let expected = Double(vcpus) * (400_000 + rig.writePs(8)) / 8
    #expect(try isWithin(0.01, period(rig, vcpus: vcpus), expected))
  }

  @Test func `two take as long as one with twice the stores where the link rules`() throws {
    let rig = ClockRig(generation: 1, lanes: 1)
    #expect(try rig.time(stores(20, vcpus: 2)) == rig.time(stores(40, vcpus: 1)))
  }
}
