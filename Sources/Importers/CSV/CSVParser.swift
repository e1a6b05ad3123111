import TraceCore

/// Parses the canonical CSV (RFC 4180 quoting).
struct CSVParser: TextParser {
  let context: TraceContext
  var counters = ImportCounters()
  var resolver: RegionResolver
  /// Columns in the order of the header; empty before it.
  private(set) var columns: [CSVColumn] = []
  /// The CSV has a column of source lines: a row without one has none, else its own.
  var namesLines = false
  var row = CSVRow()
  /// The class of the last plain access, and others of late.
  var plainClass = PlainClass()
  var plainClasses = [PlainClass](repeating: PlainClass(), count: 16)
  /// The content of a quoted cell.
  private var scratch: [UInt8] = []
  var kinds = NameTable(limit: 0xff_fff0)
  var barriers: [Barrier?] = []
  /// Text number of a kind; set when a reset or mark uses it.
  var texts: [UInt32?] = []
  private var callers = CallerNames()
  private var functionNames = NameTable(limit: 1 << 20)
  var functions: [PCIFunction?] = []
  var regionNames = NameTable(limit: 1 << 20)
  var holdsBarriers = false
  var holdsAttributes = false
  var ownsRegions = false

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    if columns.isEmpty { return try parseHeader(line, bytes) }
    if line.start == line.end {
      counters[.blankLine] += 1
      return
    }
    row.clear()
    var cursor = TextCursor(line.start, end: line.end)
    var isFirst = true
    for column in columns {
      if !isFirst { try cursor.takeComma(bytes) }
      isFirst = false
      try parseCell(column, &cursor, bytes)
    }
    guard cursor.isAtEnd else {
      throw LineFault(at: cursor.position, "the end of the row, which has a cell for each column")
    }
    try append(line.number, &builder)
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool { false }

  /// Finds the cell of a fault that names its column only.
  func locate(_ fault: LineFault, _ line: Line, in bytes: Span<UInt8>) -> LineFault {
    guard fault.position < 0 else { return fault }
    let wanted = columns.firstIndex { $0.rawValue == -1 - fault.position } ?? columns.count
    var located = fault
    located.position = line.end
    var isQuoted = false
    var cell = 0
    for index in line.start..<line.end {
      if cell == wanted {
        located.position = index
        break
      }
      if bytes[index] == 0x22 { isQuoted.toggle() }
      if bytes[index] == 0x2c, !isQuoted { cell += 1 }
    }
    return located
  }

  mutating func conclude() {
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    counters[.repairedName] += UInt64(regionNames.malformed + kinds.malformed)
    if !holdsBarriers {
      context.blindSpots.append(
        "The CSV holds no barriers: whether stores may gather across one is an assumption.")
    }
    if !holdsAttributes {
      context.blindSpots.append("The CSV holds no stage-1 attributes.")
    }
    if ownsRegions {
      context.blindSpots.append(
        "A CSV names regions but not what they are: one that no map describes counts as a BAR.")
    }
  }

  // MARK: Header

  private mutating func parseHeader(_ line: Line, _ bytes: Span<UInt8>) throws(LineFault) {
    var position = line.start
    var found: [CSVColumn] = []
    while true {
      let end = bytes.first(0x2c, from: position, to: line.end) ?? line.end
      found.append(try headerColumn(position..<end, bytes, besides: found))
      if end == line.end { break }
      position = end + 1
    }
    for column in CSVColumn.required where !found.contains(column) {
      throw LineFault.header(line.end, "the columns op, vcpu, addr and size in the header")
    }
    columns = found
    namesLines = found.contains(.sourceLine)
  }

  private func headerColumn(
    _ range: Range<Int>, _ bytes: Span<UInt8>, besides known: [CSVColumn]
  ) throws(LineFault) -> CSVColumn {
    var name: [UInt8] = []
    for index in range { name.append(bytes[index]) }
    if name.count >= 2, name.first == 0x22, name.last == 0x22 {
      name = Array(name.dropFirst().dropLast())
    }
    guard let column = CSVColumn(name: String(decoding: name, as: UTF8.self)) else {
      throw LineFault.header(
        range.lowerBound,
        """
        a column name (record, t_ns, vcpu, op, addr, size, value, flags, kind, attr, pc, bdf, \
        region, source_line)
        """)
    }
    guard !known.contains(column) else {
      throw LineFault.header(range.lowerBound, "every column once")
    }
    return column
  }

  // MARK: Cells

  @inline(__always)
  private mutating func parseCell(
    _ column: CSVColumn, _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    let byte = cursor.peek(bytes)
    if byte == 0x2c || cursor.isAtEnd { return try requireCell(column, cursor.position) }
    if byte == 0x22 { return try parseQuoted(column, &cursor, bytes) }
    try parseValue(column, &cursor, bytes)
  }

  /// An empty cell is an unknown value; `op` and `vcpu` must be known.
  private func requireCell(_ column: CSVColumn, _ position: Int) throws(LineFault) {
    if column == .op { throw LineFault(at: position, "an operation in column op") }
    if column == .vcpu { throw LineFault(at: position, "a number in column vcpu") }
  }

