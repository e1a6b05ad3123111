import Testing
import TraceCore

@testable import Importers

/// What is kept of acquires and releases elsewhere orders the recorded accesses as all of them do.
struct ElsewhereFoldingTests {
  /// A recorded access, or what stands between.
  enum Event: CaseIterable { case access, acquire, release, both }

  /// Whether the access at `first` is ordered before the one at `second` by [M]; po; [L], [L]; po; [A]
  /// and [A]; po; [M] (Arm ARM DDI 0487, B2.3), or by an atomic that is both.
  private func isOrdered(_ events: [Event], _ first: Int, _ second: Int) -> Bool {
    (first..<second).contains { place in
      events[place] == .both
        || events[place] == .release
          && events[place..<second].contains { $0 == .acquire || $0 == .both }
    }
  }

  private func kept(_ events: [Event]) -> [Bool] {
    var folding = ElsewhereFolding()
    return events.map { event in
      switch event {
      case .access:
        folding.access(of: 3)
        return true
      case .acquire: return folding.takes(Barrier(.acquire), of: 3)
      case .release: return folding.takes(Barrier(.release), of: 3)
      case .both: return folding.takes(Barrier(.acquireRelease), of: 3)
      }
    }
  }

  @Test func `every sequence of up to seven keeps its order, with three at most in a gap`() {
    for length in 1...7 {
      for number in 0..<(1 << (2 * length)) {
        let events = (0..<length).map { Event.allCases[number >> (2 * $0) & 3] }
        let keeps = kept(events)
        let rest = zip(events, keeps).map { $1 ? $0 : nil }
        var gap = 0
        for event in rest {
          gap = event == .access ? 0 : gap + (event == nil ? 0 : 1)
          #expect(gap <= 3)
        }
        // An access stands in the place of what was left out: it orders nothing.
        let folded = rest.map { $0 ?? .access }
        let places = events.indices.filter { events[$0] == .access }
        for first in places {
          for second in places where second > first {
            #expect(
              isOrdered(events, first, second) == isOrdered(folded, first, second), "\(events)")
          }
        }
        // And what comes after the end: a release stays where there was one behind an access.
        for first in places {
          let tail = events + [.acquire, .access]
          let left = folded + [.acquire, .access]
          #expect(
            isOrdered(tail, first, tail.count - 1) == isOrdered(left, first, left.count - 1),
            "\(events)")
        }
      }
    }
  }

  @Test func `vCPUs are folded each for itself`() {
    var folding = ElsewhereFolding()
    func takes(_ vcpus: [UInt16]) -> [Bool] {
      vcpus.map { folding.takes(Barrier(.release), of: $0) }
    }
    #expect(takes([0, 1, 0]) == [true, true, false])
    folding.access(of: 1)
    #expect(takes([0, 1]) == [false, true])
  }
}
