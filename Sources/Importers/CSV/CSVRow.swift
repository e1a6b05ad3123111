import TraceCore

/// One row of the canonical CSV, cell by cell, before the cells are checked against each other.
struct CSVRow {
  // Numbers of names are -1, and optionals nil, where the cell is empty.
  var operation: Operation = .store
  var time: UInt64?
  var vcpu: UInt16 = 0
  var address: UInt64?
  var size: UInt64?
  var value: UInt64?
  /// A value that does not fit 64 bits, little-endian without leading zeros; else empty.
  var wideValue: [UInt8] = []
  var flags: AccessFlags = []
  /// `ld64b` was among the flags: only loads may have it.
  var hasLoadFlag = false
  /// `st64b` or `rel` was among the flags: only stores may have it.
  var hasStoreFlag = false
  var kind = -1
  var attribute: UInt8?
  var codeAddress: UInt64?
  var function = -1
  var region = -1
  var sourceLine: UInt64?

  /// Forgets the row; field by field, as copying a new value over it costs a call.
  @inline(__always)
  mutating func clear() {
    operation = .store
    time = nil
    vcpu = 0
    address = nil
    size = nil
    value = nil
    if !wideValue.isEmpty { wideValue = [] }
    flags = []
    hasLoadFlag = false
    hasStoreFlag = false
    kind = -1
    attribute = nil
    codeAddress = nil
    function = -1
    region = -1
    sourceLine = nil
  }
}
