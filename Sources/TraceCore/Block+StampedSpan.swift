extension Block {
  /// Smallest and largest time stamp in ns; nil where no record has one.
  ///
  /// What a record without a stamp repeats is none: it may be that of a record that a slice left out.
  public var stampedSpan: ClosedRange<UInt64>? {
    let isStamped = classes.map { $0.columns.contains(.time) }
    guard isStamped.contains(true), let first = firstStamped(isStamped) else { return nil }
    let times = times
    if hasOrderedTimes { return times[first]...times[lastStamped(isStamped) ?? first] }
    var (low, high) = (UInt64.max, UInt64(0))
    var record = 0
    for (token, count) in zip(runTokens, runCounts) {
      let end = record + Int(count)
      if isStamped[Int(token)] {
        for time in times[record..<end] {
          low = min(low, time)
          high = max(high, time)
        }
      }
      record = end
    }
    return low...high
  }

  /// The least and the greatest stamp of records, at least one, that have one each.
  func stampedSpan(of records: Range<Int>) -> ClosedRange<UInt64> {
    let times = times
    if hasOrderedTimes { return times[records.lowerBound]...times[records.upperBound - 1] }
    var (low, high) = (UInt64.max, UInt64(0))
    for time in times[records] {
      low = min(low, time)
      high = max(high, time)
    }
    return low...high
  }

  private func firstStamped(_ isStamped: [Bool]) -> Int? {
    var record = 0
    for (token, count) in zip(runTokens, runCounts) {
      if isStamped[Int(token)] { return record }
      record += Int(count)
    }
    return nil
  }

  private func lastStamped(_ isStamped: [Bool]) -> Int? {
    var record = count
    for run in runTokens.indices.reversed() {
      if isStamped[Int(runTokens[run])] { return record - 1 }
      record -= Int(runCounts[run])
    }
    return nil
  }
}
