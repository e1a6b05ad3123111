/// A class with its columns as a ``BlockAppender`` looks it up: for many records alike, packed once.
public struct PackedClass: BitwiseCopyable, Sendable {
  @usableFromInline let key: (UInt64, UInt64)
  /// Columns 7:0, size 15:8, 16 for a load or store: one word to hand on.
  @usableFromInline let traits: UInt32

  var columns: RecordClass.Columns {
    RecordClass.Columns(rawValue: UInt8(truncatingIfNeeded: traits))
  }
  var size: UInt8 { UInt8(truncatingIfNeeded: traits &>> 8) }
  var isAccess: Bool { traits & 1 &<< 16 != 0 }

  /// - Parameters:
  ///   - recordClass: Class without its columns, except `.configValue`.
  ///   - time: Its records have a time stamp.
  ///   - value: They have a value of up to 8 bytes, in the column that `recordClass.columns` names
  ///     (`.configValue`) or else in the large one.
  ///   - codeAddress: They have the address of the instruction.
  ///   - line: They have a source line.
  @inlinable
  @inline(__always)
  public init(
    _ recordClass: RecordClass, time: Bool, value: Bool, codeAddress: Bool, line: Bool
  ) {
    let toConfig = recordClass.columns.contains(.configValue)
    var columns: RecordClass.Columns = []
    if time { columns.insert(.time) }
    if value { columns.insert(toConfig ? .configValue : .value) }
    if codeAddress { columns.insert(.codeAddress) }
    if line { columns.insert(.line) }
    key = recordClass.packed(with: columns)
    traits =
      UInt32(columns.rawValue) | UInt32(recordClass.size) << 8
      | (recordClass.operation.isAccess ? 1 << 16 : 0)
  }
}
