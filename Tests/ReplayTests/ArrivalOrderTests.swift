import Replay
import Results
import TestSupport
import Testing

/// ORD001 and ORD003 against the text of "Peripheral arrival order" (Arm ARM DDI 0487, B2.4.1), worked
/// out pair by pair.
///
/// Of a vCPU's accesses to one function, one arrives before a later one where both are nGnRE (rule A),
/// where it is Barrier-ordered-before it (rule C), or through accesses to that function in between.
@Suite struct `Order of arrival, pair by pair` {
  private struct Step: Sendable {
    var word: String
    var event: NaiveEvent
    var function = -1
    var isNC = false
    var isStore = false
    var isLoad = false
    var isRelease = false
    var isAcquire = false
    var ordersStores = false
    var ordersLoads = false

    static func store(
      _ word: String, _ event: NaiveEvent, _ function: Int, nc: Bool = false, release: Bool = false
    ) -> Step {
      let event = event.with { $0.release = release }
      return Step(
        word: word, event: event, function: function, isNC: nc, isStore: true, isRelease: release)
    }
  }

  private static let otherRegs = NaiveEvent.store(HazardBench.otherRegs, 4)
  private static let otherLoad = NaiveEvent.load(HazardBench.otherRegs, 4)
  private static let alphabet: [Step] = [
    .store("nc", .payload(), 0, nc: true),
    .store("nc.rel", .payload(64), 0, nc: true, release: true),
    .store("dev", .doorbell(), 0), .store("dev.rel", .doorbell(8), 0, release: true),
    .store("other", otherRegs, 1), .store("other.rel", otherRegs, 1, release: true),
    Step(word: "load", event: .status(), function: 0, isLoad: true),
    Step(
      word: "load.acq", event: .status().with { $0.acquire = true }, function: 0, isLoad: true,
      isAcquire: true),
    Step(
      word: "other.acq", event: otherLoad.with { $0.acquire = true }, function: 1, isLoad: true,
      isAcquire: true),
    Step(word: "dmb.st", event: .barrier("dmb.st"), ordersStores: true),
    Step(word: "dmb.ld", event: .barrier("dmb.ld"), ordersLoads: true),
  ]

  /// Whether some NC store is behind, or ahead of, a Device store that nothing orders it with.
  private static func unordered(_ steps: [Step]) -> (doorbell: Bool, payload: Bool) {
    let count = steps.count
    var before = [[Bool]](repeating: [Bool](repeating: false, count: count), count: count)
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1) {
        let (a, b) = (steps[first], steps[second])
        guard a.isStore || a.isLoad, b.isStore || b.isLoad else { continue }
        let between = steps[(first + 1)..<second]
        before[first][second] =
          b.isRelease || a.isAcquire
          || a.isStore && b.isStore && between.contains(where: \.ordersStores)
          || a.isLoad && between.contains(where: \.ordersLoads) || a.isRelease && b.isAcquire
      }
    }
    close(&before) { _, _ in true }
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1) {
        let (a, b) = (steps[first], steps[second])
        let isDevice = !a.isNC && !b.isNC && a.function >= 0
        before[first][second] =
          a.function == b.function && (isDevice || before[first][second])
      }
    }
    close(&before) { steps[$0].function == steps[$1].function }
    var result = (doorbell: false, payload: false)
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1) {
        let (a, b) = (steps[first], steps[second])
        guard a.isStore, b.isStore, a.function == b.function, a.isNC != b.isNC,
          !before[first][second]
        else { continue }
        if a.isNC { result.doorbell = true } else { result.payload = true }
      }
    }
    return result
  }

  private static func close(_ before: inout [[Bool]], _ joins: (Int, Int) -> Bool) {
    for middle in before.indices {
      for first in before.indices where before[first][middle] && joins(first, middle) {
        for last in before.indices where before[middle][last] { before[first][last] = true }
      }
    }
  }

  private func check(_ steps: [Step]) throws {
    let found = try HazardBench().run(steps.map(\.event)).findings
    let wanted = Self.unordered(steps)
    let words = steps.map(\.word).joined(separator: ", ")
    #expect(found.contains { $0.code == "ORD001" } == wanted.doorbell, "ORD001: \(words)")
    #expect(found.contains { $0.code == "ORD003" } == wanted.payload, "ORD003: \(words)")
  }

  @Test func `all programs of up to three steps`() throws {
    for first in Self.alphabet {
      for second in Self.alphabet {
        try check([first, second])
        for third in Self.alphabet { try check([first, second, third]) }
      }
    }
  }

  @Test(arguments: UInt64(1)...4)
  func `programs of four to seven steps`(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let count = generator.inRange(4...7)
      try check((0..<count).map { _ in generator.pick(Self.alphabet) })
    }
  }
}
