internal import TraceCore

/// Numbers of the native trace format; see the article *The native trace*.
enum NativeFormat {
  /// Skippable zstd frames: the trace's first, one before every section, and the trace's last.
  static let headerMagic: UInt32 = 0x184d_2a50
  static let sectionMagic: UInt32 = 0x184d_2a51
  static let trailerMagic: UInt32 = 0x184d_2a52
  /// Readers refuse another major version.
  static let majorVersion: UInt16 = 1
  static let minorVersion: UInt16 = 0

  /// Bytes of the trailer, its frame header included.
  static let trailerSize = 24
  /// Largest payload of a header or section frame that a reader looks at.
  static let frameLimit = 4096
  /// Largest JSON text.
  static let documentLimit = 64 << 20
  /// Largest table of blocks.
  static let tableLimit = 256 << 20

  /// What a zstd frame of a section holds.
  enum Part: UInt32 {
    case runs = 1
    case times, configValues, values, codeAddresses, lines
    case document = 16
    case blockTable = 17

    /// Most bytes that this part of a section of `records` records can need.
    func limit(records: Int) -> Int {
      switch self {
      case .runs: RunColumn.headSize + Block.classLimit * RunColumn.classSize + 13 * records
      case .times, .lines: DeltaColumn.headSize + 11 * records
      case .configValues, .values: 64 * records
      case .codeAddresses: AddressColumn.headSize + 16 * records
      case .document: NativeFormat.documentLimit
      case .blockTable: NativeFormat.tableLimit
      }
    }
  }
}
