import TraceCore

/// A trace whose sections are counted while it streams by.
final class SectionedSource: BlockSource {
  private let source: any BlockSource
  private(set) var counter = SectionCounter()
  private var told: UInt64 = 0

  init(_ source: any BlockSource) { self.source = source }

  var context: TraceContext { source.context }
  var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  func next(into block: Block) throws(TraceError) -> Bool {
    guard try source.next(into: block) else {
      tellMerged()
      return false
    }
    counter.add(block, source.context)
    return true
  }

  /// The last section's numbers are of more than one: a reader must not take them for its own.
  private func tellMerged() {
    context.counters.add(
      "section_beyond_limit", counter.marksBeyondLimit - told,
      meaning:
        "marks behind the first \(SectionCounter.limit) sections, whose records count as the "
        + "last one's")
    told = counter.marksBeyondLimit
  }
}
