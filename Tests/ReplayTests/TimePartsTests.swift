import ArmMemory
import PCIeModel
import Profiles
import Results
import TestSupport
import Testing

/// What the vCPUs' time goes into, worked out by hand.
///
/// w is the wire time of an 8-byte write; nothing takes time but what a test sets.
@Suite struct `Time: what it goes into` {
  private let base = ClockRig.base
  private let rig = ClockRig(generation: 3, lanes: 4, issuePs: 1000)

  private func parts(
    _ rig: ClockRig, _ events: [NaiveEvent], paced: Bool = false
  ) throws -> [TimeShare: UInt64] {
    let totals = try rig.run(events).totals
    let parts = paced ? totals.paced.timeParts : totals.saturated.timeParts
    return Dictionary(parts.map { ($0.share, $0.timePs) }, uniquingKeysWith: { $0 + $1 })
  }

  /// Stores that go to lines of their own.
  private func stores(_ count: Int) -> [NaiveEvent] {
    (0..<UInt64(count)).map { .store(base + 64 * $0, 8) }
  }

  private func wire(_ rig: ClockRig) throws -> UInt64 {
    try rig.time([.store(base, 8)])
  }

  @Test func `nGnRnE stores wait for acknowledgements`() throws {
    // Each is issued when the one before is acknowledged, 1 us after its start; the link is free.
    let rig = rig.with {
      $0.type = .deviceNGnRnE
      $0.ackPs = 1_000_000
    }
    let found = try parts(rig, stores(10))
    // The last one's write ends w after its issue, of which the issue takes 1 ns.
    #expect(
      try found == [
        .issue: 10_000, .acknowledgement: 9 * (1_000_000 - 1000), .link: wire(rig) - 1000,
      ])
  }

  @Test func `one write in flight, acknowledged at once, waits for the link`() throws {
    // Store n starts when n-1's write has ended, and is acknowledged at its start. Store n+1 is
    // issued then: it waits from 1 ns after the issue of store n to the start of its write.
    let rig = rig.with { $0.writesInFlight = 1 }
    let found = try parts(rig, stores(10))
    // In all: first issue at 0, last write's end at 10 w.
    #expect(try found == [.issue: 10_000, .link: 10 * wire(rig) - 10_000])
  }

  @Test func `a stream that credits hold up waits for credits`() throws {
    // One header credit, back 1 us after a start: writes start 1 us apart, w of it on the link.
    let rig = rig.with {
      $0.writesInFlight = 1
      $0.headerCredits = 1
      $0.creditLoopPs = 1_000_000
    }
    let wire = try wire(rig)
    let found = try parts(rig, stores(10))
    // Store n+1 is issued at the start of n's write. n+1's write is behind it: w for the link,
    // then the credit. The vCPU's waits begin 1 ns after each issue, while the link carries n.
    #expect(found[.issue] == 10_000)
    #expect(found[.credit] == 9 * (1_000_000 - wire))
    // Whatever is left, to the end of the last write at 9 us + w.
    #expect(found.values.reduce(0, +) == 9_000_000 + wire)
    #expect(found[.link] == 9_000_000 + wire - 10_000 - 9 * (1_000_000 - wire))
    #expect(found.count == 3)
  }

  @Test func `a line that finds no buffer waits for what its predecessor waits for`() throws {
    // One buffer; each line leaves when the next one opens, and its start frees the buffer.
    let rig = rig.with {
      $0.type = .normalNC
      $0.buffers = 1
    }
    let wire = try wire(self.rig)
    let found = try parts(rig, stores(10))
    // Lines leave 1 ns after their issue at first; from then on the link is never idle.
    #expect(found[.issue] == 10_000)
    #expect(found.values.reduce(0, +) == 1000 + 10 * wire)
    #expect(found[.link] == 1000 + 10 * wire - 10_000 && found.count == 2)
  }

  @Test func `a DSB waits for the acknowledgement, and for the link before it`() throws {
    let rig = rig.with {
      $0.ackPs = 1_000_000
      $0.generation = 1
      $0.lanes = 1
    }
    let wire = try wire(rig)
    let found = try parts(rig, stores(3) + [.barrier("dsb.sy"), .store(base, 8)])
    // Stores at 0, 1, 2 ns; their writes start at 0, w, 2 w. At 3 ns the DSB waits for 2 w + 1 us.
    #expect(
      found == [
        .issue: 4000, .link: (2 * wire - 3000) + (wire - 1000), .barrier: 1_000_000,
      ])
  }

  @Test func `config accesses and loads count for themselves`() throws {
    let rig = rig.with {
      $0.readLatencyPs = 400_000
      $0.configLatencyPs = 700_000
    }
    let load = NaiveEvent.load(base, 8)
    let alone = try rig.time([load])
    // The second load waits for the first one's data, 1 ns after its issue; so does the end.
    #expect(try parts(rig, [load, load]) == [.issue: 2000, .read: 2 * (alone - 1000)])
    var config = NaiveEvent("config_read")
    config.function = "0000:01:00.0"
    config.size = 4
    let once = try rig.time([config])
    #expect(try parts(rig, [config, config]) == [.config: 2 * once])
  }

  @Test func `a DSB behind a load waits for its data`() throws {
    let rig = rig.with { $0.readLatencyPs = 400_000 }
    let alone = try rig.time([.load(base, 8)])
    let found = try parts(rig, [.load(base, 8), .barrier("dsb.sy"), .store(base, 8)])
    #expect(try found == [.issue: 2000, .read: alone - 1000, .link: wire(rig) - 1000])
  }

  @Test func `a load behind writes without credits waits for these credits`() throws {
    // PH 1: the second write starts at 5 us, the request follows it; then the data comes.
    let rig = rig.with {
      $0.headerCredits = 1
      $0.creditLoopPs = 5_000_000
      $0.readLatencyPs = 400_000
    }
    let events = stores(2) + [.load(base, 8), .load(base, 8)]
    let found = try parts(rig, events)
    let wire = try wire(rig)
    // The second load waits from 3 ns + 1 ns to the first one's data; of that until 5 us + w for
    // the write ahead, which has no credits from its predecessor's end at w on.
    #expect(found[.credit] == 5_000_000 - wire)
    #expect(found[.link] == (wire - 3000) + wire)
  }

  @Test func `an access behind another vCPU's later one waits for its turn`() throws {
    // vCPU 1 reads config space, which takes 700 ns, and stores then; vCPU 0's store is behind
    // that in the trace, and ready at 0.
    let rig = rig.with {
      $0.configLatencyPs = 700_000
      $0.writesInFlight = 1
    }
    var config = NaiveEvent("config_read")
    config.function = "0000:01:00.0"
    config.size = 4
    config.vcpu = 1
    let events = [
      config, .store(base, 8, vcpu: 1), .store(base + 8, 8), .store(base + 16, 8),
    ]
    let found = try parts(rig, events)
    // The link is idle from the config request's end to the store's start: request + 1 completion
    // make the rest of the config access's time.
    let once = try rig.time([config])
    let request = once - 700_000
    #expect((found[.turn] ?? 0) > 700_000 - 2000)
    #expect((found[.turn] ?? 0) <= 700_000 + request)
  }

  @Test func `between recorded times there is nothing to do`() throws {
    let events = [0, 5, 9].map {
      NaiveEvent.store(base + 64 * UInt64($0), 8, time: UInt64($0) * 1000)
    }
    let wire = try wire(rig)
    // Issued at 0, 5 and 9 us; the last write ends at 9 us + w.
    #expect(
      try parts(rig, events, paced: true) == [
        .issue: 3000, .idle: 9_000_000 - 2000, .link: wire - 1000,
      ])
  }

  @Test(arguments: 0..<4)
  func `of one vCPU they add up to its time`(part: UInt64) throws {
    for index in 0..<100 {
      var program = generateProgram(seed: 90_000 + part * 100 + UInt64(index))
      for event in program.events.indices { program.events[event].vcpu = 0 }
      // Behind a last DSB nothing ends; the time up to its acknowledgement would count too.
      program.events.append(.store(program.regions[0].base, 4))
      let result = try engineResult(of: program, cutSeed: nil)
      let issue = program.settings.modelSettings.cpu.storeIssuePs
      for clock in [result.totals.saturated, result.totals.paced] {
        let sum = clock.timeParts.reduce(0) { $0 + $1.timePs }
        // The last issue ends an issue time after it began, whatever ends later.
        #expect(
          (clock.timePs...clock.timePs + issue).contains(sum), "seed \(program.seed)")
      }
    }
  }

  @Test func `the regions' parts add up to the total's`() throws {
    for seed in 0..<100 as Range<UInt64> {
      let result = try engineResult(of: generateProgram(seed: 91_000 + seed), cutSeed: seed)
      for share in TimeShare.allCases {
        let total = result.totals.saturated.timeParts.first { $0.share == share }?.timePs ?? 0
        let regions = result.regions.reduce(0) { sum, region in
          sum + (region.metrics.saturated.timeParts.first { $0.share == share }?.timePs ?? 0)
        }
        #expect(total == regions, "seed \(seed), \(share)")
      }
    }
  }
}
