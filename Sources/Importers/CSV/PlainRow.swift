import TraceCore

/// The cells of an access or barrier without flags and names of functions, as most rows are.
struct PlainRow: BitwiseCopyable {
  /// Columns with a cell that is not empty, by the bit of their number.
  var cells: UInt16 = 0
  /// A store, load or barrier.
  var operation = Operation.store
  var size: UInt8 = 0
  var vcpu: UInt16 = 0
  /// Of the text, which is a region's name or the kind of a barrier.
  var text = TextPlace()
  /// The text's first eight bytes.
  var textWord: UInt64 = 0
  var attribute: UInt8 = 0
  var time: UInt64 = 0
  var address: UInt64 = 0
  var value: UInt64 = 0
  var code: UInt64 = 0
  var sourceLine: UInt64 = 0

  private static let anywhere =
    bit(.record) | bit(.time) | bit(.vcpu) | bit(.op) | bit(.code) | bit(.sourceLine)
  private static let access = bit(.op) | bit(.vcpu) | bit(.address) | bit(.size)
  private static let barrier = bit(.op) | bit(.vcpu) | bit(.kind)

  static func bit(_ column: CSVColumn) -> UInt16 { 1 << UInt16(column.rawValue) }

  /// No column has a cell; what stands in one is not looked at then.
  @inline(__always)
  mutating func clear() {
    cells = 0
    value = 0
    clearRest()
  }

  /// What is looked at without a cell, too, but a value: 0 or empty where there is none.
  @inline(__always)
  mutating func clearRest() {
    attribute = 0
    text = TextPlace()
  }

  /// All that its record's class hangs on but the region, and the kind of a barrier.
  struct Shape: Equatable, BitwiseCopyable {
    private let word: UInt64

    @inline(__always)
    init(_ row: PlainRow) {
      word =
        UInt64(row.cells) | UInt64(row.operation.rawValue) << 16 | UInt64(row.size) << 24
        | UInt64(row.vcpu) << 32 | UInt64(row.attribute) << 48
    }

    /// Where the class of a row is kept: those of several vCPUs side by side.
    @inline(__always)
    var slot: Int { Int(truncatingIfNeeded: word &>> 32 ^ word &>> 13) & 15 }
    @inline(__always)
    func has(_ column: CSVColumn) -> Bool { word & UInt64(PlainRow.bit(column)) != 0 }
    var operation: Operation {
      Operation(rawValue: UInt8(truncatingIfNeeded: word >> 16)) ?? .store
    }
    var size: UInt8 { UInt8(truncatingIfNeeded: word >> 24) }
    var vcpu: UInt16 { UInt16(truncatingIfNeeded: word >> 32) }
    var attribute: UInt8? { has(.attribute) ? UInt8(truncatingIfNeeded: word >> 48) : nil }
  }

  @inline(__always)
  var shape: Shape { Shape(self) }

  @inline(__always)
  func has(_ column: CSVColumn) -> Bool { cells & Self.bit(column) != 0 }

  /// The cells agree with each other.
  @inline(__always)
  var isWhole: Bool {
    if operation == .barrier {
      return cells & Self.barrier == Self.barrier
        && cells & ~(Self.anywhere | Self.bit(.kind)) == 0
    }
    return cells & Self.access == Self.access && !has(.kind) && isAccess
  }

  /// There are addresses for all of its bytes, and no more bytes of a value.
  @inline(__always)
  var isAccess: Bool {
    let size = UInt64(size)
    guard size &- 1 < 8, address &+ size >= address else { return false }
    return size == 8 || value &>> (8 &* size) == 0
  }
}
