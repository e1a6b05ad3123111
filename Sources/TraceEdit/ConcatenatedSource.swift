public import TraceCore

/// Several captures as one trace, each after the one before.
///
/// What becomes of their regions, ``JoinedPart`` says. Of clocks that are kept as recorded,
/// `clock_back_at_seam` counts those that start lower than the capture ahead ended; the replay lets
/// time stand there, so for all of a capture whose clock began anew.
public final class ConcatenatedSource: BlockSource {
  /// What becomes of the captures' time stamps.
  public enum Clocks: Sendable {
    /// They are left as they are, which is right for captures of the same clock.
    case asRecorded
    /// Those of every capture are shifted, so that its first is the latest one ahead of it; counter
    /// `clock_shifted_at_seam`.
    case endToEnd
  }

  public let context: TraceContext
  private let regions: JoinedRegions
  private let notes: JoinedNotes
  private let sources: [any BlockSource]
  private var current = 0
  private var records: UInt64 = 0
  /// By the first capture of each context: an importer may read several as one.
  private var parts: [Int: JoinedPart] = [:]
  private var part = 0
  /// Latest stamp in ns, and whether the capture at hand has shown one.
  private var lastTime: UInt64?
  private var isAtSeam = false
  private var backwardSeams: UInt64 = 0
  private var shift: ClockShift?

  /// - Parameters:
  ///   - sources: At least one.
  ///   - clocks: What becomes of their time stamps.
  public init(_ sources: [any BlockSource], clocks: Clocks = .asRecorded) {
    precondition(!sources.isEmpty, "nothing to concatenate")
    self.sources = sources
    shift = clocks == .endToEnd ? ClockShift() : nil
    context = TraceContext(joining: sources)
    regions = JoinedRegions(context)
    notes = JoinedNotes(context)
    startPart()
  }

  /// Gives the capture at hand the part of those of its context.
  private func startPart() {
    let capture = sources[current].context
    part = sources.firstIndex { $0.context === capture } ?? current
    if parts[part] == nil { parts[part] = JoinedPart(capture, of: regions, notes) }
  }

  /// The capture at hand has ended.
  private func finishPart() throws(TraceError) {
    let capture = sources[current].context
    if sources[(current + 1)...].contains(where: { $0.context === capture }) { return }
    try parts[part]?.finish()
  }

  public var progress: (consumed: UInt64, total: UInt64?) {
    var consumed: UInt64 = 0
    var total: UInt64? = 0
    for source in sources {
      consumed += source.progress.consumed
      total = total.flatMap { sum in source.progress.total.map { sum + $0 } }
    }
    return (consumed, total)
  }

  public func next(into block: Block) throws(TraceError) -> Bool {
    while current < sources.count {
      if try sources[current].next(into: block) {
        try renumber(block)
        shift?.apply(to: block)
        watchClock(block)
        return true
      }
      try finishPart()
      current += 1
      isAtSeam = true
      shift?.startCapture()
      if current < sources.count {
        startPart()
      } else {
        notes.finish()
        context.counters.add(
          "clock_back_at_seam", backwardSeams,
          meaning: "captures whose clock begins before the end of the one ahead of them")
        context.counters.add(
          "clock_shifted_at_seam", shift?.shifted ?? 0,
          meaning: "captures whose time stamps were shifted to the end of the one ahead of them")
      }
    }
    return false
  }

  private func watchClock(_ block: Block) {
    guard block.classes.contains(where: { $0.columns.contains(.time) }) else { return }
    var record = 0
    for (token, count) in zip(block.runTokens, block.runCounts) where isAtSeam {
      if block.classes[Int(token)].columns.contains(.time) {
        isAtSeam = false
        if let lastTime, block.times[record] < lastTime { backwardSeams += 1 }
      }
      record += Int(count)
    }
    lastTime = block.times.last
  }

  private func renumber(_ block: Block) throws(TraceError) {
    block.firstRecord = records
    records += UInt64(block.count)
    try parts[part]?.renumber(block)
  }
}
