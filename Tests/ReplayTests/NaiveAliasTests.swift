import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// MAP001 once more, as it is written down: every granule's last use in a dictionary, every event's
/// order of its own.
///
/// Same vCPU: what a barrier, an acquire or a release orders (Arm ARM DDI 0487, B2.3). Two vCPUs: both
/// have ordered something since the first use, as those do that take turns.
private struct NaiveAliases {
  private struct Use {
    var record: Int
    var vcpu: Int
    var type: UInt8
    var isStore: Bool
    var isAcquire: Bool
  }

  /// Accesses ahead of these records are ordered before later ones.
  private struct Order {
    var stores = 0
    var storesBeforeLoads = 0
    var loads = 0
    var release = 0
    var any = 0
  }

  private var uses: [UInt64: Use] = [:]
  private var orders: [Int: Order] = [:]
  private(set) var found: UInt64 = 0

  init(_ events: [NaiveEvent]) {
    for (record, event) in events.enumerated() { take(event, record) }
  }

  private mutating func take(_ event: NaiveEvent, _ record: Int) {
    var order = orders[event.vcpu] ?? Order()
    defer { orders[event.vcpu] = order }
    guard event.op != "barrier" else {
      let kind = event.barrier
      guard kind.hasPrefix("d"), kind != "dgh" else { return }
      if !kind.hasSuffix("ld") { order.stores = record }
      if kind.hasSuffix("sy") || kind == "dsb.st" { order.storesBeforeLoads = record }
      if !kind.hasSuffix("st") { order.loads = record }
      order.any = record
      return
    }
    // A store-release is ordered before a later load-acquire, and that before all that follows.
    if event.release { (order.release, order.any) = (record + 1, record) }
    if event.acquire {
      order.stores = max(order.stores, order.release)
      order.storesBeforeLoads = max(order.storesBeforeLoads, order.release)
      order.loads = max(order.loads, order.release)
      order.any = record
    }
    orders[event.vcpu] = order
    // Under kvm-normal-nc stage 2 is Normal-NC: Device types stay, Normal ones become it.
    let type = event.attribute == 0xff ? 0x44 : event.attribute ?? 0x44
    let use = Use(
      record: record, vcpu: event.vcpu, type: type, isStore: event.op == "store",
      isAcquire: event.acquire)
    if let before = uses.updateValue(use, forKey: event.address / 64), before.type != type,
      !isOrdered(before, event)
    {
      found += 1
    }
  }

  private func isOrdered(_ before: Use, _ event: NaiveEvent) -> Bool {
    let (first, second) = (orders[before.vcpu] ?? Order(), orders[event.vcpu] ?? Order())
    if before.vcpu != event.vcpu {
      return (before.isAcquire || first.any > before.record) && second.any > before.record
    }
    if event.release { return true }
    if !before.isStore { return before.isAcquire || first.loads > before.record }
    return (event.op == "store" ? first.stores : first.storesBeforeLoads) > before.record
  }
}

@Suite struct `MAP001 beside a naive one` {
  private static let barriers = [
    "dmb.sy", "dmb.st", "dmb.ld", "dsb.sy", "dsb.st", "dsb.ld", "isb", "dgh",
  ]

  private static let types: [UInt8] = [0x44, 0x04, 0xff, 0x00]

  /// Aligned 8-byte accesses to a few lines that lie close together and far apart.
  private static func program(_ random: inout SplitMix64) -> [NaiveEvent] {
    let places: [UInt64] = [0, 1, 2, 5, 1024, 2048, 4096, 65_536]
    let lines = (0..<Int.random(in: 1...6, using: &random)).map { _ in
      HazardBench.bar + 64 * places[.random(in: places.indices, using: &random)]
    }
    return (0..<Int.random(in: 2...120, using: &random)).map { _ in
      let vcpu = Int.random(in: 0..<3, using: &random)
      guard Int.random(in: 0..<4, using: &random) > 0 else {
        var barrier = NaiveEvent("barrier")
        barrier.vcpu = vcpu
        barrier.barrier = barriers[.random(in: barriers.indices, using: &random)]
        return barrier
      }
      let line = lines[.random(in: lines.indices, using: &random)]
      let address = line + 8 * .random(in: 0..<8, using: &random)
      var event =
        Bool.random(using: &random)
        ? NaiveEvent.store(address, 8, vcpu: vcpu) : NaiveEvent.load(address, 8, vcpu: vcpu)
      event.attribute = types[.random(in: types.indices, using: &random)]
      if Int.random(in: 0..<12, using: &random) == 0 {
        event.release = event.op == "store"
        event.acquire = event.op == "load"
      }
      return event
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `counts are the same on generated programs`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var total: UInt64 = 0
    for _ in 0..<60 {
      let events = Self.program(&random)
      let bench = HazardBench().with { $0.accessors = .recorded }
      let found = try bench.findings("MAP001", events).reduce(0) { $0 + $1.count }
      let wanted = NaiveAliases(events).found
      #expect(found == wanted, "\(events)")
      total += wanted
    }
    #expect(total > 100, "programs that show nothing test nothing")
  }
}