  /// A cell in quotes is copied without them, and parsed as if it stood there.
  private mutating func parseQuoted(
    _ column: CSVColumn, _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    let start = cursor.position
    scratch.removeAll(keepingCapacity: true)
    cursor.position += 1
    while true {
      guard !cursor.isAtEnd else {
        throw LineFault(.openQuote, at: start, "a closing quote")
      }
      let byte = bytes[cursor.position]
      cursor.position += 1
      if byte == 0x22 {
        guard cursor.peek(bytes) == 0x22 else { break }
        cursor.position += 1
      }
      scratch.append(byte)
    }
    if scratch.isEmpty { return try requireCell(column, start) }
    let copy = scratch
    var inner = TextCursor(0, end: copy.count)
    do throws(LineFault) {
      try parseValue(column, &inner, copy.span, isQuoted: true)
      guard inner.isAtEnd else { throw LineFault(at: 0, "nothing behind the value in the cell") }
    } catch {
      var fault = error
      fault.position = start
      throw fault
    }
  }

  @inline(__always)
  private mutating func parseValue(
    _ column: CSVColumn, _ cursor: inout TextCursor, _ bytes: Span<UInt8>, isQuoted: Bool = false
  ) throws(LineFault) {
    switch column {
    case .record: _ = try cursor.decimal(bytes, "a record number in column record")
    case .time:
      row.time = try cursor.decimal(bytes, "nanoseconds in column t_ns")
      if !cursor.isAtEnd, cursor.peek(bytes) == UInt8(ascii: ".") {
        throw LineFault(at: cursor.position, "whole nanoseconds in column t_ns")
      }
    case .vcpu:
      row.vcpu = UInt16(
        truncatingIfNeeded: try cursor.decimal(
          bytes, "a vCPU number from 0 to 65535 in column vcpu", limit: 65_535))
    case .op: row.operation = try cursor.operation(bytes)
    case .address:
      row.address = try cursor.prefixedHex(bytes, "a hexadecimal address with 0x in column addr")
    case .size: row.size = try cursor.decimal(bytes, "a number of bytes in column size")
    case .value: try parseDataValue(&cursor, bytes)
    case .flags: try parseFlags(&cursor, bytes)
    case .kind: row.kind = try kind(cursor.cell(bytes, isQuoted), bytes)
    case .attribute:
      let start = cursor.position
      let expected: StaticString = "a hexadecimal byte with 0x in column attr"
      let number = try cursor.prefixedHex(bytes, expected)
      guard number < 256 else { throw LineFault(.outOfRange, at: start, expected) }
      row.attribute = UInt8(truncatingIfNeeded: number)
    case .code: row.codeAddress = try code(cursor.cell(bytes, isQuoted), bytes)
    case .function: row.function = try function(cursor.cell(bytes, isQuoted), bytes)
    case .region:
      let range = cursor.cell(bytes, isQuoted)
      guard let number = regionNames.index(of: range, in: bytes) else {
        throw LineFault(.outOfRange, at: range.lowerBound, "a number of region names")
      }
      row.region = number
    case .sourceLine: row.sourceLine = try cursor.decimal(bytes, "a line in column source_line")
    }
  }

  @inline(__always)
  private mutating func parseDataValue(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    let start = cursor.position
    do throws(LineFault) {
      row.value = try cursor.prefixedHex(bytes, "a hexadecimal value with 0x in column value")
    } catch {
      guard error.kind == .outOfRange else { throw error }
      cursor.position = start + 2
      row.wideValue = try cursor.wideHex(bytes)
      row.value = 0
    }
  }

  private mutating func parseFlags(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    let end = bytes.first(0x2c, from: cursor.position, to: cursor.end) ?? cursor.end
    var words = TextCursor(cursor.position, end: end)
    words.skipBlanks(bytes)
    while !words.isAtEnd {
      if words.skip("rel", bytes) {
        row.flags.insert(.release)
        row.hasStoreFlag = true
      } else if words.skip("acq", bytes) {
        row.flags.insert(.acquire)
        row.hasLoadFlag = true
      } else if words.skip("st64b", bytes) {
        row.flags.insert(.single64)
        row.hasStoreFlag = true
      } else if words.skip("ld64b", bytes) {
        row.flags.insert(.single64)
        row.hasLoadFlag = true
      } else {
        throw LineFault(at: words.position, Self.flagsExpected)
      }
      guard words.isAtEnd || words.peek(bytes) == 0x20 else {
        throw LineFault(at: words.position, "a blank between flags in column flags")
      }
      words.skipBlanks(bytes)
    }
    cursor.position = end
  }

  private static let flagsExpected: StaticString =
    "rel, acq, st64b or ld64b in column flags"

