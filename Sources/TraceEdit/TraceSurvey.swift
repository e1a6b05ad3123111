public import TraceCore

/// Passes a trace on, and keeps what ``AnonymizedSource`` is to know of the whole of it.
public final class TraceSurvey: BlockSource {
  private let source: any BlockSource
  /// In ns, of what was read so far; nil where nothing has a stamp.
  public private(set) var earliest: UInt64?
  /// Sizes of the accesses in each region, by its number; bit `n` stands for `n + 1` bytes.
  public private(set) var accessSizes: [UInt64] = []

  /// - Parameter source: The trace, at its first record.
  public init(_ source: any BlockSource) { self.source = source }

  public var context: TraceContext { source.context }
  public var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  public func next(into block: Block) throws(TraceError) -> Bool {
    guard try source.next(into: block) else { return false }
    if let span = block.stampedSpan {
      earliest = min(earliest ?? span.lowerBound, span.lowerBound)
    }
    for entry in block.classes where entry.operation.isAccess {
      guard let region = entry.region?.index, (1...64).contains(entry.size) else { continue }
      if region >= accessSizes.count {
        accessSizes += repeatElement(0, count: region + 1 - accessSizes.count)
      }
      accessSizes[region] |= 1 << UInt64(entry.size - 1)
    }
    return true
  }
}
