internal import TraceCore

/// Where a block lies: a row of the footer's table.
struct BlockTableRow: Equatable {
  static let size = 40

  /// Offset in the file of the block's section head.
  var offset: UInt64
  var firstRecord: UInt64
  var count: UInt32
  /// Reserved, 0.
  var flags: UInt32 = 0
  /// Time in ns of the first and the last record.
  var firstTime: UInt64
  var lastTime: UInt64

  func append(to bytes: inout [UInt8]) {
    bytes.append(little: offset)
    bytes.append(little: firstRecord)
    bytes.append(little: count)
    bytes.append(little: flags)
    bytes.append(little: firstTime)
    bytes.append(little: lastTime)
  }

  init(_ section: Section, offset: UInt64) {
    self.offset = offset
    firstRecord = section.firstRecord
    count = section.count
    firstTime = section.firstTime
    lastTime = section.lastTime
  }

  private init(_ bytes: RawSpan, at place: Int) {
    offset = bytes.little(UInt64.self, at: place)
    firstRecord = bytes.little(UInt64.self, at: place + 8)
    count = bytes.little(UInt32.self, at: place + 16)
    flags = bytes.little(UInt32.self, at: place + 20)
    firstTime = bytes.little(UInt64.self, at: place + 24)
    lastTime = bytes.little(UInt64.self, at: place + 32)
  }

  /// Decodes a table; the blocks must follow each other without a gap, in the file as in the trace,
  /// so that who goes on with the next row always comes forward.
  static func table(_ bytes: RawSpan) throws(TraceError) -> [BlockTableRow] {
    guard bytes.byteCount % size == 0 else {
      throw TraceError(.badRecord, "the table of blocks has a wrong size")
    }
    var rows: [BlockTableRow] = []
    rows.reserveCapacity(bytes.byteCount / size)
    var next: UInt64 = 0
    for place in stride(from: 0, to: bytes.byteCount, by: size) {
      let row = BlockTableRow(bytes, at: place)
      guard row.firstRecord == next, (1...UInt32(Block.capacity)).contains(row.count) else {
        throw TraceError(.badRecord, "the table of blocks has a gap", record: next)
      }
      guard rows.last.map({ $0.offset < row.offset }) ?? true else {
        throw TraceError(.badRecord, "the table of blocks goes back in the file", record: next)
      }
      rows.append(row)
      next += UInt64(row.count)
    }
    return rows
  }
}
