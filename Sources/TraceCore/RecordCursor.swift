/// Goes over a block record by record, with each one's place in the columns.
///
/// For work that looks at every record on its own; a replay goes over runs instead.
public struct RecordCursor {
  /// One record.
  public struct Record {
    /// Index in the block.
    public var index: Int
    /// Index in the block's classes.
    public var token: Int
    /// First byte, or the config register.
    public var address: UInt64
    /// First byte in the column that the class's columns name: `values` or `configValues`.
    public var value: Int
    /// Index in the block's code addresses.
    public var code: Int
    /// Index in the block's lines.
    public var line: Int
  }

  /// What a record of a class takes of each column.
  private struct Step {
    var size: UInt64 = 0
    var value = 0
    var config = 0
    var code = 0
    var line = 0
  }

  private let block: Block
  private let steps: [Step]
  private var run = -1
  /// Records of the run that are still to come.
  private var rest = 0
  private var upcoming: Record
  private var config = 0
  private var values = 0

  /// - Parameter block: Not changed while it is gone over.
  public init(_ block: Block) {
    self.block = block
    upcoming = Record(index: 0, token: 0, address: 0, value: 0, code: 0, line: 0)
    steps = block.classes.map { entry in
      let bytes = entry.valueBytes
      let isConfig = entry.columns.contains(.configValue)
      return Step(
        size: entry.operation.isAccess ? UInt64(entry.size) : 0,
        value: isConfig ? 0 : bytes, config: isConfig ? bytes : 0,
        code: entry.columns.contains(.codeAddress) ? 1 : 0,
        line: entry.columns.contains(.line) ? 1 : 0)
    }
  }

  /// The next record; nil at the end of the block.
  public mutating func next() -> Record? {
    if rest == 0 {
      run += 1
      guard run < block.runs else { return nil }
      rest = Int(block.runCounts[run])
      upcoming.token = Int(block.runTokens[run])
      upcoming.address = block.runAddresses[run]
    }
    let step = steps[upcoming.token]
    var record = upcoming
    record.value = step.config > 0 ? config : values
    upcoming.index += 1
    upcoming.address &+= step.size
    upcoming.code += step.code
    upcoming.line += step.line
    config += step.config
    values += step.value
    rest -= 1
    return record
  }
}
