import TraceCore

/// The cells of an access or barrier without flags and names of functions, as most rows are.
struct PlainRow: BitwiseCopyable {
  /// Columns with a cell that is not empty, by the bit of their number.
  var cells: UInt16 = 0
  /// A store, load or barrier.
  var operation = Operation.store
  var size: UInt8 = 0
  var vcpu: UInt16 = 0
  /// Of the text, which is a region's name or the kind of a barrier.
  var textCount: UInt16 = 0
  var textStart: UInt32 = 0
  /// The text's first eight bytes.
  var textWord: UInt64 = 0
  var attribute: UInt8 = 0
  var time: UInt64 = 0
  var address: UInt64 = 0
  var value: UInt64 = 0
  var code: UInt64 = 0
  var sourceLine: UInt64 = 0

  private static let anywhere =
    bit(.record) | bit(.time) | bit(.vcpu) | bit(.op) | bit(.code) | bit(.sourceLine)
  private static let access = bit(.op) | bit(.vcpu) | bit(.address) | bit(.size)
  private static let barrier = bit(.op) | bit(.vcpu) | bit(.kind)

  static func bit(_ column: CSVColumn) -> UInt16 { 1 << UInt16(column.rawValue) }

  @inline(__always)
  func has(_ column: CSVColumn) -> Bool { cells & Self.bit(column) != 0 }

  /// The text in the chunk.
  var text: Range<Int> { Int(textStart)..<Int(textStart) + Int(textCount) }

  /// The cells agree with each other.
  @inline(__always)
  var isWhole: Bool {
    if operation == .barrier {
      return cells & Self.barrier == Self.barrier
        && cells & ~(Self.anywhere | Self.bit(.kind)) == 0
    }
    let size = UInt64(size)
    guard cells & Self.access == Self.access, !has(.kind), size &- 1 < 8,
      !address.addingReportingOverflow(size &- 1).overflow
    else { return false }
    return size == 8 || value &>> (8 &* size) == 0
  }
}

/// Reads plain rows without a look at what else a cell may be.
struct CSVLexer: LineLexer {
  /// Those of the header.
  let columns: [CSVColumn]

  var blank: PlainRow { PlainRow() }

  @inline(__always)
  func lex(from start: Int, in text: TextWords, into row: inout PlainRow) -> Int {
    let columns = columns.span
    var position = start
    var index = 0
    while true {
      var word = text[position]
      if word & 0xff == 0x2c {
        // Empty cells, several at a time.
        let commas = (word ^ 0x2c &* Lanes.ones).trailingZeroBitCount &>> 3
        index &+= commas
        position &+= commas
        guard index < columns.count else { return -1 }
        if commas == 8 { continue }
        word = text[position]
      }
      if word & 0xff > 0x2c {
        let column = columns[index]
        guard take(column, word, text, &position, &row) else { return -1 }
        row.cells |= 1 &<< UInt16(truncatingIfNeeded: column.rawValue)
        word = text[position]
      }
      index &+= 1
      if word & 0xff == 0x2c, index < columns.count {
        position &+= 1
        continue
      }
      guard index == columns.count, row.isWhole else { return -1 }
      return text.end(at: position)
    }
  }

