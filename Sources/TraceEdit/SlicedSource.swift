import ConfigSpace
public import TraceCore

/// A part of a trace; see ``SliceSelection``.
///
/// Regions, images and counters are kept. At the end the context says what this is a part of, and
/// the counter `slice_left_out` or `filtered_out` how many records are not in it.
public final class SlicedSource: BlockSource {
  /// What the part is for.
  public enum Purpose: Sendable {
    /// A trace of its own.
    case slice
    /// A run over a part of a trace: what was left out comes first in what the run cannot tell.
    case filter
  }

  public let context: TraceContext
  /// How the sentence begins that says what a slice is one of.
  static let note = "A slice of "
  private let source: any BlockSource
  private let selection: SliceSelection
  private let purpose: Purpose
  private var taken = 0
  /// Where vCPUs are selected.
  private var seenVCPUs: Set<UInt16> = []
  private var read: UInt64 = 0
  private var kept: UInt64 = 0
  private var hasBegun: Bool
  private var hasEnded = false
  private var isDone = false

  /// - Parameters:
  ///   - source: The whole trace, at its first record.
  ///   - selection: What to keep.
  ///   - purpose: How what was left out is told.
  public init(
    _ source: any BlockSource, _ selection: SliceSelection, for purpose: Purpose = .slice
  ) {
    self.source = source
    self.selection = selection
    self.purpose = purpose
    hasBegun = selection.fromMark == nil
    context = TraceContext(name: source.context.name, format: source.context.format)
    context.follow(source.context, taken: &taken)
  }

  public var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  public func next(into block: Block) throws(TraceError) -> Bool {
    while !isDone, try source.next(into: block) {
      context.follow(source.context, taken: &taken)
      read += UInt64(block.count)
      let keeps = try mask(block)
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
    if !hasBegun || (selection.toMark != nil && !hasEnded) {
      let missing = hasBegun ? selection.toMark : selection.fromMark
      throw TraceError(
        .range, "the trace has no mark '\(missing ?? "")'" + (hasBegun ? " behind the start" : ""),
        file: context.name)
    }
    for name in selection.regions where context.regions.first(named: name) == nil {
      let names = context.regions.regions.map(\.name).prefix(20).joined(separator: ", ")
      throw TraceError(
        .range, "the trace has no region '\(name)'; there are: \(names)", file: context.name)
    }
    for vcpu in selection.vcpus.sorted() where !seenVCPUs.contains(vcpu) {
      let numbers = seenVCPUs.sorted().prefix(20).map(String.init).joined(separator: ", ")
      throw TraceError(
        .range, "the trace has no vCPU \(vcpu); there are: \(numbers)", file: context.name)
    }
    context.addCounters(of: source.context)
    context.blindSpots = source.context.blindSpots
    switch purpose {
    case .slice:
      context.counters.add(
        "slice_left_out", read - kept,
        meaning: "records that a slice of the trace was not to hold")
      context.blindSpots.append(
        Self.note + "\(context.name): \(kept) of \(read) records (\(selection.summary)).")
    case .filter:
      context.counters.add(
        "filtered_out", read - kept,
        meaning: "records that the filter given for this run left out")
      context.blindSpots.insert(
        "Filtered: \(kept) of \(read) records of \(context.name) (\(selection.summary)). Records "
          + "left out may have ordered, flushed or delayed the rest; record numbers count those "
          + "kept.", at: 0)
    }
    context.sha256 = source.context.sha256
  }

  // MARK: Conditions

  /// One a record: it is kept.
  private func mask(_ block: Block) throws(TraceError) -> [Bool] {
    if !selection.vcpus.isEmpty { seenVCPUs.formUnion(block.classes.map(\.vcpu)) }
    let classes = block.classes.map(keeps)
    let hasMarks = selection.fromMark != nil || selection.toMark != nil
    var result = [Bool](repeating: false, count: block.count)
    var record = 0
    for run in block.runTokens.indices {
      let token = Int(block.runTokens[run])
      let entry = block.classes[token]
      for step in 0..<UInt64(block.runCounts[run]) {
        let isLast = hasMarks && passMark(entry)
        result[record] =
          hasBegun && (!hasEnded || isLast) && classes[token]
          && keeps(entry, at: block.runAddresses[run] &+ step * UInt64(entry.size))
          && keeps(record: block.firstRecord + UInt64(record), time: block.times[record])
        record += 1
      }
    }
    return result
  }

  /// Follows the marks; true for the last one, which is kept itself.
  private func passMark(_ entry: RecordClass) -> Bool {
    guard entry.operation == .mark, let text = entry.text.map({ context.strings[Int($0)] })
    else { return false }
    if !hasBegun {
      hasBegun = text == selection.fromMark
      return false
    }
    guard !hasEnded, text == selection.toMark else { return false }
    hasEnded = true
    return true
  }

  private func keeps(record: UInt64, time: UInt64) -> Bool {
    if let records = selection.records, !records.contains(record) { return false }
    if let from = selection.fromTime, time < from { return false }
    if let to = selection.toTime, time >= to { return false }
    return true
  }

  private func keeps(_ entry: RecordClass, at address: UInt64) -> Bool {
    guard entry.operation.isAccess else { return true }
    if isConfigOfOthers(entry, at: address) { return false }
    guard !selection.addresses.isEmpty else { return true }
    let last = address &+ (UInt64(max(entry.size, 1)) - 1)
    return selection.addresses.contains { $0.lowerBound <= last && $0.upperBound >= address }
  }

  private func keeps(_ entry: RecordClass) -> Bool {
    if !selection.sizes.isEmpty, entry.operation.isAccess, !selection.sizes.contains(entry.size) {
      return false
    }
    switch (selection.direction, entry.operation) {
    case (.load, .store), (.load, .configWrite), (.store, .load), (.store, .configRead):
      return false
    default: break
    }
    let isNotice =
      entry.operation == .reset || entry.operation == .lost || entry.operation == .mark
    if !selection.vcpus.isEmpty, !isNotice, !selection.vcpus.contains(entry.vcpu) { return false }
    guard !selection.regions.isEmpty, entry.operation.isAccess || entry.operation.isConfig
    else { return true }
    if let region = entry.region {
      if selection.regions.contains(context.regions[region].name) { return true }
      // Whose registers lie there is told by each address.
      if context.regions[region].kind == .ecam, entry.operation.isAccess { return true }
    }
    guard entry.operation.isConfig, let function = entry.function else { return false }
    return hasSelectedRegion(function)
  }

  /// An access to the config space of a function that has none of the regions selected.
  private func isConfigOfOthers(_ entry: RecordClass, at address: UInt64) -> Bool {
    guard !selection.regions.isEmpty, let id = entry.region else { return false }
    let window = context.regions[id]
    guard window.kind == .ecam, !selection.regions.contains(window.name) else { return false }
    let layout = ECAMWindow(
      segment: window.function?.segment ?? 0, startBus: window.function?.bus ?? 0,
      layout: window.configLayout ?? .ecam)
    guard address >= window.base, let place = layout.decode(address - window.base) else {
      return true
    }
    return !hasSelectedRegion(place.function)
  }

  private func hasSelectedRegion(_ function: PCIFunction) -> Bool {
    context.regions.regions.contains {
      $0.function == function && selection.regions.contains($0.name)
    }
  }
}
