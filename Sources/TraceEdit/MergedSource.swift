public import TraceCore

/// Several captures of one run as one trace, by time stamp.
///
/// Among equal stamps the capture named first goes first, and each capture keeps its own order: a
/// clock that goes back counts as standing still (counter `merge_clock_back`), and a record without
/// a stamp follows the one before it. Regions of the same name and base are one region.
public final class MergedSource: BlockSource {
  public let context: TraceContext
  private var inputs: [Input]
  private var builder: BlockBuilder?
  private var records: UInt64 = 0
  private var isDone = false
  private var jumps: UInt64 = 0
  private var untimed: UInt64 = 0

  /// One capture and its next record.
  private final class Input {
    let source: any BlockSource
    let block = Block()
    var cursor: RecordCursor?
    var record: RecordCursor.Record?
    /// Latest stamp so far, in ns.
    var time: UInt64 = 0
    var hasTime = false
    var classes: [RecordClass] = []
    var part: JoinedPart

    init(_ source: any BlockSource, of whole: TraceContext) {
      self.source = source
      part = JoinedPart(source.context, of: whole)
    }
  }

  /// - Parameter sources: At least one.
  public init(_ sources: [any BlockSource]) {
    precondition(!sources.isEmpty, "nothing to merge")
    let context = TraceContext(joining: sources)
    self.context = context
    inputs = sources.map { Input($0, of: context) }
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
    while !builder.isFull, let input = earliest() {
      append(input, to: builder)
      try advance(input)
    }
    records += UInt64(block.count)
    if block.count == 0 { finish() }
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
      try input.part.renumber(callersOf: input.block)
      input.classes = input.block.classes.map { input.part.renumbered($0) }
      input.cursor = RecordCursor(input.block)
      input.record = input.cursor?.next()
    }
    guard let record = input.record else { return }
    guard input.classes[record.token].columns.contains(.time) else {
      if !input.hasTime { untimed += 1 }
      return
    }
    let time = input.block.times[record.index]
    if input.hasTime, time < input.time { jumps += 1 }
    input.time = max(input.time, time)
    input.hasTime = true
  }

  private func append(_ input: Input, to builder: BlockBuilder) {
    guard let record = input.record else { return }
    let block = input.block
    var entry = input.classes[record.token]
    let columns = entry.columns
    entry.columns = columns.intersection(.configValue)
    let time = columns.contains(.time) ? block.times[record.index] : nil
    let code = columns.contains(.codeAddress) ? block.codeAddresses[record.code] : nil
    let line = columns.contains(.line) ? block.lines[record.line] : nil
    let column = columns.contains(.configValue) ? block.configValues : block.values
    let count = input.classes[record.token].valueBytes
    if count > 8 {
      builder.append(
        entry, address: record.address, time: time,
        wideValue: Array(column[record.value..<record.value + count]), codeAddress: code,
        line: line)
    } else {
      let bytes = column[record.value..<record.value + count]
      let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      builder.append(
        entry, address: record.address, time: time, value: count > 0 ? value : nil,
        codeAddress: code, line: line)
    }
  }

  private func finish() {
    guard !isDone else { return }
    isDone = true
    for input in inputs { input.part.finish() }
    context.counters.add(
      "merge_clock_back", jumps,
      meaning: "records of a merged capture stamped before the one ahead of them, left behind it")
    context.counters.add(
      "merge_untimed", untimed, severity: .dataLoss,
      meaning: "records ahead of their capture's first stamp, merged as if stamped 0")
  }
}
