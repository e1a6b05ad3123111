/// What a plain row has between its first cells and its source line, as rows beside it often have.
struct RowMiddle: Sendable {
  /// Its first sixteen bytes, the first in the lowest bits; those behind its end are 0.
  private var words = (UInt64(0), UInt64(0))
  private var masks = (UInt64(0), UInt64(0))
  private var count = 0
  /// Where it stands in the chunk.
  private var start = 0
  /// Index of the first column; -1 where none is known.
  private var column = -1
  /// Columns with a cell that is not empty.
  private var cells: UInt16 = 0
  // What they say.
  private var text = TextPlace()
  private var textWord: UInt64 = 0
  private var attribute: UInt8 = 0
  private var value: UInt64 = 0
  private var code: UInt64 = 0
  private var sourceLine: UInt64 = 0

  init() {}

  /// - Parameters:
  ///   - row: With all of its cells.
  ///   - others: Columns whose cells are not part of it.
  ///   - start: Index of its first byte.
  ///   - end: Index behind its last one.
  ///   - column: Index of the first column.
  ///   - chunk: Where the row is.
  init(
    of row: PlainRow, besides others: UInt16, from start: Int, to end: Int, column: Int,
    in chunk: TextWords
  ) {
    self.start = start
    count = end &- start
    masks = (NameTable.mask(count), count > 8 ? NameTable.mask(count &- 8) : 0)
    words.0 = chunk[start] & masks.0
    if count > 8 { words.1 = chunk[start &+ 8] & masks.1 }
    self.column = column
    cells = row.cells & ~others
    (text, textWord, attribute) = (row.text, row.textWord, row.attribute)
    (value, code, sourceLine) = (row.value, row.code, row.sourceLine)
  }

  /// Passes over the same bytes, if they come next and begin with the cell of the same column.
  @inline(__always)
  func take(_ text: TextWords, _ position: inout Int, column: Int) -> Bool {
    guard column == self.column, text[position] & masks.0 == words.0,
      masks.1 == 0 || text[position &+ 8] & masks.1 == words.1,
      count <= 16 || text.isSame(start &+ 16..<start &+ count, at: position &+ 16)
    else { return false }
    position &+= count
    return true
  }

  /// What the cells say.
  ///
  /// - Parameters:
  ///   - row: Has them, too; gets it.
  ///   - position: Index of the first byte there.
  @inline(__always)
  func give(_ row: inout PlainRow, from position: Int) {
    row.cells |= cells
    row.text = text.moved(by: position &- start)
    row.textWord = textWord
    row.attribute = attribute
    row.code = code
    if cells & PlainRow.bit(.value) != 0 { row.value = value }
    if cells & PlainRow.bit(.sourceLine) != 0 { row.sourceLine = sourceLine }
  }
}
