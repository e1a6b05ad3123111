import TraceCore

/// A trace whose sections are counted while it streams by.
final class SectionedSource: BlockSource {
  private let source: any BlockSource
  private(set) var counter = SectionCounter()

  init(_ source: any BlockSource) { self.source = source }

  var context: TraceContext { source.context }
  var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  func next(into block: Block) throws(TraceError) -> Bool {
    guard try source.next(into: block) else { return false }
    counter.add(block, source.context)
    return true
  }
}
