import ArmMemory
import Results
import TestSupport
import Testing
import TraceCore

/// A trace of copies, doorbells, loads, barriers and resets in no sensible order.
private struct RandomResets {
  /// Loads read bytes that were stored, too.
  var readsStores = false
  private(set) var events: [NaiveEvent] = []
  private var random: SplitMix64
  private var now: UInt64 = 1000

  init(seed: UInt64, readsStores: Bool) {
    self.readsStores = readsStores
    random = SplitMix64(seed: seed)
    let count = random.pick([12, 40, 120])
    while events.count < count { step() }
  }

  private mutating func put(_ event: NaiveEvent, _ vcpu: Int) {
    events.append(event.at(now).on(vcpu: vcpu))
    now += random.pick(weighted: [(70, 0), (20, 10), (8, 4_000_000), (2, 30_000_000)])
  }

  private mutating func step() {
    let vcpu = random.below(2)
    let isOther = random.chance(25)
    let bar = isOther ? HazardBench.otherBar : HazardBench.bar
    let regs = isOther ? HazardBench.otherRegs : HazardBench.regs
    let function = isOther ? HazardBench.other : HazardBench.device
    switch random.below(100) {
    case 0..<38: copy(bar, vcpu)
    case 38..<46: put(.store(regs + UInt64(4 * random.below(8)), 4), vcpu)
    case 46..<50:
      put(.store(bar + UInt64(64 * random.below(5) + 56), 16), vcpu)
    case 50..<53:
      put(.store(bar + UInt64(64 * random.below(6)), 64).with { $0.single64 = true }, vcpu)
    case 53..<56:
      // Device-nGRE: neither gathered nor in order.
      put(.store(bar + UInt64(8 * random.below(40)), 8).with { $0.attribute = 0x08 }, vcpu)
    case 56..<68: load(bar, regs, vcpu)
    case 68..<84:
      put(
        .barrier(
          random.pick([
            "dmb.st", "dmb.ld", "dmb.sy", "dsb.st", "dsb.ld", "dsb.sy", "isb", "dgh",
          ])), vcpu)
    case 84..<87: put(.ecamRead(0, 4, 0x1234_10de, function), vcpu)
    case 87..<88: put(.ecamRead(0, 4, 0xffff_ffff, function), vcpu)
    case 88..<90: put(.ecamRead(0, 4, 0x2000_10de, HazardBench.port), vcpu)
    case 90..<95: put(.ecamWrite(0x48, 2, 0x8000, function), vcpu)
    default:
      put(.ecamWrite(0x3e, 2, random.pick([0x40, 0]), HazardBench.port), vcpu)
    }
  }

  private mutating func copy(_ bar: UInt64, _ vcpu: Int) {
    let start = bar + UInt64(8 * random.below(40))
    for step in 0..<random.pick([1, 1, 2, 8, 12, 20, 33]) {
      put(.store(start + UInt64(8 * step), 8), vcpu)
    }
  }

  private mutating func load(_ bar: UInt64, _ regs: UInt64, _ vcpu: Int) {
    // Without `readsStores` from where no store goes: bytes 48 to 55 of a line that is written
    // below them alone, or other lines.
    let place: UInt64 = random.pick([regs + 0x800, bar + 0x1000])
    let stored: UInt64 =
      random.chance(50) ? bar + UInt64(8 * random.below(40)) : regs + UInt64(4 * random.below(8))
    var event = NaiveEvent.load(readsStores && random.chance(60) ? stored : place, 4)
    event.acquire = random.chance(25)
    event.value = [1, 0, 0, 0]
    put(event, vcpu)
  }
}

/// The replay remembers a few stores of each function and takes runs of them at once; the naive
/// judge remembers all of them and takes each alone.
@Suite struct `Resets against a naive judge` {
  private static let codes = ["RST001", "RST002", "RST003", "RST004", "RST008"]

  private func bench(_ cuts: Set<Int>) -> HazardBench {
    HazardBench().with {
      $0.images = [
        HazardBench.device: HazardBench.endpoint(), HazardBench.other: HazardBench.endpoint(),
        HazardBench.port: HazardBench.bridge(lastBus: 2),
      ]
      $0.cuts = cuts
    }
  }

