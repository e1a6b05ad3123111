public import TraceCore

/// Passes a trace on, and keeps its earliest time stamp.
public final class EarliestTimeSource: BlockSource {
  private let source: any BlockSource
  /// In ns, of what was read so far; nil where nothing has a stamp.
  public private(set) var earliest: UInt64?

  /// - Parameter source: The trace, at its first record.
  public init(_ source: any BlockSource) { self.source = source }

  public var context: TraceContext { source.context }
  public var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  public func next(into block: Block) throws(TraceError) -> Bool {
    guard try source.next(into: block) else { return false }
    var record = 0
    for (token, count) in zip(block.runTokens, block.runCounts) {
      let end = record + Int(count)
      if block.classes[Int(token)].columns.contains(.time),
        let first = block.times[record..<end].min()
      {
        earliest = min(earliest ?? first, first)
      }
      record = end
    }
    return true
  }
}
