import TestSupport
import Testing

@testable import Replay

/// How a wait is split, against a walk over all TLPs.
@Suite struct SentTLPsTests {
  private struct Sent {
    var start: UInt64
    var end: UInt64
    var waited: UInt64
  }

  /// The definition, walked backwards from the TLP that ended the wait.
  ///
  /// In front of each TLP there is the time without credits, then a gap, then the TLP ahead of it.
  /// The last 256 are known; ahead of the first one the link was idle.
  private func walk(_ sent: [Sent], from: UInt64, until: UInt64) -> SentTLPs.Parts {
    var parts = SentTLPs.Parts()
    let oldest = max(0, sent.count - 256)
    var time = until
    var index = sent.count - 1
    while index >= oldest, sent[index].start > until { index -= 1 }
    while time > from, index >= oldest {
      let credit = min(sent[index].waited, time - from)
      parts.credit += credit
      time -= credit
      index -= 1
      guard index >= oldest else { break }
      let ended = min(max(sent[index].end, from), time)
      parts.turn += time - ended
      let began = min(max(sent[index].start, from), ended)
      parts.link += ended - began
      time = began
    }
    if oldest == 0, index < 0 { parts.turn += time - from }
    if time > from, index >= 0 { parts.extend(by: time - from) }
    return parts
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `a wait is made of what lies between its ends`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var kept = SentTLPs()
    var sent: [Sent] = []
    var time: UInt64 = 0
    for _ in 0..<random.pick([1, 5, 200, 255, 256, 257, 900]) {
      let waited = random.chance(30) ? UInt64(random.below(50)) : 0
      let start = time + UInt64(random.pick([0, 0, 7, 90])) + waited
      let length = UInt64(random.inRange(1...40))
      kept.add(start, length, waited: waited)
      sent.append(Sent(start: start, end: start + length, waited: waited))
      time = start + length
      guard random.chance(40) else { continue }
      let place = max(0, sent.count - 1 - random.below(random.pick([3, 30, 400])))
      let until = sent[place].start
      let from = until - min(until, UInt64(random.below(random.pick([5, 60, 3000, 40_000]))))
      let expected = walk(sent, from: from, until: until)
      let hints = [0, UInt64(random.below(place + 1))].filter {
        $0 == 0 || sent[Int($0) - 1].start <= from
      }
      for hint in hints {
        let found = kept.parts(from: from, until: until, end: UInt64(place + 1), behind: hint)
        #expect(found == expected, "TLP \(place + 1) of \(sent.count), from \(from) to \(until)")
      }
      #expect(kept.parts(from: from, until: until) == expected)
    }
  }
}
