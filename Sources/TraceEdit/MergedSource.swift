public import TraceCore

/// Several captures of one run as one trace, by time stamp.
///
/// Among equal stamps the capture named first goes first, and each capture keeps its own order: a
/// clock that goes back counts as standing still (counter `merge_clock_back`), and a record without
/// a stamp follows the one before it. What becomes of their regions, ``JoinedPart`` says.
public final class MergedSource: BlockSource {
  public let context: TraceContext
  private var inputs: [Input]
  private let notes: JoinedNotes
  private var builder: BlockBuilder?
  private var records: UInt64 = 0
  private var isDone = false
  private var jumps: UInt64 = 0
  private var untimed: UInt64 = 0
  private var hasBARAccess = false

  /// One capture and its next record.
  private final class Input {
    let source: any BlockSource
    let block = Block()
    var cursor: RecordCursor?
    var record: RecordCursor.Record?
    /// Latest stamp so far, in ns.
    var time: UInt64 = 0
    var hasTime = false
    var part: JoinedPart
    /// Config records by function.
    var config: [PCIFunction: UInt64] = [:]

    init(_ source: any BlockSource, of whole: JoinedRegions, _ notes: JoinedNotes) {
      self.source = source
      part = JoinedPart(source.context, of: whole, notes)
    }
  }

  /// - Parameter sources: At least one.
  public init(_ sources: [any BlockSource]) {
    precondition(!sources.isEmpty, "nothing to merge")
    let context = TraceContext(joining: sources)
    self.context = context
    let regions = JoinedRegions(context)
    let notes = JoinedNotes(context)
    self.notes = notes
    inputs = sources.map { Input($0, of: regions, notes) }
  }

  public var progress: (consumed: UInt64, total: UInt64?) {
    inputs.map(\.source.progress).reduce((0, 0)) { sum, each in
      (sum.consumed + each.consumed, sum.total.flatMap { total in each.total.map { total + $0 } })
    }
  }

  public func next(into block: Block) throws(TraceError) -> Bool {
    if builder == nil {
      for input in inputs { try advance(input) }
    }
    let builder = builder ?? BlockBuilder(block)
    self.builder = builder
    builder.reset(firstRecord: records, into: block)
    try builder.withAppender { appender throws(TraceError) in
      while !appender.isFull, let input = earliest() {
        append(input, to: &appender)
        try advance(input)
      }
    }
    records += UInt64(block.count)
    if block.count == 0 { try finish() }
    return block.count > 0
  }

  private func earliest() -> Input? {
    var best: Input?
    for input in inputs where input.record != nil {
      // The first of equal ones stays.
      if best.map({ input.time < $0.time }) ?? true { best = input }
    }
    return best
  }

  /// Goes on to an input's next record.
  private func advance(_ input: Input) throws(TraceError) {
    input.record = input.cursor?.next()
    while input.record == nil {
      guard try input.source.next(into: input.block) else { return }
      try input.block.loadAll()
      try input.part.renumber(input.block)
      input.cursor = RecordCursor(input.block)
      input.record = input.cursor?.next()
    }
    guard let record = input.record else { return }
    guard input.block.classes[record.token].columns.contains(.time) else {
      if !input.hasTime { untimed += 1 }
      return
    }
    let time = input.block.times[record.index]
    if input.hasTime, time < input.time { jumps += 1 }
    input.time = max(input.time, time)
    input.hasTime = true
  }

  private func append(_ input: Input, to appender: inout BlockAppender) {
    guard let record = input.record else { return }
    let block = input.block
    var entry = block.classes[record.token]
    note(entry, of: input)
    let columns = entry.columns
    entry.columns = columns.intersection(.configValue)
    let time = columns.contains(.time) ? block.times[record.index] : nil
    let code = columns.contains(.codeAddress) ? block.codeAddresses[record.code] : nil
    let line = columns.contains(.line) ? block.lines[record.line] : nil
    let column = columns.contains(.configValue) ? block.configValues : block.values
    let count = block.classes[record.token].valueBytes
    if count > 8 {
      appender.append(
        entry, address: record.address, time: time,
        wideValue: Array(column[record.value..<record.value + count]), codeAddress: code,
        line: line)
    } else {
      let bytes = column[record.value..<record.value + count]
      let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      appender.append(
        entry, address: record.address, time: time, value: count > 0 ? value : nil,
        codeAddress: code, line: line)
    }
  }

  private func note(_ entry: RecordClass, of input: Input) {
    if entry.operation.isConfig, let function = entry.function {
      input.config[function, default: 0] += 1
    } else if !hasBARAccess, entry.operation.isAccess, let region = entry.region {
      hasBARAccess = context.regions[region].kind == .bar
    }
  }

  private func finish() throws(TraceError) {
    guard !isDone else { return }
    isDone = true
    for input in inputs { try input.part.finish() }
    // What a log of config space alone cannot tell, the other may.
    if hasBARAccess { notes.remove(TraceContext.hiddenBARs) }
    notes.finish()
    warnOfConfigInSeveral()
    if inputs.count > 1, notes.contains(TraceContext.threadsAsVCPUs) {
      context.blindSpots.append(
        "Each merged capture numbers its threads anew: what one thread did in two of them may have two "
          + "vCPU numbers, and then counts as unordered. One log of both kinds of events has no such gap."
      )
    }
    context.counters.add(
      "merge_clock_back", jumps,
      meaning: "records of a merged capture stamped before the one ahead of them, left behind it")
    context.counters.add(
      "merge_untimed", untimed, severity: .dataLoss,
      meaning: "records ahead of their capture's first stamp, merged as if stamped 0")
  }

  /// Two logs of one run may both hold a config access: as an access to a window, and decoded.
  private func warnOfConfigInSeveral() {
    var counts: [PCIFunction: [UInt64]] = [:]
    for input in inputs {
      for (function, count) in input.config { counts[function, default: []].append(count) }
    }
    let several = counts.filter { $0.value.count > 1 }
    guard let first = several.keys.min() else { return }
    context.counters.add(
      "merge_config_in_several",
      several.values.reduce(0) { $0 + $1.reduce(0, +) - ($1.max() ?? 0) },
      meaning:
        "config accesses of functions whose config accesses another merged capture has, too: "
        + "each may stand twice")
    let others = several.count > 1 ? " and \(several.count - 1) more functions" : ""
    context.blindSpots.append(
      "Config accesses of \(first)\(others) are in several of the merged captures: one that two of them "
        + "logged stands twice, and so does a reset made by it.")
  }
}
