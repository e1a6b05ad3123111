import TraceCore

/// The cells of a row that holds nothing but an operation, numbers and a region, as most rows do.
///
/// It is read without a look at what else a cell may be; whatever does not fit is left to
/// ``CSVRow``, which also says what is wrong.
struct PlainRow {
  var isStore = false
  var time: UInt64?
  var vcpu: UInt64 = 0
  var address: UInt64 = 0
  var size: UInt64 = 0
  var value: UInt64?
  var sourceLine: UInt64?
  /// The region's name in the chunk; empty where the cell is.
  var region = 0..<0
  private var cells: UInt16 = 0

  private static let needed =
    bit(.op) | bit(.vcpu) | bit(.address) | bit(.size)

  private static func bit(_ column: CSVColumn) -> UInt16 { 1 << UInt16(column.rawValue) }

  /// Reads a line; nil where the row must be read cell by cell.
  ///
  /// - Parameters:
  ///   - line: Without its end.
  ///   - columns: Those of the header.
  ///   - bytes: The chunk that holds the line.
  @inline(__always)
  init?(_ line: Line, _ columns: Span<CSVColumn>, _ bytes: Span<UInt8>) {
    var position = line.start
    for index in columns.indices {
      if index > 0 {
        guard position < line.end, bytes[position] == 0x2c else { return nil }
        position &+= 1
      }
      let column = columns[index]
      if position == line.end || bytes[position] == 0x2c { continue }
      guard take(column, bytes, &position, end: line.end) else { return nil }
      cells |= 1 &<< UInt16(truncatingIfNeeded: column.rawValue)
    }
    guard position == line.end, cells & Self.needed == Self.needed, isAccess else { return nil }
  }

  /// The cells agree with each other.
  @inline(__always)
  private var isAccess: Bool {
    guard vcpu <= 0xffff, size &- 1 < 8, !address.addingReportingOverflow(size &- 1).overflow
    else { return false }
    guard let value, size < 8 else { return true }
    return value &>> (8 &* size) == 0
  }

  @inline(__always)
  private mutating func take(
    _ column: CSVColumn, _ bytes: Span<UInt8>, _ position: inout Int, end: Int
  ) -> Bool {
    switch column {
    case .region:
      guard bytes[position] != 0x22 else { return false }
      let start = position
      position = bytes.first(0x2c, from: start, to: end) ?? end
      region = start..<position
    case .op: return takeOperation(bytes, &position)
    case .address:
      guard let number = Self.hex(bytes, &position) else { return false }
      address = number
    case .value:
      guard let number = Self.hex(bytes, &position) else { return false }
      value = number
    case .record, .time, .vcpu, .size, .sourceLine:
      guard let number = Self.decimal(bytes, &position) else { return false }
      switch column {
      case .time: time = number
      case .vcpu: vcpu = number
      case .size: size = number
      case .sourceLine: sourceLine = number
      default: break
      }
    default: return false
    }
    return true
  }

  /// `store` or `load`; a comma or the line's end behind it is looked for by the caller.
  @inline(__always)
  private mutating func takeOperation(_ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
    let word = bytes.word(at: position)
    if word & 0xff_ffff_ffff == 0x65_726f_7473 {
      isStore = true
      position &+= 5
      return true
    }
    position &+= 4
    return word & 0xffff_ffff == 0x6461_6f6c
  }

  /// A number of up to 19 digits, which fits 64 bits.
  @inline(__always)
  private static func decimal(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt64? {
    var word = DigitWord(decimal: bytes.word(at: position))
    guard word.count > 0 else { return nil }
    var value = word.value
    position &+= word.count
    var digits = 8
    while word.count == 8 {
      word = DigitWord(decimal: bytes.word(at: position))
      digits &+= word.count
      guard digits < 20 else { return nil }
      value = value &* TextCursor.powers[word.count] &+ word.value
      position &+= word.count
    }
    return value
  }

  /// `0x` and up to 16 digits.
  @inline(__always)
  private static func hex(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt64? {
    guard bytes.word(at: position) & 0xffff == 0x7830 else { return nil }
    let first = DigitWord(hex: bytes.word(at: position &+ 2))
    guard first.count > 0 else { return nil }
    position &+= 2 &+ first.count
    guard first.count == 8 else { return first.value }
    let second = DigitWord(hex: bytes.word(at: position))
    position &+= second.count
    return first.value &<< UInt64(truncatingIfNeeded: 4 &* second.count) | second.value
  }
}

extension CSVParser {
  /// Appends a plain row.
  ///
  /// - Returns: false where it has to be read cell by cell; nothing was appended then.
  @inline(__always)
  mutating func appendPlain(
    _ line: Line, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) -> Bool {
    guard let plain = PlainRow(line, columns.span, bytes) else { return false }
    let size = UInt8(truncatingIfNeeded: plain.size)
    guard let region = region(of: plain, size, bytes) else { return false }
    var entry = RecordClass(
      plain.isStore ? .store : .load, size: size, vcpu: UInt16(truncatingIfNeeded: plain.vcpu),
      region: region)
    if resolver.kinds[region.index] == .ecam { entry.columns = [.configValue] }
    builder.append(
      entry, address: plain.address, time: plain.time, value: plain.value,
      line: plain.sourceLine ?? (namesLines ? nil : line.number))
    return true
  }

  @inline(__always)
  private mutating func region(
    of plain: PlainRow, _ size: UInt8, _ bytes: Span<UInt8>
  ) -> RegionID? {
    guard !plain.region.isEmpty else { return resolver.region(at: plain.address, &counters) }
    guard let name = regionNames.index(of: plain.region, in: bytes) else { return nil }
    row.region = name
    return namedRegion(plain.address, size, .bar)
  }
}
