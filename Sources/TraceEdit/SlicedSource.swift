public import TraceCore

/// A part of a trace; see ``SliceSelection``.
///
/// Regions, images and counters are kept. At the end the context says what this is a part of, and
/// the counter `slice_left_out` or `filtered_out` how many records are not in it.
public final class SlicedSource: BlockSource {
  static let leftOutCounter = "slice_left_out"

  /// What the part is for.
  public enum Purpose: Sendable {
    /// A trace of its own.
    case slice
    /// A run over a part of a trace: what was left out comes first in what the run cannot tell.
    case filter
  }

  public let context: TraceContext
  private let source: any BlockSource
  private var filter: RecordFilter
  private let purpose: Purpose
  private var taken = 0
  private var read: UInt64 = 0
  private var kept: UInt64 = 0
  private var isDone = false

  /// - Parameters:
  ///   - source: The whole trace, at its first record.
  ///   - selection: What to keep.
  ///   - purpose: How what was left out is told.
  public init(
    _ source: any BlockSource, _ selection: SliceSelection, for purpose: Purpose = .slice
  ) {
    self.source = source
    self.purpose = purpose
    filter = RecordFilter(selection)
    context = TraceContext(name: source.context.name, format: source.context.format)
    context.path = source.context.path
    context.follow(source.context, taken: &taken)
    context.lacksReads = context.lacksReads || selection.direction == .store
  }

  public var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  public func next(into block: Block) throws(TraceError) -> Bool {
    while !isDone, try source.next(into: block) {
      context.follow(source.context, taken: &taken)
      read += UInt64(block.count)
      if block.classes.contains(where: { $0.operation == .barrier }) {
        context.holdsBarriers = true
      }
      let keeps = filter.mask(block, context)
      if keeps.contains(false) {
        guard keeps.contains(true) else { continue }
        try block.loadAll()
        block.keep(keeps)
      }
      block.firstRecord = kept
      kept += UInt64(block.count)
      return true
    }
    block.removeAll()
    if !isDone {
      isDone = true
      try finish()
    }
    return false
  }

  private func finish() throws(TraceError) {
    context.follow(source.context, taken: &taken)
    try filter.finish(context)
    context.addCounters(of: source.context)
    context.blindSpots = source.context.blindSpots
    switch purpose {
    case .slice:
      context.counters.add(
        Self.leftOutCounter, read - kept,
        meaning: "records that a slice of the trace was not to hold")
      context.blindSpots.append(
        TellingBlindSpot.slice.beginning
          + "\(context.name): \(kept.digitGroups) of \(read.digitGroups) records (\(filter.selection.summary))."
      )
    case .filter:
      context.counters.add(
        "filtered_out", read - kept,
        meaning: "records that the filter given for this run left out")
      context.blindSpots.insert(
        TellingBlindSpot.filter.beginning
          + "\(kept.digitGroups) of \(read.digitGroups) records of \(context.name) "
          + "(\(filter.selection.summary)). Records left out may have ordered, flushed or delayed the rest; record numbers count those kept.",
        at: 0)
    }
    context.sha256 = source.context.sha256
  }
}
