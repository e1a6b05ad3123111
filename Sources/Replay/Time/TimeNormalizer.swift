import TraceCore

/// Makes a trace's times start at 0 and never decrease (model: events).
struct TimeNormalizer {
  /// Longest span that fits in picoseconds, in ns: 106 days.
  static let longestSpan = UInt64(Int64.max) / 1000

  /// The trace's first stamp.
  private(set) var origin: UInt64?
  /// Some record had a stamp.
  var hasStamps: Bool { origin != nil }
  private var last: UInt64 = 0
  /// Accesses without a stamp.
  private(set) var unstamped: UInt64 = 0

  /// Replaces a block's stamps; records before the trace's first stamp take its time.
  mutating func normalize(_ block: Block, _ counters: inout TraceCounters) {
    countUnstamped(block)
    let untimed = origin == nil ? Self.recordsBeforeFirstStamp(block) : 0
    for index in 0..<untimed { block.times[index] = 0 }
    guard untimed < block.count else { return }
    let start = origin ?? block.times[untimed]
    origin = start
    if !isPlain(block, from: untimed, start) {
      mend(block, from: untimed, start, &counters)
    } else if start > 0 {
      block.times.subtract(start, from: untimed)
    }
    last = block.times[block.count - 1]
  }

  private mutating func countUnstamped(_ block: Block) {
    let isUnstamped = block.classes.map { entry in
      (entry.operation.isAccess || entry.operation.isConfig) && !entry.columns.contains(.time)
    }
    guard isUnstamped.contains(true) else { return }
    for (token, count) in zip(block.runTokens, block.runCounts) where isUnstamped[Int(token)] {
      unstamped += UInt64(count)
    }
  }

  /// Stamps do not go back, and none is too far behind the trace's first one.
  private func isPlain(_ block: Block, from untimed: Int, _ start: UInt64) -> Bool {
    let (first, end) = (block.times[untimed], block.times[block.count - 1])
    return first >= start && first - start >= last && end >= first
      && end - start <= Self.longestSpan
      && (untimed == 0 ? block.hasOrderedTimes : block.times.isOrdered(from: untimed))
  }

  /// Stamps that go back repeat the one before, as records without one do; those too far behind the
  /// first one stay in reach.
  private func mend(
    _ block: Block, from untimed: Int, _ start: UInt64, _ counters: inout TraceCounters
  ) {
    var backwards: UInt64 = 0
    var beyond: UInt64 = 0
    var previous = last
    var index = 0
    let (tokens, counts, classes) = (block.runTokens, block.runCounts, block.classes)
    var times = block.times.mutableSpan
    for (token, count) in zip(tokens, counts) {
      let isStamped = classes[Int(token)].columns.contains(.time)
      let end = index + Int(count)
      for record in max(index, untimed)..<max(end, untimed) {
        let stamp = times[record]
        var relative = stamp > start ? stamp - start : 0
        if !isStamped {
          relative = previous
        } else if relative < previous || stamp < start {
          backwards += 1
          relative = previous
        } else if relative > Self.longestSpan {
          beyond += 1
          relative = Self.longestSpan
        }
        times[record] = relative
        previous = relative
      }
      index = end
    }
    counters.add(
      "time_backwards", backwards,
      meaning: "records whose time stamp was smaller than one before; taken as the same time")
    counters.add(
      "time_beyond_span", beyond,
      meaning: "records more than 106 days after the first; taken as 106 days")
  }

  /// Records at the start of the trace that have no stamp to repeat.
  private static func recordsBeforeFirstStamp(_ block: Block) -> Int {
    var records = 0
    for (token, count) in zip(block.runTokens, block.runCounts) {
      if block.classes[Int(token)].columns.contains(.time) { return records }
      records += Int(count)
    }
    return records
  }
}
