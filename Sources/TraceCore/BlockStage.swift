/// What was appended last to a block's columns.
///
/// A column is an array, and appending to one costs a look at who else holds it and at its room.
/// Here a record's values cost a store each; the arrays get many at a time.
struct BlockStage: ~Copyable {
  var tokens = ColumnStage<UInt8>(blank: 0)
  var counts = ColumnStage<UInt16>(blank: 0)
  var addresses = ColumnStage<UInt64>(blank: 0)
  var times = ColumnStage<UInt64>(blank: 0)
  var values = ByteStage()
  var configValues = ByteStage()
  var codeAddresses = ColumnStage<UInt64>(blank: 0)
  var lines = ColumnStage<UInt64>(blank: 0)

  /// Moves everything to the columns.
  mutating func flush(into content: inout BlockContent) {
    tokens.flush(into: &content.runTokens)
    counts.flush(into: &content.runCounts)
    addresses.flush(into: &content.runAddresses)
    times.flush(into: &content.times)
    values.flush(into: &content.values)
    configValues.flush(into: &content.configValues)
    codeAddresses.flush(into: &content.codeAddresses)
    lines.flush(into: &content.lines)
  }
}

/// The end of a column that is not yet in its array.
struct ColumnStage<Element: BitwiseCopyable>: ~Copyable {
  private var elements: FixedBuffer<Element>
  private var count = 0

  /// - Parameter blank: What stands where nothing was appended yet.
  init(blank: Element) { elements = FixedBuffer(repeating: blank, count: 256) }

  @inline(__always)
  mutating func append(_ element: Element, to column: inout [Element]) {
    if count == elements.count { empty(into: &column) }
    elements[count] = element
    count &+= 1
  }

  @inline(never)
  private mutating func empty(into column: inout [Element]) { flush(into: &column) }

  mutating func flush(into column: inout [Element]) {
    // One record alone is what a caller appends that lends no columns.
    if count == 1 {
      column.append(elements[0])
    } else if count > 0 {
      elements.append(first: count, to: &column)
    }
    count = 0
  }
}

/// The end of a column of values, whose bytes are one after the other.
struct ByteStage: ~Copyable {
  private var bytes = FixedBuffer<UInt8>(repeating: 0, count: 2048)
  private var count = 0

  /// Appends a value's lowest bytes, lowest first; behind the eighth they are 0.
  @inline(__always)
  mutating func append(_ value: UInt64, size: Int, to column: inout [UInt8]) {
    if count > bytes.count &- 8 { empty(into: &column) }
    bytes.store(value, at: count)
    count &+= min(size, 8)
    if size > 8 { pad(size - 8, &column) }
  }

  @inline(never)
  private mutating func pad(_ zeros: Int, _ column: inout [UInt8]) {
    flush(into: &column)
    column.append(contentsOf: repeatElement(0, count: zeros))
  }

  @inline(never)
  private mutating func empty(into column: inout [UInt8]) { flush(into: &column) }

  mutating func append(_ value: [UInt8], to column: inout [UInt8]) {
    flush(into: &column)
    column += value
  }

  mutating func flush(into column: inout [UInt8]) {
    if count > 0 { bytes.append(first: count, to: &column) }
    count = 0
  }
}
