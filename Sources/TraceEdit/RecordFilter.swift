import ConfigSpace
public import TraceCore

/// Tells block by block which records of a trace a selection keeps.
public struct RecordFilter {
  public let selection: SliceSelection
  /// Where vCPUs are selected.
  private var seenVCPUs: Set<UInt16> = []
  /// Texts of marks, each once, where marks are selected; a few are enough to tell.
  private var seenMarks: [String] = []
  private var hasBegun: Bool
  private var hasEnded = false
  /// The record that ``SliceSelection/count`` counts from.
  private var firstCounted: UInt64?

  public init(_ selection: SliceSelection) {
    self.selection = selection
    hasBegun = selection.fromMark == nil
  }

  /// Checks, behind the last block, that the trace had all that the selection names.
  ///
  /// - Parameter context: The trace's.
  /// - Throws: ``TraceError`` with what it has instead.
  public func finish(_ context: TraceContext) throws(TraceError) {
    if !hasBegun || (selection.toMark != nil && !hasEnded) {
      let missing = hasBegun ? selection.toMark : selection.fromMark
      let names = seenMarks.prefix(20).joined(separator: ", ")
      throw TraceError(
        .range,
        "the trace has no mark '\(missing ?? "")'" + (hasBegun ? " behind the start" : "")
          + (names.isEmpty ? "; it has none" : "; there are: \(names)"), file: context.name)
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
  }

  /// The records of the next block that are kept.
  ///
  /// - Parameters:
  ///   - block: Behind those asked about before; its lazy columns are not needed.
  ///   - context: The trace's.
  /// - Returns: One a record.
  public mutating func mask(_ block: Block, _ context: TraceContext) -> [Bool] {
    if !selection.vcpus.isEmpty { seenVCPUs.formUnion(block.classes.map(\.vcpu)) }
    let classes = block.classes.map { keeps($0, context) }
    let hasMarks = selection.fromMark != nil || selection.toMark != nil
    var result = [Bool](repeating: false, count: block.count)
    var record = 0
    for run in block.runTokens.indices {
      let token = Int(block.runTokens[run])
      let entry = block.classes[token]
      for step in 0..<UInt64(block.runCounts[run]) {
        let isLast = hasMarks && passMark(entry, context)
        // Which record is the first does not hang on the other conditions.
        let isInRange = keeps(
          record: block.firstRecord + UInt64(record), time: block.times[record])
        result[record] =
          isInRange && hasBegun && (!hasEnded || isLast) && classes[token]
          && keeps(entry, at: block.runAddresses[run] &+ step * UInt64(entry.size), context)
        record += 1
      }
    }
    return result
  }

  /// Follows the marks; true for the last one, which is kept itself.
  private mutating func passMark(_ entry: RecordClass, _ context: TraceContext) -> Bool {
    guard entry.operation == .mark, let text = entry.text.map({ context.strings[Int($0)] })
    else { return false }
    if seenMarks.count < 20, !seenMarks.contains(text) { seenMarks.append(text) }
    if !hasBegun {
      hasBegun = text == selection.fromMark
      return false
    }
    guard !hasEnded, text == selection.toMark else { return false }
    hasEnded = true
    return true
  }

  private mutating func keeps(record: UInt64, time: UInt64) -> Bool {
    if let records = selection.records, !records.contains(record) { return false }
    if let from = selection.fromTime, time < from { return false }
    if let count = selection.count {
      let first = firstCounted ?? record
      firstCounted = first
      if record - first >= count { return false }
    }
    if let to = selection.toTime, time >= to { return false }
    return true
  }

  private func keeps(
    _ entry: RecordClass, at address: UInt64, _ context: TraceContext
  ) -> Bool {
    guard entry.operation.isAccess else { return true }
    if isConfigOfOthers(entry, at: address, context) { return false }
    guard !selection.addresses.isEmpty else { return true }
    let last = address &+ (UInt64(max(entry.size, 1)) - 1)
    return selection.addresses.contains { $0.lowerBound <= last && $0.upperBound >= address }
  }

  private func keeps(_ entry: RecordClass, _ context: TraceContext) -> Bool {
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
    return hasSelectedRegion(function, context)
  }

  /// An access to the config space of a function that has none of the regions selected.
  private func isConfigOfOthers(
    _ entry: RecordClass, at address: UInt64, _ context: TraceContext
  ) -> Bool {
    guard !selection.regions.isEmpty, let id = entry.region else { return false }
    let window = context.regions[id]
    guard window.kind == .ecam, !selection.regions.contains(window.name) else { return false }
    guard let place = window.configLocation(of: address) else { return true }
    return !hasSelectedRegion(place.function, context)
  }

  private func hasSelectedRegion(_ function: PCIFunction, _ context: TraceContext) -> Bool {
    context.regions.regions.contains {
      $0.function == function && selection.regions.contains($0.name)
    }
  }
}
