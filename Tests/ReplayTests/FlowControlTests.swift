import ArmMemory
import PCIeModel
import Results
import TestSupport
import Testing
import TraceCore

/// Credits of every pool, channels, Acks and replays, each from its closed form.
@Suite struct `Time: flow control and data link` {
  private let base = ClockRig.base

  private func store(_ index: UInt64) -> NaiveEvent { .store(base + 8 * index, 8) }
  private func load(_ index: UInt64) -> NaiveEvent { .load(base + 8 * index, 8) }

  private var config: NaiveEvent {
    var event = NaiveEvent("config_write")
    event.function = "0000:01:00.0"
    event.size = 4
    return event
  }

  @Test(arguments: [1, 3, 5, 7])
  func `requests: NPH / T`(generation: Int) throws {
    for (headers, loads) in [(1, 8), (2, 8), (4, 64)] {
      let rig = ClockRig(generation: generation, lanes: 8).with {
        $0.nonPosted = .init(headers: headers, data: 0)
        $0.creditLoopPs = 2_000_000
        $0.deviceLoads = loads
        $0.readLatencyPs = 100_000
      }
      let found = try rig.period(of: .load, size: 8, cycle: loads)
      #expect(isWithin(0.01, found, 2_000_000 / Double(headers)), "\(rig)")
    }
  }

  @Test func `completions: CPLH / T and CPLD / T`() throws {
    for pool in [FlowControl.Pool(headers: 2, data: 0), .init(headers: 0, data: 2)] {
      let rig = ClockRig(generation: 4, lanes: 8).with {
        $0.completion = pool
        $0.creditLoopPs = 2_000_000
        $0.deviceLoads = 8
      }
      // 8 bytes of data take one data credit.
      let found = try rig.period(of: .load, size: 8, cycle: 8)
      #expect(isWithin(0.01, found, 1_000_000))
    }
  }

  @Test func `config writes take a data credit, reads none`() throws {
    // Two config writes of different vCPUs, one NPD, which is back 5 us after the first's start.
    let rig = ClockRig(generation: 4, lanes: 8).with {
      $0.nonPosted = .init(headers: 0, data: 1)
      $0.creditLoopPs = 5_000_000
    }
    var (other, reading) = (config, config)
    other.vcpu = 1
    reading.vcpu = 1
    reading.op = "config_read"
    let alone = try rig.time([config])
    #expect(try rig.time([config, other]) == 5_000_000 + alone)
    #expect(try rig.time([config, reading]) < 1_000_000)
  }

  @Test func `a write passes a request that waits for credits, and not one that does not`() throws {
    // One NPH: the second load's request waits until 7 us. The store behind it leaves at once.
    let rig = ClockRig(generation: 1, lanes: 1).with {
      $0.nonPosted = .init(headers: 1, data: 0)
      $0.creditLoopPs = 7_000_000
      $0.deviceLoads = 8
    }
    let store = try rig.time([store(0)])
    let request = UInt64(rig.requestPs.rounded())
    let result = try rig.run([load(0), load(1), self.store(2)])
    let accepted = result.totals.saturated.storeLatency.maxPs
    // Issued 2 ps after the first load; behind that one's request only.
    #expect(accepted <= request && accepted + 3 >= request)
    #expect(result.totals.saturated.timePs > 7_000_000 + request)
    #expect(store < 1_000_000)
  }

  @Test func `a write never overlaps a request that was held`() throws {
    // The request is due at 1 us; writes of w each fill the time before, then go around it.
    let rig = ClockRig(generation: 1, lanes: 1).with {
      $0.nonPosted = .init(headers: 1, data: 0)
      $0.creditLoopPs = 1_000_000
      $0.deviceLoads = 8
    }
    let stores = (0..<20).map { store(UInt64($0) + 2) }
    let use = try rig.run([load(0), load(1)] + stores).saturatedUse
    let (wire, request) = (rig.writePs(8), rig.requestPs)
    #expect(isWithin(0.001, Double(use.downPs.reduce(0, +)), 20 * wire + 2 * request))
    #expect(use.downPs.allSatisfy { $0 <= use.binPs })
  }

