public import Results
public import TraceCore

/// Says what single records of a trace are, in a pass of its own.
public struct RecordDescriber {
  private let wanted: [UInt64]
  /// The records found, by number.
  public private(set) var found: [UInt64: DescribedRecord] = [:]

  /// - Parameter wanted: Their numbers.
  public init(_ wanted: Set<UInt64>) { self.wanted = wanted.sorted() }

  /// Reads the trace as far as needed.
  ///
  /// - Parameter source: The trace, from its beginning or from a record ahead of the wanted ones.
  /// - Throws: ``TraceError`` from the source.
  public mutating func run(_ source: any BlockSource) throws(TraceError) {
    let block = Block()
    var next = 0
    while next < wanted.count, try source.next(into: block) {
      let end = block.firstRecord + UInt64(block.count)
      guard wanted[next] < end else { continue }
      if block.classes.contains(where: { $0.columns.contains(.line) }) { try block.load(.lines) }
      var cursor = RecordCursor(block)
      while next < wanted.count, let record = cursor.next() {
        guard block.firstRecord + UInt64(record.index) == wanted[next] else { continue }
        found[wanted[next]] = describe(record, wanted[next], block, source.context)
        next += 1
      }
    }
  }

  private func describe(
    _ record: RecordCursor.Record, _ number: UInt64, _ block: Block, _ context: TraceContext
  ) -> DescribedRecord {
    let entry = block.classes[record.token]
    let hasLine = entry.columns.contains(.line) && record.line < block.lines.count
    return DescribedRecord(
      record: number, operation: entry.operation.name, vcpu: entry.vcpu,
      place: place(entry, record.address, context), detail: detail(entry, context),
      timeNs: entry.columns.contains(.time) ? block.times[record.index] : nil,
      line: hasLine ? block.lines[record.line] : nil)
  }

  private func place(
    _ entry: RecordClass, _ address: UInt64, _ context: TraceContext
  ) -> DescribedRecord.Place? {
    guard entry.operation.isAccess || entry.operation.isConfig else { return nil }
    let region = entry.operation.isAccess ? entry.region.map { context.regions[$0] } : nil
    return DescribedRecord.Place(
      address: address, size: Int(entry.size), region: region?.name,
      offset: region.flatMap { address >= $0.base ? address - $0.base : nil })
  }

  private func detail(_ entry: RecordClass, _ context: TraceContext) -> String {
    var words: [String] = []
    if let barrier = entry.barrier { words.append(barrier.name) }
    if let text = entry.text { words.append(context.strings[Int(text)]) }
    if let function = entry.function { words.append(function.description) }
    if entry.flags.contains(.release) { words.append("release") }
    if entry.flags.contains(.acquire) { words.append("acquire") }
    if entry.flags.contains(.single64) {
      words.append(entry.operation == .load ? "LD64B" : "ST64B")
    }
    return words.joined(separator: " ")
  }
}
