import TraceCore

/// Reads plain rows without a look at what else a cell may be.
///
/// Nearly every CSV begins with the same cells, a number each, and goes on with cells that are those
/// of the row before: the former are read in one go, the latter compared with that row's.
struct CSVLexer: LineLexer {
  /// Those of the header.
  let columns: [CSVColumn]
  /// The header begins with ``front``, and ahead of that the record's number may stand.
  private let beginsWithFront: Bool
  private let hasRecord: Bool
  private let hasValue: Bool
  private let endsWithLine: Bool
  private static let front: [CSVColumn] = [.time, .vcpu, .op, .address, .size]
  /// Of the last access that had another one than the access before it.
  private var middle = RowMiddle()
  /// Of the last access's address.
  private var head = AddressHead()

  init(columns: [CSVColumn]) {
    self.columns = columns
    hasRecord = columns.first == .record
    let behind = columns.dropFirst(hasRecord ? 1 : 0)
    beginsWithFront = behind.starts(with: Self.front)
    hasValue = behind.dropFirst(Self.front.count).first == .value
    endsWithLine = columns.last == .sourceLine
  }

  var blank: PlainRow { PlainRow() }

  @inline(__always)
  mutating func lex(from start: Int, in text: TextWords, into row: inout PlainRow) -> Int {
    var position = start
    let index = beginsWithFront ? takeFront(text, &position, &row) : 0
    guard index > 0 else {
      row.clear()
      return takeCells(from: 0, text, start, &row).feed
    }
    var end = position
    if row.operation != .barrier, middle.take(text, &end, column: index) {
      let feed = takeEnd(text, end, &row)
      if feed >= 0 {
        middle.give(&row, from: position)
        return row.isAccess ? feed : -1
      }
    }
    return takeRest(from: index, text, position, &row)
  }

  /// The cell of the source line, where it is the last, and the end of the row.
  @inline(__always)
  private func takeEnd(_ text: TextWords, _ start: Int, _ row: inout PlainRow) -> Int {
    let byte = text.byte(start)
    if byte == 0x0a { return start }
    var position = start
    if endsWithLine, byte &- 0x30 < 10 {
      guard let number = text.decimal(&position) else { return -1 }
      row.sourceLine = number
      row.cells |= PlainRow.bit(.sourceLine)
    }
    return text.end(at: position)
  }

  /// Takes the cells behind the front one by one, and keeps what may stand in the next row, too.
  @inline(never)
  private mutating func takeRest(
    from index: Int, _ text: TextWords, _ position: Int, _ row: inout PlainRow
  ) -> Int {
    let before = row.cells
    row.clearRest()
    let (feed, end) = takeCells(from: index, text, position, &row)
    guard feed >= 0, row.operation != .barrier else { return feed }
    let others = endsWithLine ? before | PlainRow.bit(.sourceLine) : before
    middle = RowMiddle(
      of: row, besides: others, from: position, to: end, column: index, in: text)
    return feed
  }

  /// Takes a record's number and the cells of ``front``, of a barrier the first three, and a value.
  ///
  /// - Returns: How many columns that are; 0 where the row begins with something else.
  @inline(__always)
  private mutating func takeFront(
    _ text: TextWords, _ position: inout Int, _ row: inout PlainRow
  ) -> Int {
    var index = Self.front.count
    row.cells = 0
    row.value = 0
    if hasRecord {
      guard takeRecord(text[position], text, &position), text.takeComma(&position) else { return 0 }
      row.cells = PlainRow.bit(.record)
      index &+= 1
    }
    guard let time = text.longDecimal(&position), text.takeComma(&position),
      let vcpu = text.shortDecimalCell(&position), vcpu <= 0xffff
    else { return 0 }
    row.time = time
    row.vcpu = UInt16(truncatingIfNeeded: vcpu)
    let word = text[position]
    if word == Self.storeAt {
      row.operation = .store
      position &+= 8
    } else if word & 0xff_ffff_ffff_ffff == Self.loadAt {
      row.operation = .load
      position &+= 7
    } else {
      guard word == Self.barrierAlone else { return 0 }
      row.operation = .barrier
      row.cells |= PlainRow.bit(.time) | PlainRow.bit(.vcpu) | PlainRow.bit(.op)
      position &+= 7
      return index &- 2
    }
    guard let address = text.hex(&position, after: &head), text.takeComma(&position),
      let size = text.decimal(&position), size <= 8
    else { return 0 }
    row.address = address
    row.size = UInt8(truncatingIfNeeded: size)
    row.cells |= PlainRow.bit(.time) | PlainRow.bit(.vcpu) | PlainRow.bit(.op)
    row.cells |= PlainRow.bit(.address) | PlainRow.bit(.size)
    guard hasValue, text[position] & 0xff_ffff == Self.valueAt else { return index }
    position &+= 3
    guard let value = text.hex(&position) else { return 0 }
    row.value = value
    row.cells |= PlainRow.bit(.value)
    return index &+ 1
  }

