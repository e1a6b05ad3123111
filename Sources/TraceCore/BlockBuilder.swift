/// Turns single records into a block's runs.
///
/// Append records until ``isFull``, then hand the block on. An importer that appends many at once
/// does so through ``withAppender(_:)``.
public final class BlockBuilder {
  public private(set) var block: Block
  private var appender = BlockAppender()

  /// - Parameter block: Filled by this builder; cleared first.
  public init(_ block: Block) {
    self.block = block
    reset(firstRecord: 0)
  }

  /// Clears the block, or takes up another one, and starts it at a record index.
  ///
  /// The time of the record before is kept, so that records without a stamp still repeat it.
  ///
  /// - Parameters:
  ///   - firstRecord: Index in the trace of the block's first record.
  ///   - block: Filled from now on; nil keeps the block.
  public func reset(firstRecord: UInt64, into block: Block? = nil) {
    if let block { self.block = block }
    self.block.removeAll()
    self.block.firstRecord = firstRecord
    appender.removeClasses()
  }

  /// No more than sixteen further records may be appended; hand the block on.
  public var isFull: Bool { appender.isFull }

  /// Lends the columns for appending many records: for that time they are not in the block.
  ///
  /// Columns and dictionary are then plain values, so that a record costs none of the checks that
  /// stand in front of every access to a class's variables.
  public func withAppender<R, E: Error>(
    _ body: (inout BlockAppender) throws(E) -> R
  ) throws(E) -> R {
    appender.begin(&block.content)
    defer { appender.end(&block.content) }
    return try body(&appender)
  }

  /// Appends one record; see ``BlockAppender/append(_:address:time:value:codeAddress:line:)``.
  public func append(
    _ recordClass: RecordClass, address: UInt64 = 0, time: UInt64? = nil, value: UInt64? = nil,
    codeAddress: UInt64? = nil, line: UInt64? = nil
  ) {
    withAppender {
      $0.append(
        recordClass, address: address, time: time, value: value, codeAddress: codeAddress,
        line: line)
    }
  }

  /// Appends an access with a value of any size; see
  /// ``BlockAppender/append(_:address:time:wideValue:codeAddress:line:)``.
  public func append(
    _ recordClass: RecordClass, address: UInt64, time: UInt64?, wideValue: [UInt8],
    codeAddress: UInt64?, line: UInt64?
  ) {
    withAppender {
      $0.append(
        recordClass, address: address, time: time, wideValue: wideValue,
        codeAddress: codeAddress, line: line)
    }
  }
}
