import ArmMemory
import PCIeModel
import Profiles
import Results
import TestSupport
import Testing
import TraceCore

@testable import Replay

/// Latencies and the link's use: by hand for whole runs, against brute force for the containers.
@Suite struct `Latencies and link use` {
  private let base = ClockRig.base
  private let rig = ClockRig(generation: 3, lanes: 4, issuePs: 1000)

  @Test func `a Device store on a free link is accepted at once`() throws {
    let found = try rig.run([.store(base, 8)]).totals.saturated.storeLatency
    #expect(found.samples == 1 && found.maxPs == 0 && found.percentilePs(perMille: 500) == 0)
  }

  @Test func `Device stores behind each other wait for the link`() throws {
    // Issued at 0 and 1 ns, the second write starts when the first has ended.
    let wire = try rig.time([.store(base, 8)])
    let found = try rig.run([.store(base, 8), .store(base + 8, 8)]).totals.saturated.storeLatency
    #expect(found.samples == 2 && found.maxPs == wire - 1000)
  }

  @Test func `what a store waits for before its issue counts too`() throws {
    // nGnRnE: the second store is there at 1 ns and issued at 50 ns, when the first is acknowledged.
    let rig = rig.with {
      $0.type = .deviceNGnRnE
      $0.ackPs = 50_000
    }
    let found = try rig.run([.store(base, 8), .store(base + 8, 8)]).totals.saturated.storeLatency
    #expect(found.samples == 2 && found.maxPs == 49_000)
    // One buffer, lines that leave when the next one opens: line 3 is there when line 2 is ready,
    // and opens when that one starts, w after the first; it leaves at the end.
    let lines = rig.with {
      $0.type = .normalNC
      $0.buffers = 1
    }
    let wire = try rig.time([.store(base, 8)])
    let stores = (0..<UInt64(3)).map { NaiveEvent.store(base + 64 * $0, 8) }
    let third = try lines.run(stores).totals.saturated.storeLatency
    // There at 2 ns; line 2 starts at 1 ns + w; its own write starts w later, at 1 ns + 2 w.
    #expect(third.maxPs == 1000 + 2 * wire - 2000)
  }

  @Test func `a write that is sent twice uses the link twice`() throws {
    let wire = try rig.time([.store(base, 8)])
    let twice = rig.with { $0.dataLink.replayEvery = 1 }
    let use = try twice.run([.store(base, 8), .store(base + 8, 8)]).saturatedUse
    #expect(use.downPs.reduce(0, +) == 4 * wire)
  }

  @Test(arguments: [100, 1000])
  func `a wait over any number of writes is split as the link was used`(writes: UInt64) {
    // Each is ready 40 ns after the one before and takes w: the link carries w of every 40 ns.
    var link = LinkClock(rig.settings.link, keepsSent: true)
    var start: UInt64 = 0
    for number in 0..<writes {
      start = link.post(
        ready: number * 40_000, bytes: 32, data: 1, ClockModes.MeasuredSaturated.self)
    }
    let parts = link.sent.parts(from: 0, until: start)
    let wire = link.lastEnd - link.lastStart
    #expect(parts.link + parts.turn == start && parts.credit == 0)
    #expect(isWithin(0.001, Double(parts.link), Double((writes - 1) * wire)))
  }

  @Test func `a line's latency counts from its first store`() throws {
    // Eight stores, 1 ns each: the line is full and leaves at 8 ns.
    let rig = rig.with { $0.type = .normalNC }
    let stores = (0..<UInt64(8)).map { NaiveEvent.store(base + 8 * $0, 8) }
    let found = try rig.run(stores).totals.saturated.storeLatency
    #expect(found.samples == 1 && found.maxPs == 8000)
  }

