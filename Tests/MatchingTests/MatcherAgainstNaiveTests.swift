import Matching
import Results
import TestSupport
import Testing
import TraceIO

/// The matcher against whole lists, gone over by the same rules without any of its bookkeeping.
@Suite struct MatcherAgainstNaiveTests {
  /// A list, and what becomes of it on the way: lost, split, joined, exchanged, changed.
  private static func lists(seed: UInt64) -> Lists {
    var random = SplitMix64(seed: seed)
    let lines = random.inRange(1...5)
    let lineBytes = random.pick([16, 32, 64])
    func tlp(_ random: inout SplitMix64) -> Lists.TLP {
      let offset = UInt64(4 * random.below(lines * lineBytes / 4))
      let dwords = random.inRange(1...random.pick([1, 2, 4, 8]))
      var tlp = Lists.TLP(isWrite: random.chance(80), offset: offset, dwords: dwords)
      if random.chance(20) { tlp.first = UInt8(random.inRange(1...15)) }
      if dwords > 1, random.chance(20) { tlp.last = UInt8(random.inRange(1...15)) }
      return tlp
    }
    let predicted = (0..<random.inRange(0...60)).map { _ in tlp(&random) }
    var observed: [Lists.TLP] = []
    for tlp in predicted {
      switch random.below(10) {
      case 0: break
      case 1, 2, 3:
        // Each DW by itself.
        for dword in 0..<tlp.dwords {
          let enables = dword == 0 ? tlp.first : dword == tlp.dwords - 1 ? tlp.lastEnables : 15
          observed.append(
            Lists.TLP(
              isWrite: tlp.isWrite, offset: tlp.offset + UInt64(4 * dword), dwords: 1,
              first: enables))
        }
      case 4: observed.insert(tlp, at: random.inRange(max(0, observed.count - 6)...observed.count))
      default: observed.append(tlp)
      }
    }
    for _ in 0..<random.below(8) {
      observed.insert(tlp(&random), at: random.inRange(0...observed.count))
    }
    var lists = Lists(predicted: predicted, observed: observed, window: random.inRange(1...20))
    lists.lineBytes = lineBytes
    if random.chance(50) { (lists.predicted, lists.observed) = (observed, predicted) }
    return lists
  }

  @Test(arguments: 0..<4) func `both come to the same`(part: UInt64) throws {
    var sums = MatchResult.Counts()
    for seed in part * 250..<part * 250 + 250 {
      let lists = Self.lists(seed: seed)
      let naive = NaiveMatch(lists)
      let result = try lists.match()
      #expect(result.totals == naive.counts, "seed \(seed)")
      let found = result.differences.map { difference in
        let predicted = difference.predicted.map { "\($0.number)" }.joined(separator: " ")
        // A line each behind the header.
        let observed = difference.observed.map { "\($0.line - 2)" }.joined(separator: " ")
        return "\(difference.kind.rawValue) \(predicted):\(observed)"
      }
      for kind in MatchResult.Difference.Kind.allCases {
        let own = naive.differences.filter { $0.hasPrefix(kind.rawValue + " ") }
        #expect(
          found.filter { $0.hasPrefix(kind.rawValue + " ") } == Array(own.prefix(10)),
          "seed \(seed)")
      }
      sums.add(result.totals)
    }
    // Everything that can become of a TLP did.
    for count in [
      sums.agree, sums.reordered, sums.splitOtherwise.predicted, sums.splitOtherwise.observed,
      sums.otherBytes.predicted, sums.otherBytes.observed, sums.predictedOnly, sums.observedOnly,
    ] {
      #expect(count > 50)
    }
  }

  @Test func `pieces and chunks change nothing`() throws {
    for seed in 0..<UInt64(20) {
      let lists = Self.lists(seed: seed)
      let whole = try lists.match()
      for (piece, chunk) in [(1, 1), (7, 13), (3, 1 << 18)] {
        #expect(try lists.match(piece: piece, chunk: chunk) == whole, "seed \(seed)")
      }
    }
  }

  /// Long TLPs beside short ones, few of which have a partner.
  @Test func `no more than twice the window waits`() throws {
    for seed in 0..<UInt64(20) {
      var random = SplitMix64(seed: seed)
      func list() -> [Lists.TLP] {
        var dwords = 1
        return (0..<300).map { _ in
          if random.chance(2) { dwords = random.pick([1, 2, 16, 256, 1024]) }
          return Lists.TLP(offset: UInt64(4 * random.below(20_000)), dwords: dwords)
        }
      }
      let lists = Lists(predicted: list(), observed: list(), window: random.inRange(1...32))
      let observed = try ObservedList(MemorySource(Array(lists.csv.utf8)))
      var matcher = TLPMatcher(
        observed, Lists.context(), lineBytes: lists.lineBytes, window: lists.window)
      for packet in lists.packets {
        try matcher.add([packet])
        #expect(matcher.waiting <= 2 * lists.window, "seed \(seed)")
      }
      let blank = Lists.blank(
        window: lists.window, lineBytes: lists.lineBytes, hasEnables: true)
      #expect(try matcher.finish(blank).totals == NaiveMatch(lists).counts, "seed \(seed)")
    }
  }

  @Test func `every TLP is counted once`() throws {
    for seed in 0..<UInt64(50) {
      let counts = try Self.lists(seed: seed).match().totals
      #expect(
        counts.compared.predicted == counts.agree + counts.splitOtherwise.predicted
          + counts.otherBytes.predicted + counts.predictedOnly)
      #expect(
        counts.compared.observed == counts.agree + counts.splitOtherwise.observed
          + counts.otherBytes.observed + counts.observedOnly)
    }
  }
}
