import TraceCore

/// Counts stamps that go backwards in the records of a source that does not look.
///
/// Nearly every block's stamps are in order, which is seen in one go; only one whose stamps are not
/// is gone over stamp by stamp.
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
    // Read once: each look at a block's column costs more than what is done with it here.
    let (times, tokens, counts) = (block.times, block.runTokens, block.runCounts)
    let classes = block.classes.map { (vcpu: $0.vcpu, isTimed: $0.columns.contains(.time)) }
    var index = 0
    for run in tokens.indices {
      let end = index + Int(counts[run])
      let (vcpu, isTimed) = classes[Int(tokens[run])]
      while index < end {
        let time = times[index]
        if isTimed, clock.goesBack(time, cpu: vcpu) { backwards += 1 }
        latest = max(latest, time)
        index += 1
      }
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
