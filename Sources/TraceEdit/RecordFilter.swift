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
  /// Where regions, functions or addresses are selected: who is above whom.
  private var topology: ConfigTopology?
  /// Functions with config accesses, where functions are selected.
  private var seenFunctions: Set<PCIFunction> = []

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
    let owners = context.regions.regions.compactMap(\.function)
    let functions = seenFunctions.union(owners).union(context.configImages.keys)
    for function in selection.functions where !functions.contains(function) {
      let names = functions.sorted { $0.rawValue < $1.rawValue }.prefix(20).map(\.description)
      throw TraceError(
        .range,
        "the trace has no function \(function)"
          + (names.isEmpty ? "; it names none" : "; there are: " + names.joined(separator: ", ")),
        file: context.name)
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
    let targets = targets(context)
    let followsConfig =
      !selection.regions.isEmpty || !selection.functions.isEmpty || !selection.addresses.isEmpty
    let isConfig = block.classes.map { followsConfig && goesToConfig($0, context) }
    let hasMarks = selection.fromMark != nil || selection.toMark != nil
    var result = [Bool](repeating: false, count: block.count)
    var record = 0
    var value = 0
    for run in block.runTokens.indices {
      let token = Int(block.runTokens[run])
      let entry = block.classes[token]
      let bytes = entry.columns.contains(.configValue) ? entry.valueBytes : 0
      for step in 0..<UInt64(block.runCounts[run]) {
        let isLast = hasMarks && passMark(entry, context)
        // Which record is the first does not hang on the other conditions.
        let isInRange = keeps(
          record: block.firstRecord + UInt64(record), time: block.times[record])
        let address =
          block.runAddresses[run] &+ (entry.operation.isAccess ? step * UInt64(entry.size) : 0)
        var function: PCIFunction?
        if isConfig[token] {
          let end = min(value + bytes, block.configValues.count)
          function = follow(
            entry, at: address, block.configValues[min(value, end)..<end], context)
        }
        result[record] =
          isInRange && hasBegun && (!hasEnded || isLast) && classes[token]
          && keeps(entry, at: address, context, function, targets)
        record += 1
        value += bytes
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

  // MARK: Config accesses

  /// Functions whose config accesses belong to what is selected: those of the regions selected, with
  /// an address selected; the functions selected where neither is.
  private func targets(_ context: TraceContext) -> [PCIFunction] {
    guard !selection.regions.isEmpty || !selection.addresses.isEmpty else {
      return selection.functions
    }
    return context.regions.regions.compactMap { region in
      let isNamed = selection.regions.isEmpty || selection.regions.contains(region.name)
      let isMeant = isNamed && region.kind != .ecam && isAddressed(region) && isOwned(region)
      return isMeant ? region.function : nil
    }
  }

  /// The region is one of a function selected.
  private func isOwned(_ region: Region) -> Bool {
    selection.functions.isEmpty
      || region.function.map(selection.functions.contains) ?? false
  }

  /// Some of the addresses selected lie in the region.
  private func isAddressed(_ region: Region) -> Bool {
    guard !selection.addresses.isEmpty else { return true }
    let last = region.base &+ (max(region.size, 1) - 1)
    return selection.addresses.contains { $0.lowerBound <= last && $0.upperBound >= region.base }
  }

  private func goesToConfig(_ entry: RecordClass, _ context: TraceContext) -> Bool {
    entry.operation.isConfig
      || entry.operation.isAccess && entry.region.map { context.regions[$0].kind == .ecam } ?? false
  }

  /// Takes a config access for what it tells, kept or not.
  ///
  /// - Returns: The function that it goes to.
  private mutating func follow(
    _ entry: RecordClass, at address: UInt64, _ bytes: ArraySlice<UInt8>, _ context: TraceContext
  ) -> PCIFunction? {
    let location: ConfigLocation?
    if entry.operation.isAccess {
      location = entry.region.flatMap { context.regions[$0].configLocation(of: address) }
    } else {
      location = entry.function.map {
        ConfigLocation(function: $0, register: UInt16(truncatingIfNeeded: address))
      }
    }
    guard let location else { return nil }
    if !selection.functions.isEmpty { seenFunctions.insert(location.function) }
    let known = topology ?? ConfigTopology(images: context.configImages)
    topology = known
    known.take(
      location, bytes, size: Int(entry.size),
      isWrite: entry.operation == .store || entry.operation == .configWrite)
    return location.function
  }

  /// Whether a config access is of a function selected, or of a bridge above one.
  private func belongs(_ function: PCIFunction?, _ targets: [PCIFunction]) -> Bool {
    guard let function else { return false }
    return targets.contains(function) || topology?.isBridge(function, above: targets) ?? false
  }

  // MARK: Conditions

  private func keeps(
    _ entry: RecordClass, at address: UInt64, _ context: TraceContext, _ function: PCIFunction?,
    _ targets: [PCIFunction]
  ) -> Bool {
    if !selection.functions.isEmpty, entry.operation.isAccess || entry.operation.isConfig,
      !isOfFunction(entry, context, function, targets)
    {
      return false
    }
    if entry.operation.isConfig {
      let isOfRegion = entry.region.map { selection.regions.contains(context.regions[$0].name) }
      return selection.regions.isEmpty || isOfRegion ?? false || belongs(function, targets)
    }
    guard entry.operation.isAccess else { return true }
    if let id = entry.region, context.regions[id].kind == .ecam {
      let window = context.regions[id]
      let isNamed = selection.regions.contains(window.name)
      let isAsked = !selection.addresses.isEmpty && isAddressed(window)
      // A window that is asked for itself is MMIO like any other.
      if !isNamed, !isAsked, !selection.regions.isEmpty || !selection.addresses.isEmpty {
        return belongs(function, targets)
      }
      if !isNamed, !selection.regions.isEmpty, !belongs(function, targets) { return false }
    }
    guard !selection.addresses.isEmpty else { return true }
    let last = address &+ (UInt64(max(entry.size, 1)) - 1)
    return selection.addresses.contains { $0.lowerBound <= last && $0.upperBound >= address }
  }

  /// Whether an access is to one of the functions selected, or to config space for one.
  private func isOfFunction(
    _ entry: RecordClass, _ context: TraceContext, _ function: PCIFunction?,
    _ targets: [PCIFunction]
  ) -> Bool {
    let region = entry.region.map { context.regions[$0] }
    guard entry.operation.isConfig || region?.kind == .ecam else {
      return region.map(isOwned) ?? false
    }
    return belongs(function, targets)
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
    // Whose registers they are is told by each.
    return entry.operation.isConfig
  }
}
