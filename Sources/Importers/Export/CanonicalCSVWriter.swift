import Tables
public import TraceCore

/// Writes blocks as canonical CSV, the form that `import --format csv` reads back.
///
/// One row a record; a cell is empty where the capture does not know. The number of events that a
/// `lost` record stands for is its value.
public struct CanonicalCSVWriter {
  /// The column names, in order.
  public static let header =
    "record,t_ns,vcpu,op,addr,size,value,flags,kind,attr,pc,bdf,region,source_line\n"

  private let context: TraceContext
  /// Cells that all records of a class share: before the address, from the size, after the pc.
  private var shared: [Shared] = []

  private struct Shared {
    var beforeAddress: [UInt8]
    var size: [UInt8]
    var beforeCode: [UInt8]
    var beforeLine: [UInt8]
  }

  /// - Parameter context: Names of regions, resets and marks.
  public init(context: TraceContext) { self.context = context }

  /// Appends rows of a block.
  ///
  /// - Parameters:
  ///   - block: The block; its lazy columns are decoded here.
  ///   - range: Records of the trace to write; others of the block are passed over.
  ///   - keeps: One a record of the block: it is written; nil for all.
  ///   - output: Gets the rows.
  /// - Throws: ``TraceError`` when a column is damaged.
  public mutating func write(
    _ block: Block, range: Range<UInt64>, keeping keeps: [Bool]? = nil, to output: inout [UInt8]
  ) throws(TraceError) {
    try loadColumns(block)
    shared = block.classes.map(share)
    var cursor = RecordCursor(block)
    while let record = cursor.next() {
      let number = block.firstRecord + UInt64(record.index)
      guard range.contains(number), keeps?[record.index] ?? true else { continue }
      row(block, block.classes[record.token], shared[record.token], number, record, &output)
    }
  }

  private func loadColumns(_ block: Block) throws(TraceError) {
    let columns = block.classes.reduce(into: RecordClass.Columns()) { $0.formUnion($1.columns) }
    if columns.contains(.value), block.values.isEmpty { try block.load(.values) }
    if columns.contains(.codeAddress), block.codeAddresses.isEmpty {
      try block.load(.codeAddresses)
    }
    if columns.contains(.line), block.lines.isEmpty { try block.load(.lines) }
  }

  private func share(_ entry: RecordClass) -> Shared {
    let comma = UInt8(ascii: ",")
    var before: [UInt8] = [comma]
    before += String(entry.vcpu).utf8
    before += [comma] + Array(entry.operation.name.utf8) + [comma]
    var size: [UInt8] = [comma]
    if entry.size > 0 { size += String(entry.size).utf8 }
    size.append(comma)
    var code: [UInt8] = [comma]
    code += flags(entry).utf8
    code.append(comma)
    code += CSVText.cell(kind(entry)).utf8
    code.append(comma)
    if let attribute = entry.attribute { code += ("0x" + hex(UInt64(attribute), width: 2)).utf8 }
    code.append(comma)
    var line: [UInt8] = [comma]
    if let function = entry.function { line += function.description.utf8 }
    line.append(comma)
    if let region = entry.region { line += CSVText.cell(context.regions[region].name).utf8 }
    line.append(comma)
    return Shared(beforeAddress: before, size: size, beforeCode: code, beforeLine: line)
  }

  private func flags(_ entry: RecordClass) -> String {
    var words: [String] = []
    if entry.flags.contains(.release) { words.append("rel") }
    if entry.flags.contains(.acquire) { words.append("acq") }
    if entry.flags.contains(.single64) {
      words.append(entry.operation == .load ? "ld64b" : "st64b")
    }
    return words.joined(separator: " ")
  }

  private func kind(_ entry: RecordClass) -> String {
    if let barrier = entry.barrier { return barrier.name }
    return entry.text.map { context.strings[Int($0)] } ?? ""
  }

  private func row(
    _ block: Block, _ entry: RecordClass, _ shared: Shared, _ number: UInt64,
    _ record: RecordCursor.Record, _ output: inout [UInt8]
  ) {
    appendDecimal(number, &output)
    output.append(UInt8(ascii: ","))
    if entry.columns.contains(.time) { appendDecimal(block.times[record.index], &output) }
    output += shared.beforeAddress
    if entry.operation.isAccess || entry.operation.isConfig { appendHex(record.address, &output) }
    output += shared.size
    appendValue(block, entry, record.value, &output)
    output += shared.beforeCode
    if entry.columns.contains(.codeAddress) {
      appendCode(block.codeAddresses[record.code], &output)
    }
    output += shared.beforeLine
    if entry.columns.contains(.line) { appendDecimal(block.lines[record.line], &output) }
    output.append(UInt8(ascii: "\n"))
  }

  private func appendCode(_ code: UInt64, _ output: inout [UInt8]) {
    guard CallerTable.range.contains(code), let text = context.callers[code] else {
      return appendHex(code, &output)
    }
    output += CSVText.cell(text).utf8
  }

  private func appendValue(
    _ block: Block, _ entry: RecordClass, _ place: Int, _ output: inout [UInt8]
  ) {
    if entry.columns.contains(.configValue) {
      appendBytes(block.configValues, place, entry.valueBytes, &output)
    } else if entry.columns.contains(.value) {
      appendBytes(block.values, place, entry.valueBytes, &output)
    }
  }

  /// Little-endian bytes as one hexadecimal number.
  private func appendBytes(
    _ bytes: [UInt8], _ start: Int, _ count: Int, _ output: inout [UInt8]
  ) {
    var top = start + count - 1
    while top > start, bytes[top] == 0 { top -= 1 }
    output += "0x".utf8
    if bytes[top] >= 16 { output.append(digit(bytes[top] >> 4)) }
    output.append(digit(bytes[top] & 15))
    while top > start {
      top -= 1
      output.append(digit(bytes[top] >> 4))
      output.append(digit(bytes[top] & 15))
    }
  }

  private func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  private func appendHex(_ value: UInt64, _ output: inout [UInt8]) {
    output += "0x".utf8
    var shift = max(0, 60 - value.leadingZeroBitCount / 4 * 4)
    while shift >= 0 {
      output.append(digit(UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15))
      shift -= 4
    }
  }

  private func appendDecimal(_ value: UInt64, _ output: inout [UInt8]) {
    guard value >= 10 else {
      output.append(UInt8(ascii: "0") + UInt8(value))
      return
    }
    var digits: [20 of UInt8] = .init(repeating: 0)
    var count = 0
    var rest = value
    while rest > 0 {
      digits[count] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
      count += 1
    }
    while count > 0 {
      count -= 1
      output.append(digits[count])
    }
  }
}
