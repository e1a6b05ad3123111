/// What was appended last to a block's columns.
///
/// A column is an array, and appending to one costs a look at who else holds it and at its room.
/// Here a record's values cost a store each; the arrays get many at a time.
struct BlockStage: ~Copyable {
  var tokens = ColumnStage<UInt8>(blank: 0)
  var counts = ColumnStage<UInt16>(blank: 0)
  var addresses = ColumnStage<UInt64>(blank: 0)
  var times = ColumnStage<UInt64>(blank: 0)
  var values = ColumnStage<UInt8>(blank: 0, room: 2048)
  var configValues = ColumnStage<UInt8>(blank: 0, room: 2048)
  var codeAddresses = ColumnStage<UInt64>(blank: 0)
  var lines = ColumnStage<UInt64>(blank: 0)

  /// Moves everything to the columns.
  mutating func flush(into content: inout BlockContent) {
    tokens.flush(into: &content.runTokens)
    counts.flush(into: &content.runCounts)
    addresses.flush(into: &content.runAddresses)
    times.flush(into: &content.times)
    content.hasOrderedTimes = nil
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

  /// - Parameters:
  ///   - blank: What stands where nothing was appended yet.
  ///   - room: Elements that are held back at most.
  init(blank: Element, room: Int = 256) {
    elements = FixedBuffer(repeating: blank, count: room)
  }

  @inline(__always)
  mutating func append(_ element: Element, to column: inout [Element]) {
    if count == elements.count { empty(into: &column) }
    elements[count] = element
    count &+= 1
  }

  /// Appends where no other element has to make room for it.
  @inline(__always)
  mutating func keep(_ element: Element) -> Bool {
    guard count < elements.count else { return false }
    elements[count] = element
    count &+= 1
    return true
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

// Values, whose bytes are one after the other.
extension ColumnStage<UInt8> {
  /// Appends a value's lowest bytes, lowest first; behind the eighth they are 0.
  @inline(__always)
  mutating func append(_ value: UInt64, size: Int, to column: inout [UInt8]) {
    if count > elements.count &- 8 { empty(into: &column) }
    elements.store(value, at: count)
    count &+= min(size, 8)
    if size > 8 { append([UInt8](repeating: 0, count: size - 8), to: &column) }
  }

  mutating func append(_ value: [UInt8], to column: inout [UInt8]) {
    flush(into: &column)
    column += value
  }
}
