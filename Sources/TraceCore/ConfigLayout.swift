/// How memory-mapped configuration space is laid out.
public enum ConfigLayout: String, Sendable, Codable, CaseIterable {
  /// 4 KiB a function, 1 MiB a bus (PCIe Base 5.0, section 7.2.2).
  case ecam
  /// 256 bytes a function, 64 KiB a bus: no extended registers (Linux `pci-ecam.h`).
  case cam

  /// Bytes of one function; a bus has 256 times as many.
  public var bytesPerFunction: UInt64 {
    switch self {
    case .ecam: 4096
    case .cam: 256
    }
  }
}