  @inline(__always)
  private func take(
    _ column: CSVColumn, _ word: UInt64, _ text: TextWords, _ position: inout Int,
    _ row: inout PlainRow
  ) -> Bool {
    switch column {
    case .record:
      var digits = PlainDigits(decimal: word)
      position &+= digits.count
      guard digits.count == 8 else { return digits.count > 0 }
      digits = PlainDigits(decimal: text[position])
      position &+= digits.count
      return digits.count < 8
    case .time:
      guard let number = text.decimal(&position) else { return false }
      row.time = number
    case .vcpu:
      guard let number = text.decimal(&position), number <= 0xffff else { return false }
      row.vcpu = UInt16(truncatingIfNeeded: number)
    case .op: return takeOperation(word, &position, &row)
    case .address:
      guard let number = text.prefixedHex(&position) else { return false }
      row.address = number
    case .size:
      guard let number = text.decimal(&position), number <= 8 else { return false }
      row.size = UInt8(truncatingIfNeeded: number)
    case .value:
      guard let number = text.prefixedHex(&position) else { return false }
      row.value = number
    case .attribute:
      guard let number = text.prefixedHex(&position), number < 256 else { return false }
      row.attribute = UInt8(truncatingIfNeeded: number)
    case .code:
      guard let number = text.prefixedHex(&position), !CallerTable.range.contains(number)
      else { return false }
      row.code = number
    case .region, .kind: return takeText(text, &position, &row)
    case .sourceLine:
      guard let number = text.decimal(&position) else { return false }
      row.sourceLine = number
    case .flags, .function: return false
    }
    return true
  }

  // Texts as words, first byte lowest.
  @inline(__always)
  private func takeOperation(
    _ word: UInt64, _ position: inout Int, _ row: inout PlainRow
  ) -> Bool {
    // store
    if word & 0xff_ffff_ffff == 0x65_726f_7473 {
      position &+= 5
      return true
    }
    // load
    if word & 0xffff_ffff == 0x6461_6f6c {
      row.operation = .load
      position &+= 4
      return true
    }
    // barrier
    row.operation = .barrier
    position &+= 7
    return word & 0xff_ffff_ffff_ffff == 0x0072_6569_7272_6162
  }

  @inline(__always)
  private func takeText(
    _ text: TextWords, _ position: inout Int, _ row: inout PlainRow
  ) -> Bool {
    let start = position
    let end = text.first(0x2c, 0x0a, 0x0a, from: start)
    // A carriage return in front of the line feed is no part of the text; a row has one text.
    guard end >= 0, text.byte(end &- 1) != 0x0d, row.textCount == 0 else { return false }
    row.textStart = UInt32(truncatingIfNeeded: start)
    row.textCount = UInt16(truncatingIfNeeded: end &- start)
    row.textWord = text[start] & NameTable.mask(end &- start)
    position = end
    return true
  }
}

extension CSVParser {
  var lexer: CSVLexer? { columns.isEmpty ? nil : CSVLexer(columns: columns) }

  @inline(__always)
  mutating func resolve(
    _ row: PlainRow, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) -> Bool {
    let time = row.has(.time) ? row.time : nil
    let code = row.has(.code) ? row.code : nil
    let sourceLine = row.has(.sourceLine) ? row.sourceLine : namesLines ? nil : line
    guard row.operation != .barrier else {
      // A kind seen for the first time is the long way's.
      guard let kind = kinds.known(row.text, in: bytes), let barrier = barriers[kind] else {
        return false
      }
      holdsBarriers = true
      builder.append(
        RecordClass(.barrier, vcpu: row.vcpu, barrier: barrier), time: time, codeAddress: code,
        line: sourceLine)
      return true
    }
    guard let region = region(of: row, bytes) else { return false }
    if row.has(.attribute) { holdsAttributes = true }
    var entry = RecordClass(
      row.operation, size: row.size, vcpu: row.vcpu,
      attribute: row.has(.attribute) ? row.attribute : nil, region: region)
    if resolver.kinds[region.index] == .ecam { entry.columns = [.configValue] }
    builder.append(
      entry, address: row.address, time: time, value: row.has(.value) ? row.value : nil,
      codeAddress: code, line: sourceLine)
    return true
  }

  @inline(__always)
  private mutating func region(of plain: PlainRow, _ bytes: Span<UInt8>) -> RegionID? {
    guard plain.has(.region) else { return resolver.region(at: plain.address, &counters) }
    guard let name = regionNames.index(of: plain.text, start: plain.textWord, in: bytes) else {
      return nil
    }
    row.region = name
    return namedRegion(plain.address, plain.size, .bar)
  }
}
