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
  var text = TextPlace()
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

  /// No column has a cell; what stands in one is not looked at then.
  @inline(__always)
  mutating func clear() {
    cells = 0
    // Looked at all the same: 0 where there is no value, and empty where there is no text.
    value = 0
    text = TextPlace()
  }

  @inline(__always)
  func has(_ column: CSVColumn) -> Bool { cells & Self.bit(column) != 0 }

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
      guard let kind = kinds.known(row.text.range, in: bytes), let barrier = barriers[kind] else {
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
    guard let name = regionNames.index(of: plain.text.range, start: plain.textWord, in: bytes)
    else {
      return nil
    }
    row.region = name
    return namedRegion(plain.address, plain.size, .bar)
  }
}
