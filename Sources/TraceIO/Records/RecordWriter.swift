public import TraceCore

/// Writes fixed records of 24 or 32 bytes; see the article *Fixed records*.
public final class RecordWriter {
  /// Records written so far.
  public private(set) var records: UInt64 = 0
  private let output: OutputFile
  private let context: TraceContext
  private let layout: RecordLayout
  private let drop: Set<RecordField>
  private var dropped: [RecordField: UInt64] = [:]
  private var written = WrittenContext()
  private var hasContext = false
  private var classNumbers: [ClassKey: UInt16] = [:]
  private var bytes: [UInt8] = []
  private var lastLine: UInt64 = 0
  private var clock: UInt64 = 0

  /// Prepares to write, and writes the header.
  ///
  /// - Parameters:
  ///   - output: Receives the file from its first byte on.
  ///   - context: Looked at before each block and at the end.
  ///   - layout: Length of a record.
  ///   - drop: Fields to leave out, and to count.
  /// - Throws: ``TraceError`` `.io`.
  public init(
    to output: OutputFile, context: TraceContext, layout: RecordLayout,
    drop: Set<RecordField> = []
  ) throws(TraceError) {
    self.output = output
    self.context = context
    self.layout = layout
    self.drop = drop
    var header = RecordFormat.magic
    header.append(little: RecordFormat.byteOrderMark)
    header.append(little: RecordFormat.version)
    header.append(little: layout.rawValue)
    header.append(little: UInt32(RecordFormat.headerSize))
    header.append(little: UInt64(0))
    header.append(little: crc32(header))
    try output.write(header)
  }

  /// Writes a block and, before it, what it needs of the context.
  ///
  /// - Parameter block: Its first record follows the one written last. Lazy columns are loaded.
  /// - Throws: ``TraceError`` `.io`; `.range` where the layout has no room for what a record holds
  ///   and that is not to be dropped.
  public func write(_ block: Block) throws(TraceError) {
    guard block.count > 0 else { return }
    try checkRoom(for: block)
    try block.loadAll()
    try writeContext()
    // A block's classes are numbered together, so that none is redefined between its records.
    if classNumbers.count + block.classes.count > RecordFormat.classNumbers {
      classNumbers.removeAll()
    }
    let classes = block.classes.indices.map { shape(block, $0) }
    var cursor = RecordCursor(block)
    while let record = cursor.next() { put(record, classes[record.token], block) }
    records += UInt64(block.count)
    try close(.check)
  }

  /// Completes the file; the caller commits the output.
  ///
  /// - Throws: ``TraceError`` `.io`.
  public func finish() throws(TraceError) {
    for (field, count) in dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let counter = field.counter
      context.counters.add(
        counter.name, count, severity: .dataLoss, meaning: counter.meaning)
    }
    dropped = [:]
    try putContext()
    try close(.end)
  }

  private func writeContext() throws(TraceError) {
    guard !hasContext || written.isOutdated(by: context) else { return }
    try putContext()
  }

  private func putContext() throws(TraceError) {
    hasContext = true
    let document = try encodeDocument(written.update(to: context))
    unit(.context, address: UInt64(document.count))
    bytes += document
    pad(document.count)
  }

  private func pad(_ count: Int) {
    bytes.append(contentsOf: repeatElement(0, count: layout.padded(count) - count))
  }

  /// Ends a stretch of the file with its checksum.
  private func close(_ kind: RecordFormat.Unit) throws(TraceError) {
    unit(kind, address: records, value: UInt64(crc32(bytes)))
    try output.write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}

// MARK: Records

/// A class's words, as a key.
private struct ClassKey: Hashable {
  var low: UInt64
  var high: UInt64
}

/// What the records of a class share in the file.
private struct RecordShape {
  var entry: RecordClass
  var number: UInt16
  /// Operation, size, vCPU and flags of the last eight bytes, as written.
  var flags: UInt8
  var valueBytes: Int
}

extension RecordWriter {
  /// Refuses what the layout cannot hold and that is not to be dropped, all of it at once.
  private func checkRoom(for block: Block) throws(TraceError) {
    guard layout == .bytes24 else { return }
    let lacks = block.classes.map { Self.fields(of: $0).subtracting(drop) }
    var missing: Set<RecordField> = []
    var first: UInt64?
    var record = block.firstRecord
    for (token, count) in zip(block.runTokens, block.runCounts) {
      if !lacks[Int(token)].isEmpty {
        missing.formUnion(lacks[Int(token)])
        first = first ?? record
      }
      record += UInt64(count)
    }
    guard let first else { return }
    let names = RecordField.allCases.filter(missing.contains).map(\.rawValue)
    throw TraceError(
      .range,
      "a record of 24 bytes has no room for \(names.joined(separator: ", ")); "
        + names.map { "--drop " + $0 }.joined(separator: " ") + " leaves "
        + (names.count == 1 ? "it" : "them") + " out, records of 32 bytes hold everything",
      file: context.name, record: first)
  }