  private func found(_ events: [NaiveEvent], cuts: Set<Int> = []) throws -> [Finding] {
    try bench(cuts).run(events).findings.filter { $0.code.hasPrefix("RST") }
  }

  private func summary(_ findings: [Finding]) -> [String: NaiveResets.Found] {
    findings.filter { Self.codes.contains($0.code) }.reduce(into: [:]) { result, finding in
      let first = Int(finding.firstRecord)
      var sum = result[finding.code] ?? NaiveResets.Found()
      let count = sum.count.lowerBound + Int(finding.count)
      sum.count = count...count
      sum.first = min(sum.first ?? first, first)
      result[finding.code] = sum
    }
  }

  private func agree(_ events: [NaiveEvent]) -> Bool {
    guard let found = try? summary(found(events)) else { return false }
    let naive = NaiveResets.judge(events)
    return Self.codes.allSatisfy { naive[$0]?.allows(found[$0]) ?? (found[$0] == nil) }
  }

  /// The smallest trace that still fails, by leaving out records.
  private func shrunk(
    _ events: [NaiveEvent], _ fails: ([NaiveEvent]) -> Bool
  ) -> String {
    var events = events
    var step = max(1, events.count / 2)
    while step > 0 {
      var start = 0
      while start < events.count {
        let rest = Array(events[..<start] + events[min(start + step, events.count)...])
        if fails(rest) { events = rest } else { start += step }
      }
      step /= 2
    }
    let lines = events.map {
      "\($0.time ?? 0) v\($0.vcpu) \($0.op) \(String($0.address, radix: 16)) \($0.size) "
        + "\($0.barrier) \($0.acquire ? "acq" : "") \($0.value ?? [])"
    }
    return lines.joined(separator: "\n")
      + "\nnaive \(NaiveResets.judge(events))\nfound \(String(describing: try? summary(found(events))))"
  }

  @Test(arguments: 0..<4)
  func `counts and first records are those of every store looked at alone`(part: UInt64) {
    for seed in part * 150..<(part + 1) * 150 {
      let events = RandomResets(seed: seed, readsStores: false).events
      let fails = { (events: [NaiveEvent]) in !agree(events) }
      guard fails(events) else { continue }
      Issue.record("seed \(seed):\n\(shrunk(events, fails))")
      return
    }
  }

  /// A load of the bytes of a store pushes that store alone, which is not followed for the stores
  /// between a function's first and last: a finding may be missed then, never invented.
  @Test(arguments: 0..<4)
  func `loads of stored bytes take no more away than they may`(part: UInt64) {
    var missed = 0
    for seed in part * 150..<(part + 1) * 150 {
      let events = RandomResets(seed: seed, readsStores: true).events
      let fails = { (events: [NaiveEvent]) in
        guard let found = try? summary(found(events)) else { return true }
        let naive = NaiveResets.judge(events)
        return found.contains {
          $0.value.count.upperBound > naive[$0.key]?.count.upperBound ?? 0
        }
          || Self.codes.contains {
            !["RST002", "RST004"].contains($0)
              && !(naive[$0]?.allows(found[$0]) ?? (found[$0] == nil))
          }
      }
      if fails(events) {
        Issue.record("seed \(seed):\n\(shrunk(events, fails))")
        return
      }
      if !agree(events) { missed += 1 }
    }
    // Measured, so that it does not get worse unseen.
    #expect(missed <= 8, "\(missed) of 150")
  }

  @Test(arguments: 0..<4)
  func `findings do not depend on where runs are cut`(part: UInt64) throws {
    for seed in part * 60..<(part + 1) * 60 {
      let events = RandomResets(seed: seed, readsStores: true).events
      let whole = try found(events)
      var random = SplitMix64(seed: seed)
      let some = Set(events.indices.filter { _ in random.chance(20) })
      #expect(try found(events, cuts: Set(events.indices)) == whole, "seed \(seed)")
      #expect(try found(events, cuts: some) == whole, "seed \(seed)")
    }
  }
}
