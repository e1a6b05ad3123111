/// The memory types that the replay tells apart (Arm ARM DDI 0487, B2.10 and B2.11).
public enum MemoryType: UInt8, Sendable, CaseIterable, Codable, BitwiseCopyable {
  case deviceNGnRnE, deviceNGnRE, deviceNGRE, deviceGRE, normalNC, normalWT, normalWB

  /// The name used on the command line, in maps and in reports.
  public var name: String {
    switch self {
    case .deviceNGnRnE: "device-ngnrne"
    case .deviceNGnRE: "device-ngnre"
    case .deviceNGRE: "device-ngre"
    case .deviceGRE: "device-gre"
    case .normalNC: "normal-nc"
    case .normalWT: "normal-wt"
    case .normalWB: "normal-wb"
    }
  }

  /// The type with this name, or nil.
  public init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// The canonical MAIR attribute byte of the type (Arm ARM, MAIR_EL1).
  public var attributeByte: UInt8 {
    switch self {
    case .deviceNGnRnE: 0x00
    case .deviceNGnRE: 0x04
    case .deviceNGRE: 0x08
    case .deviceGRE: 0x0c
    case .normalNC: 0x44
    case .normalWT: 0xbb
    case .normalWB: 0xff
    }
  }

  public var isDevice: Bool { rawValue <= Self.deviceGRE.rawValue }

  /// Write-through or write-back: a cache may hold it.
  public var isCacheable: Bool { rawValue > Self.normalNC.rawValue }

  /// Stores may be merged before they leave the CPU: Device-GRE and Normal.
  ///
  /// Write-through and write-back are treated as Normal-NC: caches are outside this model.
  public var gathers: Bool { rawValue >= Self.deviceGRE.rawValue }
}