  /// What a class's records hold that has no place in 24 bytes.
  private static func fields(of entry: RecordClass) -> Set<RecordField> {
    var fields: Set<RecordField> = []
    if entry.valueBytes > 8 { fields.insert(.wideValue) }
    if entry.columns.contains(.codeAddress) { fields.insert(.codeAddress) }
    if entry.columns.contains(.line) { fields.insert(.sourceLine) }
    return fields
  }

  /// Numbers a class as it is written, without what is to be dropped.
  private func shape(_ block: Block, _ index: Int) -> RecordShape {
    var entry = block.classes[index]
    // In 24 bytes a class without records drops what it has, too: it loses nothing.
    let fields = Self.fields(of: entry)
    for field in layout == .bytes24 ? fields : fields.intersection(drop) {
      entry.columns.subtract(field.columns)
      let runs = zip(block.runTokens, block.runCounts).filter { Int($0.0) == index }
      dropped[field, default: 0] += runs.reduce(0) { $0 + UInt64($1.1) }
    }
    let (low, high) = entry.packed
    let key = ClassKey(low: low, high: high)
    var number = classNumbers[key]
    if number == nil {
      number = UInt16(classNumbers.count)
      classNumbers[key] = number
      unit(.classDefinition, address: low, value: high, number: number ?? 0)
    }
    let isWide = entry.valueBytes > 8
    return RecordShape(
      entry: entry, number: number ?? 0,
      flags: entry.columns.rawValue | (isWide ? RecordFormat.wideFlag : 0),
      valueBytes: entry.valueBytes)
  }

  private func put(_ record: RecordCursor.Record, _ shape: RecordShape, _ block: Block) {
    let columns = shape.entry.columns
    let column = columns.contains(.configValue) ? block.configValues : block.values
    var value: UInt64 = 0
    if shape.valueBytes > 0, shape.valueBytes <= 8 {
      for place in (0..<shape.valueBytes).reversed() {
        value = value << 8 | UInt64(column[record.value + place])
      }
    }
    if layout == .bytes24 { return put24(record, shape, value, block.times[record.index]) }
    let line = columns.contains(.line) ? block.lines[record.line] : lastLine
    let step = line &- lastLine
    let isWide = shape.valueBytes > 8
    if isWide || columns.contains(.codeAddress) || step > 255 {
      let code = columns.contains(.codeAddress) ? block.codeAddresses[record.code] : 0
      bytes.append(little: code)
      bytes.append(little: line)
      bytes.append(little: UInt64(isWide ? shape.valueBytes : 0))
      bytes += [RecordFormat.Unit.extra.rawValue, 0, 0, 0, 0, 0, 0, 0]
      if isWide {
        bytes += column[record.value..<record.value + shape.valueBytes]
        pad(shape.valueBytes)
      }
      lastLine = line
    }
    bytes.append(little: columns.contains(.time) ? block.times[record.index] : 0)
    bytes.append(little: record.address)
    bytes.append(little: value)
    bytes.append(shape.entry.operation.rawValue)
    bytes.append(shape.entry.size)
    bytes.append(little: shape.entry.vcpu)
    bytes.append(little: shape.number)
    bytes.append(shape.flags)
    bytes.append(UInt8(truncatingIfNeeded: line &- lastLine))
    lastLine = line
  }

  private func put24(
    _ record: RecordCursor.Record, _ shape: RecordShape, _ value: UInt64, _ time: UInt64
  ) {
    var step: UInt64 = 0
    if shape.entry.columns.contains(.time) {
      step = time &- clock
      if step > UInt32.max {
        unit(.clock, address: time)
        step = 0
      }
      clock = time
    }
    bytes.append(little: record.address)
    bytes.append(little: value)
    bytes.append(little: UInt32(step))
    bytes.append(little: shape.number)
    bytes.append(shape.entry.operation.rawValue)
    bytes.append(shape.flags)
  }

  /// Appends a unit that is no record.
  private func unit(
    _ kind: RecordFormat.Unit, address: UInt64 = 0, value: UInt64 = 0, number: UInt16 = 0
  ) {
    if layout == .bytes32 { bytes.append(little: UInt64(0)) }
    bytes.append(little: address)
    bytes.append(little: value)
    if layout == .bytes32 {
      bytes += [kind.rawValue, 0, 0, 0]
      bytes.append(little: number)
      bytes += [0, 0]
    } else {
      bytes.append(little: UInt32(0))
      bytes.append(little: number)
      bytes += [kind.rawValue, 0]
    }
  }
}