  private mutating func kind(
    _ range: Range<Int>, _ bytes: Span<UInt8>
  ) throws(LineFault) -> Int {
    guard let number = kinds.index(of: range, in: bytes) else {
      throw LineFault(.outOfRange, at: range.lowerBound, "a number of different kinds")
    }
    if number == barriers.count {
      barriers.append(Barrier(name: kinds.text(number)))
      texts.append(nil)
    }
    return number
  }

  /// A code address, or a caller as text.
  private mutating func code(
    _ range: Range<Int>, _ bytes: Span<UInt8>
  ) throws(LineFault) -> UInt64 {
    let expected: StaticString =
      "a hexadecimal code address with 0x, or a caller such as probe+0x28, in column pc"
    var cursor = TextCursor(range.lowerBound, end: range.upperBound)
    if bytes.word(at: range.lowerBound) & 0xffff == 0x7830 {
      do throws(LineFault) {
        let address = try cursor.prefixedHex(bytes, expected)
        if cursor.isAtEnd {
          guard !CallerTable.range.contains(address) else {
            throw LineFault(.outOfRange, at: range.lowerBound, expected)
          }
          return address
        }
      } catch {
        if error.kind == .outOfRange { throw error }
      }
    }
    guard let code = callers.code(range, bytes, context) else {
      throw LineFault(at: range.lowerBound, expected)
    }
    return code
  }

  private mutating func function(
    _ range: Range<Int>, _ bytes: Span<UInt8>
  ) throws(LineFault) -> Int {
    guard let number = functionNames.index(of: range, in: bytes) else {
      throw LineFault(.outOfRange, at: range.lowerBound, "a number of functions")
    }
    if number == functions.count { functions.append(PCIFunction(functionNames.text(number))) }
    guard functions[number] != nil else {
      throw LineFault(at: range.lowerBound, "a function such as 0000:01:00.0 in column bdf")
    }
    return number
  }
}

extension LineFault {
  /// A fault in a cell that is only found when the row is looked at as a whole.
  init(_ kind: Kind = .malformed, in column: CSVColumn, _ expected: StaticString) {
    self.init(kind, at: -1 - column.rawValue, expected)
  }

  /// A fault in the header, which cannot be skipped.
  static func header(_ position: Int, _ expected: StaticString) -> LineFault {
    var fault = LineFault(at: position, expected)
    fault.isFatal = true
    return fault
  }
}

extension TextCursor {
  /// Passes over the comma between two cells.
  @inline(__always)
  fileprivate mutating func takeComma(_ bytes: Span<UInt8>) throws(LineFault) {
    guard peek(bytes) == 0x2c else {
      throw isAtEnd
        ? LineFault(at: position, "a cell for each column of the header")
        : LineFault(at: position, "a comma behind the value")
    }
    position += 1
  }

  /// The rest of the cell: up to the comma, or all of a quoted one.
  @inline(__always)
  fileprivate mutating func cell(_ bytes: Span<UInt8>, _ isQuoted: Bool) -> Range<Int> {
    let start = position
    position = isQuoted ? end : bytes.first(0x2c, from: start, to: end) ?? end
    return start..<position
  }

  /// The word of an operation.
  @inline(__always)
  fileprivate mutating func operation(_ bytes: Span<UInt8>) throws(LineFault) -> Operation {
    let start = position
    let found: Operation?
    switch peek(bytes) {
    case UInt8(ascii: "s"): found = skip("store", bytes) ? .store : nil
    case UInt8(ascii: "l"):
      found = skip("load", bytes) ? .load : skip("lost", bytes) ? .lost : nil
    case UInt8(ascii: "b"): found = skip("barrier", bytes) ? .barrier : nil
    case UInt8(ascii: "c"):
      found =
        skip("config_read", bytes)
        ? .configRead : skip("config_write", bytes) ? .configWrite : nil
    case UInt8(ascii: "r"): found = skip("reset", bytes) ? .reset : nil
    case UInt8(ascii: "m"): found = skip("mark", bytes) ? .mark : nil
    default: found = nil
    }
    guard let found, isAtEnd || bytes[position] == 0x2c else {
      throw LineFault(
        at: start,
        "store, load, barrier, config_read, config_write, reset, lost or mark in column op")
    }
    return found
  }

  /// Hexadecimal digits of any number, as little-endian bytes without leading zeros.
  fileprivate mutating func wideHex(_ bytes: Span<UInt8>) throws(LineFault) -> [UInt8] {
    let start = position
    var nibbles: [UInt8] = []
    while !isAtEnd {
      let digit = DigitWord(hex: bytes.word(at: position) & 0xff)
      guard digit.count == 1 else { break }
      if !nibbles.isEmpty || digit.value != 0 { nibbles.append(UInt8(digit.value)) }
      guard nibbles.count <= 128 else {
        throw LineFault(.outOfRange, at: start - 2, "a value of at most 64 bytes in column value")
      }
      position += 1
    }
    if nibbles.count % 2 == 1 { nibbles.insert(0, at: 0) }
    return stride(from: nibbles.count - 2, through: 0, by: -2).map {
      nibbles[$0] << 4 | nibbles[$0 + 1]
    }
  }
}
