import TraceCore

/// The cells of a row that holds nothing but an operation, numbers and a region, as most rows do.
struct PlainRow: BitwiseCopyable {
  /// Columns with a cell that is not empty, by the bit of their number.
  var cells: UInt16 = 0
  var isStore = false
  var size: UInt8 = 0
  var vcpu: UInt16 = 0
  var regionCount: UInt16 = 0
  /// Where the region's name starts in the chunk.
  var regionStart: UInt32 = 0
  var time: UInt64 = 0
  var address: UInt64 = 0
  var value: UInt64 = 0
  var sourceLine: UInt64 = 0

  static let needed = bit(.op) | bit(.vcpu) | bit(.address) | bit(.size)

  static func bit(_ column: CSVColumn) -> UInt16 { 1 << UInt16(column.rawValue) }

  @inline(__always)
  func has(_ column: CSVColumn) -> Bool { cells & Self.bit(column) != 0 }

  /// The region's name in the chunk.
  var region: Range<Int> { Int(regionStart)..<Int(regionStart) + Int(regionCount) }

  /// The cells agree with each other.
  @inline(__always)
  var isAccess: Bool {
    let size = UInt64(size)
    guard cells & Self.needed == Self.needed, size &- 1 < 8,
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
      guard index == columns.count, row.isAccess else { return -1 }
      return text.end(at: position)
    }
  }

  @inline(__always)
  private func take(
    _ column: CSVColumn, _ word: UInt64, _ text: TextWords, _ position: inout Int,
    _ row: inout PlainRow
  ) -> Bool {
    switch column {
    case .region:
      let start = position
      let end = text.first(0x2c, or: 0x0a, from: start)
      // A carriage return in front of the line feed is no part of the name.
      guard end >= 0, text.byte(end &- 1) != 0x0d else { return false }
      row.regionStart = UInt32(truncatingIfNeeded: start)
      row.regionCount = UInt16(truncatingIfNeeded: end &- start)
      position = end
    case .op:
      row.isStore = word & 0xff_ffff_ffff == 0x65_726f_7473
      position &+= row.isStore ? 5 : 4
      return row.isStore || word & 0xffff_ffff == 0x6461_6f6c
    case .address:
      guard let number = text.prefixedHex(&position) else { return false }
      row.address = number
    case .value:
      guard let number = text.prefixedHex(&position) else { return false }
      row.value = number
    case .record: return text.decimal(&position) != nil
    case .time:
      guard let number = text.decimal(&position) else { return false }
      row.time = number
    case .vcpu:
      guard let number = text.decimal(&position), number <= 0xffff else { return false }
      row.vcpu = UInt16(truncatingIfNeeded: number)
    case .size:
      guard let number = text.decimal(&position), number <= 8 else { return false }
      row.size = UInt8(truncatingIfNeeded: number)
    case .sourceLine:
      guard let number = text.decimal(&position) else { return false }
      row.sourceLine = number
    default: return false
    }
    return true
  }
}

extension CSVParser {
  var lexer: CSVLexer? { columns.isEmpty ? nil : CSVLexer(columns: columns) }

  @inline(__always)
  mutating func resolve(
    _ row: PlainRow, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) -> Bool {
    guard let region = region(of: row, bytes) else { return false }
    var entry = RecordClass(
      row.isStore ? .store : .load, size: row.size, vcpu: row.vcpu, region: region)
    if resolver.kinds[region.index] == .ecam { entry.columns = [.configValue] }
    let sourceLine = row.has(.sourceLine) ? row.sourceLine : namesLines ? nil : line
    builder.append(
      entry, address: row.address, time: row.has(.time) ? row.time : nil,
      value: row.has(.value) ? row.value : nil, line: sourceLine)
    return true
  }

  @inline(__always)
  private mutating func region(of plain: PlainRow, _ bytes: Span<UInt8>) -> RegionID? {
    guard plain.has(.region) else { return resolver.region(at: plain.address, &counters) }
    guard let name = regionNames.index(of: plain.region, in: bytes) else { return nil }
    row.region = name
    return namedRegion(plain.address, plain.size, .bar)
  }
}
