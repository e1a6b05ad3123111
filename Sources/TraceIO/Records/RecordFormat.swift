internal import TraceCore

/// Numbers of the fixed-record format; see the article *Fixed records*.
enum RecordFormat {
  static let magic = Array("MMRECORD".utf8)
  /// Reads so on a machine of the file's byte order.
  static let byteOrderMark: UInt32 = 0x0102_0304
  static let version: UInt16 = 1
  static let headerSize = 32
  /// Class numbers are 16 bits wide; a number may be defined again.
  static let classNumbers = 65_536
  /// Most bytes from one check to the next: a block, each record with an extra one, and texts.
  static let segmentLimit = 65_536 * 160 + 2 * NativeFormat.documentLimit
  /// The value is too wide for its field; the extra record before has it.
  static let wideFlag: UInt8 = 0x20

  /// What stands in the field of the operation where a unit is no record.
  enum Unit: UInt8 {
    case classDefinition = 0x80
    case context, extra, clock, check, end
  }
}

/// How long a fixed record is.
public enum RecordLayout: UInt16, Sendable, CaseIterable {
  /// Address, value and time step; no code address, source line or value beyond 8 bytes.
  case bytes24 = 24
  /// Everything that a trace holds; what one record has no room for is in an extra one.
  case bytes32 = 32

  var size: Int { Int(rawValue) }
  /// Offsets of the fields.
  var address: Int { self == .bytes32 ? 8 : 0 }
  var value: Int { self == .bytes32 ? 16 : 8 }
  var classNumber: Int { self == .bytes32 ? 28 : 20 }
  var operation: Int { self == .bytes32 ? 24 : 22 }
  var flags: Int { self == .bytes32 ? 30 : 23 }

  /// Bytes of a payload with its padding.
  func padded(_ count: Int) -> Int { (count + size - 1) / size * size }
}

/// What a 24-byte record cannot hold, and a conversion may be told to leave out.
public enum RecordField: String, Sendable, CaseIterable {
  /// Values of more than 8 bytes.
  case wideValue = "wide-value"
  case codeAddress = "pc"
  case sourceLine = "source-line"

  /// The columns that hold it.
  var columns: RecordClass.Columns {
    switch self {
    case .wideValue: [.value, .configValue]
    case .codeAddress: .codeAddress
    case .sourceLine: .line
    }
  }

  /// Name, severity and sentence of the counter.
  var counter: (name: String, meaning: String) {
    switch self {
    case .wideValue: ("wide_value_dropped", "values of more than 8 bytes, left out as asked")
    case .codeAddress: ("pc_dropped", "code addresses, left out as asked")
    case .sourceLine: ("source_line_dropped", "numbers of source lines, left out as asked")
    }
  }
}