  @Test func `a line's first store is its own, whatever lines open and leave meanwhile`() throws {
    // Line A opens at 0, B at 1 ns and is filled by 9 ns; A is completed by 16 ns.
    let rig = rig.with {
      $0.type = .normalNC
      $0.lanes = 16
    }
    let events =
      [NaiveEvent.store(base, 8)] + (8..<UInt64(16)).map { .store(base + 8 * $0, 8) }
      + (1..<UInt64(8)).map { .store(base + 8 * $0, 8) }
    let found = try rig.run(events).totals.saturated.storeLatency
    // 64 bytes take 88 on the wire, 5.6 ns at 124.95 Gb/s: the link is free again.
    #expect(found.samples == 2 && found.maxPs == 16_000)
    #expect(found.bins.first.map { $0.lowPs <= 8000 && 8000 <= $0.highPs } == true)
  }

  @Test func `a load's latency is its round trip`() throws {
    let rig = rig.with { $0.readLatencyPs = 800_000 }
    let found = try rig.run([.load(base, 8), .load(base, 8)]).totals.saturated.loadLatency
    let expected = 800_000 + rig.requestPs + rig.completionPs(8)
    #expect(found.samples == 2 && isWithin(0.001, Double(found.maxPs), expected))
  }

  @Test func `the link carries what was sent, spread over its bins`() throws {
    // nGnRnE stores 50 ns apart: w of every 50 ns, which no bin of at least 64 w tells apart.
    let rig = rig.with {
      $0.type = .deviceNGnRnE
      $0.ackPs = 50_000
    }
    let wire = try rig.time([.store(base, 8)])
    let count = 3000
    let stores = (0..<UInt64(count)).map { NaiveEvent.store(base + 8 * $0, 8) }
    let use = try rig.run(stores).saturatedUse
    #expect(use.downPs.reduce(0, +) == UInt64(count) * wire)
    #expect(use.upPs.allSatisfy { $0 == 0 })
    for (bin, busy) in use.downPs.enumerated() {
      // Independent: every store's stretch cut at the bin's ends.
      let (low, high) = (UInt64(bin) * use.binPs, UInt64(bin + 1) * use.binPs)
      let expected = (0..<UInt64(count)).reduce(UInt64(0)) { sum, store in
        let (start, end) = (store * 50_000, store * 50_000 + wire)
        return sum + (min(end, high) > max(start, low) ? min(end, high) - max(start, low) : 0)
      }
      #expect(busy == expected, "bin \(bin)")
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `bins equal brute force, however often they are coarsened`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bins = UseBins()
    var stretches: [(UInt64, UInt64)] = []
    var time: UInt64 = 0
    for _ in 0..<300 {
      time += random.next() >> UInt64(random.inRange(30...54))
      let length = random.next() >> UInt64(random.inRange(40...60))
      bins.add(time, length)
      stretches.append((time, time + length))
      time += length
    }
    let width = bins.binPs
    let values = bins.values(bins.used)
    #expect(values.count <= UseBins.count && UInt64(values.count) * width >= time)
    for (bin, busy) in values.enumerated() {
      let (low, high) = (UInt64(bin) * width, UInt64(bin + 1) * width)
      let expected = stretches.reduce(UInt64(0)) {
        $0 + (min($1.1, high) > max($1.0, low) ? min($1.1, high) - max($1.0, low) : 0)
      }
      #expect(busy == expected, "bin \(bin)")
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `percentiles lie at most 1 in 64 above the sorted samples`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var pool = LatencyPool()
    pool.grow(regions: 3)
    var samples: [UInt64] = []
    for _ in 0..<random.inRange(1...2000) {
      let sample = random.next() >> UInt64(random.inRange(2...63))
      samples.append(sample)
      pool.add(sample, random.below(3))
    }
    samples.sort()
    var sum = LatencySum()
    for region in 0..<3 { pool.add(region: region, to: &sum) }
    let latency = sum.latency
    #expect(latency.samples == UInt64(samples.count) && latency.maxPs == samples.last)
    for perMille in [1, 500, 900, 990, 999, 1000] as [UInt64] {
      // Nearest rank: the smallest sample that so many do not exceed.
      let rank = (samples.count * Int(perMille) + 999) / 1000
      let exact = samples[max(rank, 1) - 1]
      let found = latency.percentilePs(perMille: perMille) ?? 0
      #expect(found >= exact && found - exact <= exact / 64, "\(perMille): \(found), \(exact)")
    }
    #expect(Latency().percentilePs(perMille: 500) == nil)
  }
}