  @Test(arguments: [1, 4, 16])
  func `scaled credits: PH / (T + (s - 1) w)`(scale: Int) throws {
    // Credits are back in groups of s, with the last of the group. The first of s writes that a
    // group lets start waits for the last of the group PH before: s in T + (s - 1) w less often.
    for headers in [16, 64, 79] {
      // What makes no whole group is not advertised.
      let whole = headers / scale * scale
      let rig = ClockRig(generation: 3, lanes: 8).with {
        $0.headerCredits = headers
        $0.headerScale = scale
        $0.creditLoopPs = 2_000_000
      }
      let wire = rig.writePs(8)
      let expected = (2_000_000 + Double(scale - 1) * wire) / Double(whole)
      let found = try rig.period(of: .store, size: 8, cycle: whole, cycles: 4)
      #expect(isWithin(0.01, found, expected), "\(headers) credits")
      let data = rig.with {
        $0.headerCredits = 0
        $0.dataCredits = headers
        $0.headerScale = 1
        $0.dataScale = scale
      }
      #expect(
        try isWithin(0.01, data.period(of: .store, size: 8, cycle: whole, cycles: 4), expected))
    }
  }

  @Test func `a config access of another channel passes writes that wait for credits`() throws {
    let rig = ClockRig(generation: 1, lanes: 1).with {
      $0.headerCredits = 1
      $0.creditLoopPs = 10_000_000
      $0.configLatencyPs = 100_000
    }
    // The second write starts at 10 us. On its channel the config request waits for it.
    let events = [store(0), store(1), config]
    let (alone, wire) = (try rig.time([config]), rig.writePs(8))
    func time(_ rig: ClockRig) throws -> Double {
      let result = try rig.run(events)
      let region = result.regions.first { $0.metrics.cfgWrites > 0 }
      return Double(region?.metrics.saturated.timePs ?? 0)
    }
    let behind = try time(rig)
    let ahead = try time(rig.with { $0.memoryChannel = 1 })
    #expect(isWithin(0.01, behind, 10_000_000 + wire + Double(alone)))
    #expect(isWithin(0.01, ahead, wire + Double(alone)))
  }

  @Test func `a replay buffer holds what is not acknowledged`() throws {
    // An 8-byte write has 32 bytes; 64 bytes hold two, until w + 1 us after their start.
    let rig = ClockRig(generation: 3, lanes: 8).with {
      $0.dataLink = DataLink(ackLatencyPs: 1_000_000, replayBufferBytes: 64)
    }
    let found = try rig.period(of: .store, size: 8, cycle: 2, cycles: 8)
    #expect(isWithin(0.01, found, (1_000_000 + rig.writePs(8)) / 2))
  }

  @Test func `every so many writes one is sent twice`() throws {
    let rig = ClockRig(generation: 3, lanes: 8).with {
      $0.dataLink = DataLink(replayEvery: 4, replayPs: 600_000)
    }
    // Of four one takes w, the wait, and w again.
    let found = try rig.period(of: .store, size: 8, cycle: 4, cycles: 8)
    #expect(isWithin(0.01, found, (5 * rig.writePs(8) + 600_000) / 4))
  }

  @Test func `a TLP that is sent twice is in the replay buffer until its second Ack`() throws {
    // One write fits. It takes w, the wait, w again, and is acknowledged so long after that.
    for ack in [300_000, 1_000_000] as [UInt64] {
      let rig = ClockRig(generation: 3, lanes: 8).with {
        $0.dataLink = DataLink(
          ackLatencyPs: ack, replayBufferBytes: 32, replayEvery: 1, replayPs: 600_000)
      }
      let found = try rig.period(of: .store, size: 8, cycle: 1, cycles: 20)
      #expect(isWithin(0.01, found, 2 * rig.writePs(8) + 600_000 + Double(ack)))
    }
  }

  @Test func `a request that waits for credits is sent twice as any other`() throws {
    // One NPH: each request starts a loop after the start of the one before that arrived.
    let rig = ClockRig(generation: 1, lanes: 1).with {
      $0.nonPosted = .init(headers: 1, data: 0)
      $0.creditLoopPs = 7_000_000
      $0.deviceLoads = 8
      $0.dataLink = DataLink(replayEvery: 1, replayPs: 500_000)
    }
    let found = try rig.period(of: .load, size: 8, cycle: 1, cycles: 20)
    #expect(isWithin(0.01, found, 7_000_000 + rig.requestPs + 500_000))
  }

  @Test func `vCPUs share the link, and each has its own writes in flight`() throws {
    // n vCPUs with nGnRnE stores: n in each acknowledgement time, until the link is full.
    for vcpus in [1, 2, 8, 64] {
      let rig = ClockRig(type: .deviceNGnRnE, generation: 3, lanes: 8, ackPs: 100_000)
      let rounds = 50
      var events: [NaiveEvent] = []
      for round in 0..<rounds {
        for vcpu in 0..<vcpus {
          events.append(.store(base + 8 * UInt64(round * vcpus + vcpu), 8, vcpu: vcpu))
        }
      }
      let found = try Double(rig.time(events)) / Double(rounds)
      let expected = max(100_000, Double(vcpus) * rig.writePs(8))
      #expect(isWithin(0.02, found, expected), "\(vcpus) vCPUs")
    }
  }
}
