import Results

/// The rules of a match over whole lists, found by going over everything; made from the article, for
/// comparison.
struct NaiveMatch {
  private struct Waiting {
    var side: Int
    var index: Int
    var until: Int
    /// Something of the other list waited in the line when one of both was left.
    var isMet = false
  }

  /// Predicted and observed ones.
  private let lists: [[Lists.TLP]]
  private let window: Int
  private let lineBytes: UInt64
  private var waiting: [Waiting] = []
  private var positions = [0, 0]
  private var pairs: [(predicted: Int, observed: Int)] = []
  private(set) var counts = MatchResult.Counts()
  /// `kind predicted:observed`, by index, in the order in which they were found.
  private(set) var differences: [String] = []

  init(_ lists: Lists) {
    self.lists = [lists.predicted, lists.observed]
    window = lists.window
    lineBytes = UInt64(lists.lineBytes)
    walk()
    counts.compared.predicted = UInt64(lists.predicted.count)
    counts.compared.observed = UInt64(lists.observed.count)
    let sorted = pairs.sorted { $0.observed < $1.observed }.map(\.predicted)
    for (place, predicted) in sorted.enumerated()
    where sorted[..<place].contains(where: { $0 > predicted }) {
      counts.reordered += 1
    }
  }

  private mutating func walk() {
    var taken = [0, 0]
    while taken[0] < lists[0].count || taken[1] < lists[1].count {
      let dwords = [0, 1].map { side in
        waiting.filter { $0.side == side }.reduce(0) { $0 + tlp($1).dwords }
      }
      var side = dwords[1] < dwords[0] ? 1 : 0
      if taken[side] == lists[side].count {
        advance(side)
        side = 1 - side
      }
      take(side, taken[side])
      taken[side] += 1
      advance(side)
    }
    for side in [0, 1] {
      while let next = waiting.firstIndex(where: { $0.side == side }) { leave(next) }
    }
  }

  private mutating func advance(_ side: Int) {
    positions[side] += 1
    while let next = waiting.firstIndex(where: {
      $0.side != side && $0.until <= positions[side]
    }) {
      leave(next)
    }
  }

  private func tlp(_ waiting: Waiting) -> Lists.TLP { lists[waiting.side][waiting.index] }

  private func line(_ tlp: Lists.TLP) -> String {
    "\(tlp.isWrite) \((Lists.base + tlp.offset) / lineBytes)"
  }

  private func bytes(_ tlp: Lists.TLP) -> Set<UInt64>? {
    var bytes: Set<UInt64> = []
    for dword in 0..<tlp.dwords {
      let enables = dword == 0 ? tlp.first : dword == tlp.dwords - 1 ? tlp.lastEnables : 15
      for byte in 0..<4 where enables & 1 << byte != 0 {
        bytes.insert(tlp.offset + UInt64(4 * dword + byte))
      }
    }
    let end = tlp.offset + UInt64(4 * tlp.dwords) - 1
    return tlp.offset / lineBytes == end / lineBytes ? bytes : nil
  }

  private mutating func take(_ side: Int, _ index: Int) {
    let new = lists[side][index]
    let partner = waiting.firstIndex { place in
      let other = tlp(place)
      return place.side != side && other.isWrite == new.isWrite && other.offset == new.offset
        && other.dwords == new.dwords && other.first == new.first
        && other.lastEnables == new.lastEnables
    }
    if let partner {
      let other = waiting.remove(at: partner).index
      pairs.append(side == 0 ? (index, other) : (other, index))
      counts.agree += 1
    } else {
      waiting.append(
        Waiting(side: side, index: index, until: positions[1 - side] + window))
    }
    split(line(new))
    if waiting.count(where: { $0.side == side }) > 2 * window,
      let oldest = waiting.firstIndex(where: { $0.side == side })
    {
      leave(oldest)
    }
  }

  private mutating func leave(_ place: Int) {
    let left = waiting.remove(at: place)
    let line = line(tlp(left))
    let others = waiting.indices.filter {
      waiting[$0].side != left.side && self.line(tlp(waiting[$0])) == line
    }
    for other in others { waiting[other].isMet = true }
    if let first = others.first {
      let sides = left.side == 0 ? [left, waiting[first]] : [waiting[first], left]
      differences.append("other_bytes \(sides[0].index):\(sides[1].index)")
    }
    switch (left.side, left.isMet || !others.isEmpty) {
    case (0, true): counts.otherBytes.predicted += 1
    case (_, true): counts.otherBytes.observed += 1
    case (0, false):
      counts.predictedOnly += 1
      differences.append("predicted_only \(left.index):")
    case (_, false):
      counts.observedOnly += 1
      differences.append("observed_only :\(left.index)")
    }
    split(line)
  }

  /// Takes the smallest beginnings of a line that are the same bytes, as long as there are some.
  private mutating func split(_ line: String) {
    while true {
      let sides = [0, 1].map { side in
        waiting.filter { $0.side == side && self.line(tlp($0)) == line }
      }
      func union(_ side: Int, _ count: Int) -> Set<UInt64>? {
        sides[side].prefix(count).reduce(Set()) { all, place in
          guard let all, let bytes = bytes(tlp(place)) else { return nil }
          return all.union(bytes)
        }
      }
      var found: (Int, Int)?
      for first in 1...max(1, sides[0].count) where first <= sides[0].count {
        for second in 1...max(1, sides[1].count) where second <= sides[1].count {
          guard let left = union(0, first), left == union(1, second), !left.isEmpty else {
            continue
          }
          if found.map({ first + second < $0.0 + $0.1 }) ?? true { found = (first, second) }
        }
      }
      guard let (first, second) = found else { return }
      let taken = [Array(sides[0].prefix(first)), Array(sides[1].prefix(second))]
      waiting.removeAll { place in
        taken[place.side].contains { $0.index == place.index }
      }
      counts.splitOtherwise.predicted += UInt64(first)
      counts.splitOtherwise.observed += UInt64(second)
      func list(_ side: Int) -> String {
        taken[side].map { "\($0.index)" }.joined(separator: " ")
      }
      differences.append("split_otherwise \(list(0)):\(list(1))")
    }
  }
}