  // Texts as words, first byte lowest.

  // store,0x
  private static var storeAt: UInt64 { 0x7830_2c65_726f_7473 }
  // load,0x
  private static var loadAt: UInt64 { 0x0078_302c_6461_6f6c }
  // barrier,
  private static var barrierAlone: UInt64 { 0x2c72_6569_7272_6162 }
  // ,0x
  private static var valueAt: UInt64 { 0x78_302c }

  /// Takes cells up to the end of the row.
  ///
  /// - Parameters:
  ///   - first: Index of the column of the first of them; behind 0, the comma ahead of it is next.
  ///   - text: The chunk.
  ///   - start: Where they begin.
  ///   - row: Gets them.
  /// - Returns: Index of the line feed, -1 where the row is not plain; and of the end of the cells
  ///   ahead of a source line.
  @inline(__always)
  private func takeCells(
    from first: Int, _ text: TextWords, _ start: Int, _ row: inout PlainRow
  ) -> (feed: Int, end: Int) {
    let columns = columns.span
    var position = start
    var index = first
    var end = start
    if first > 0 {
      guard first < columns.count else {
        return (row.isWhole ? text.end(at: position) : -1, position)
      }
      guard text.takeComma(&position) else { return (-1, position) }
    }
    while true {
      var word = text[position]
      if word & 0xff == 0x2c {
        // Empty cells, several at a time.
        let commas = (word ^ 0x2c &* Lanes.ones).trailingZeroBitCount &>> 3
        index &+= commas
        position &+= commas
        guard index < columns.count else { return (-1, position) }
        if commas == 8 { continue }
        word = text[position]
      }
      end = position
      if word & 0xff > 0x2c {
        let column = columns[index]
        guard take(column, word, text, &position, &row) else { return (-1, position) }
        row.cells |= 1 &<< UInt16(truncatingIfNeeded: column.rawValue)
        word = text[position]
      }
      index &+= 1
      if word & 0xff == 0x2c, index < columns.count {
        position &+= 1
        continue
      }
      guard index == columns.count, row.isWhole else { return (-1, position) }
      return (text.end(at: position), endsWithLine ? end : position)
    }
  }

  @inline(__always)
  private func take(
    _ column: CSVColumn, _ word: UInt64, _ text: TextWords, _ position: inout Int,
    _ row: inout PlainRow
  ) -> Bool {
    switch column {
    case .record: return takeRecord(word, text, &position)
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

  /// A record's number, which nobody asks for: fewer than 16 digits.
  @inline(__always)
  private func takeRecord(_ word: UInt64, _ text: TextWords, _ position: inout Int) -> Bool {
    var digits = PlainDigits(decimal: word)
    position &+= digits.count
    guard digits.count == 8 else { return digits.count > 0 }
    digits = PlainDigits(decimal: text[position])
    position &+= digits.count
    return digits.count < 8
  }

  @inline(__always)
  private func access(_ word: UInt64, _ position: inout Int) -> Operation? {
    // store
    if word & 0xff_ffff_ffff == 0x65_726f_7473 {
      position &+= 5
      return .store
    }
    // load
    position &+= 4
    return word & 0xffff_ffff == 0x6461_6f6c ? .load : nil
  }

  @inline(__always)
  private func takeOperation(
    _ word: UInt64, _ position: inout Int, _ row: inout PlainRow
  ) -> Bool {
    let start = position
    if let operation = access(word, &position) {
      row.operation = operation
      return true
    }
    // barrier
    row.operation = .barrier
    position = start
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
    guard end >= 0, text.byte(end &- 1) != 0x0d, row.text.isEmpty else { return false }
    row.text = TextPlace(from: start, to: end)
    row.textWord = text[start] & NameTable.mask(end &- start)
    position = end
    return true
  }
}
