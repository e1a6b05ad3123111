import TraceCore

/// Reads plain rows without a look at what else a cell may be.
struct CSVLexer: LineLexer {
  /// Those of the header.
  let columns: [CSVColumn]
  /// Index of the first of five columns that nearly every CSV has side by side, or -1.
  private let core: Int
  private static let coreColumns: [CSVColumn] = [.time, .vcpu, .op, .address, .size]
  private let coreCells: UInt16

  init(columns: [CSVColumn]) {
    self.columns = columns
    coreCells = Self.coreColumns.reduce(0) { $0 | PlainRow.bit($1) }
    let start = columns.firstIndex(of: .time) ?? columns.count
    core = columns[start...].starts(with: Self.coreColumns) ? start : -1
  }

  var blank: PlainRow { PlainRow() }

  @inline(__always)
  func lex(from start: Int, in text: TextWords, into row: inout PlainRow) -> Int {
    let columns = columns.span
    var position = start
    var index = 0
    row.clear()
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
      if index == core, takeCore(text, &position, &row) {
        index &+= 4
        row.cells |= coreCells
        word = text[position]
      } else if word & 0xff > 0x2c {
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

  /// Takes the five cells of ``coreColumns``, or nothing.
  @inline(__always)
  private func takeCore(
    _ text: TextWords, _ position: inout Int, _ row: inout PlainRow
  ) -> Bool {
    var place = position
    guard let time = text.decimal(&place), text.takeComma(&place),
      let vcpu = text.decimal(&place), vcpu <= 0xffff, text.takeComma(&place),
      let operation = access(text[place], &place), text.takeComma(&place),
      let address = text.prefixedHex(&place), text.takeComma(&place),
      let size = text.decimal(&place), size <= 8
    else { return false }
    row.time = time
    row.vcpu = UInt16(truncatingIfNeeded: vcpu)
    row.operation = operation
    row.address = address
    row.size = UInt8(truncatingIfNeeded: size)
    position = place
    return true
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
