/// What a TLP is: the kinds that programmed I/O makes, each with its header's encodings.
///
/// Left out: I/O requests, messages, locked reads, Deferrable Memory Writes, prefixes and UIO.
public enum TLPType: UInt8, Sendable, CaseIterable {
  case memoryRead32, memoryRead64, memoryWrite32, memoryWrite64
  case configRead0, configRead1, configWrite0, configWrite1
  case completion, completionWithData
  case fetchAdd32, fetchAdd64, swap32, swap64, compareAndSwap32, compareAndSwap64

  /// Byte 0 of a non-flit header: Fmt in bits 7:5, Type in bits 4:0 (PCI Express Base Specification
  /// 5.0, section 2.2.1, tables of Fmt and Type encodings).
  public var formatAndType: UInt8 {
    switch self {
    case .memoryRead32: 0b000_00000
    case .memoryRead64: 0b001_00000
    case .memoryWrite32: 0b010_00000
    case .memoryWrite64: 0b011_00000
    case .configRead0: 0b000_00100
    case .configRead1: 0b000_00101
    case .configWrite0: 0b010_00100
    case .configWrite1: 0b010_00101
    case .completion: 0b000_01010
    case .completionWithData: 0b010_01010
    case .fetchAdd32: 0b010_01100
    case .fetchAdd64: 0b011_01100
    case .swap32: 0b010_01101
    case .swap64: 0b011_01101
    case .compareAndSwap32: 0b010_01110
    case .compareAndSwap64: 0b011_01110
    }
  }

  /// Type[7:0] of a flit-mode header (PCI Express Base Specification 6.0, section 2.2.1.2, table of
  /// flit-mode Type encodings).
  ///
  /// The same byte as ``formatAndType``, but for a memory read below 4 GiB: a byte of 0 is a NOP in
  /// flit mode.
  public var flitType: UInt8 { self == .memoryRead32 ? 0b0000_0011 : formatAndType }

  /// Data follow the header: Fmt[1].
  public var hasData: Bool { formatAndType & 0b010_00000 != 0 }

  /// DWs of the header, in flit mode of the header base: 3 or 4, by Fmt[0].
  public var headerDwords: Int { formatAndType & 0b001_00000 == 0 ? 3 : 4 }

  /// The credits it takes.
  public var pool: CreditPool {
    switch self {
    case .memoryWrite32, .memoryWrite64: .posted
    case .completion, .completionWithData: .completion
    default: .nonPosted
    }
  }

  /// A configuration request: ID-routed, one DW, traffic class 0, no attributes.
  public var isConfig: Bool { Self.configRead0.rawValue...Self.configWrite1.rawValue ~= rawValue }

  /// FetchAdd, Swap or CAS.
  public var isAtomic: Bool { rawValue >= Self.fetchAdd32.rawValue }

  /// Cpl or CplD.
  public var isCompletion: Bool { pool == .completion }

  /// The specification's name; with the address's bits where there are two forms: `MWr64`.
  public var name: String {
    switch self {
    case .memoryRead32: "MRd32"
    case .memoryRead64: "MRd64"
    case .memoryWrite32: "MWr32"
    case .memoryWrite64: "MWr64"
    case .configRead0: "CfgRd0"
    case .configRead1: "CfgRd1"
    case .configWrite0: "CfgWr0"
    case .configWrite1: "CfgWr1"
    case .completion: "Cpl"
    case .completionWithData: "CplD"
    case .fetchAdd32: "FetchAdd32"
    case .fetchAdd64: "FetchAdd64"
    case .swap32: "Swap32"
    case .swap64: "Swap64"
    case .compareAndSwap32: "CAS32"
    case .compareAndSwap64: "CAS64"
    }
  }
}

/// Which of a virtual channel's flow control credits a TLP takes.
public enum CreditPool: Sendable, CaseIterable {
  case posted, nonPosted, completion

  /// `P`, `NP` or `CPL`, before the `H` of headers and the `D` of data.
  public var name: String {
    switch self {
    case .posted: "P"
    case .nonPosted: "NP"
    case .completion: "CPL"
    }
  }
}
