import TraceCore

/// Counts stamps that go backwards in the records of a source that does not look.
///
/// Nearly every block's stamps are in order, which is seen in one go; only one whose stamps are not
/// is gone over record by record.
final class WatchedStamps: BlockSource {
  private let source: any BlockSource
  private var clock = ClockWatch()
  /// No stamp so far is later.
  private var latest: UInt64 = 0
  private var backwards: UInt64 = 0
  private var isTold = false

  init(_ source: any BlockSource) { self.source = source }

  var context: TraceContext { source.context }
  var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  func next(into block: Block) throws(TraceError) -> Bool {
    guard try source.next(into: block) else {
      tell()
      return false
    }
    watch(block)
    return true
  }

  /// What the records' writer counted stays: of records that were converted, it counted the same.
  private func tell() {
    guard !isTold, context.counters[ImportCounter.clockBackwards.name] == 0 else { return }
    isTold = true
    var counters = ImportCounters()
    counters[.clockBackwards] += backwards
    counters.flush(into: context)
  }

  private func watch(_ block: Block) {
    guard let first = block.times.first, let last = block.times.last else { return }
    if block.hasOrderedTimes, first >= latest {
      pass(block)
      latest = last
      return
    }
    var cursor = RecordCursor(block)
    while let record = cursor.next() {
      let entry = block.classes[record.token]
      guard entry.columns.contains(.time) else { continue }
      let time = block.times[record.index]
      if clock.goesBack(time, cpu: entry.vcpu) { backwards += 1 }
      latest = max(latest, time)
    }
  }

  /// Notes each CPU's last stamp; none went back.
  private func pass(_ block: Block) {
    // By class: a run is a fraction of a record then.
    var ends = [Int](repeating: 0, count: block.classes.count)
    var index = 0
    for run in 0..<block.runs {
      index += Int(block.runCounts[run])
      ends[Int(block.runTokens[run])] = index
    }
    for (entry, end) in zip(block.classes, ends) where end > 0 && entry.columns.contains(.time) {
      clock.note(block.times[end - 1], cpu: entry.vcpu)
    }
  }
}
