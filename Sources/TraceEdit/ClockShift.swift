import TraceCore

/// Time stamps of captures of different clocks, made those of one clock without gaps between them.
struct ClockShift {
  /// Captures whose stamps were changed.
  private(set) var shifted: UInt64 = 0
  /// In ns, of all shifted stamps so far.
  private var latest: UInt64?
  /// In ns, that of the record before.
  private var previous: UInt64 = 0
  /// First stamp of the capture at hand, as recorded and as shifted, in ns.
  private var first: (recorded: UInt64, shifted: UInt64)?

  /// The blocks to come are of the next capture.
  mutating func startCapture() { first = nil }

  /// Shifts a block's stamps; a record without one keeps to that of the record before it.
  mutating func apply(to block: Block) {
    guard block.classes.contains(where: { $0.columns.contains(.time) }) else { return }
    var times: [UInt64] = []
    swap(&times, &block.times)
    var record = 0
    for (token, count) in zip(block.runTokens, block.runCounts) {
      let end = record + Int(count)
      let isTimed = block.classes[Int(token)].columns.contains(.time)
      for index in record..<end {
        if isTimed { previous = moved(times[index]) }
        times[index] = previous
      }
      record = end
    }
    swap(&times, &block.times)
  }

  private mutating func moved(_ time: UInt64) -> UInt64 {
    let first = first ?? start(at: time)
    // A clock may go back within its capture, and a stamp may be any number.
    let (sum, overflows) = first.shifted.addingReportingOverflow(time &- first.recorded)
    let result =
      time < first.recorded
      ? first.shifted - min(first.shifted, first.recorded - time) : overflows ? .max : sum
    latest = max(latest ?? 0, result)
    return result
  }

  private mutating func start(at time: UInt64) -> (recorded: UInt64, shifted: UInt64) {
    let start = (recorded: time, shifted: latest ?? time)
    if start.shifted != time { shifted += 1 }
    first = start
    return start
  }
}
