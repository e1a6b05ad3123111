/// `enum kvm_pgtable_prot`: what KVM asks of a page-table entry (Linux 6.9).
///
/// Before, there was no NORMAL_NC; the software bits 55 to 58 do not reach the attributes.
public struct KVMProtection: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let execute = KVMProtection(rawValue: 1 << 0)
  public static let write = KVMProtection(rawValue: 1 << 1)
  public static let read = KVMProtection(rawValue: 1 << 2)
  public static let device = KVMProtection(rawValue: 1 << 3)
  public static let normalNC = KVMProtection(rawValue: 1 << 4)

  /// MemAttr[3:0] that KVM writes for these flags.
  ///
  /// MT_S2_* with FWB=0 and MT_S2_FWB_* with FWB=1. Says nothing about whether the flags go
  /// together; see ``stage2SetProtAttr(_:fwb:)``.
  func memAttr(fwb: Bool) -> UInt8 {
    if contains(.device) { return 0x1 }
    if contains(.normalNC) { return 0x5 }
    return fwb ? 0x6 : 0xf
  }
}

extension KVMProtection {
  private static let flags: [(name: String, flag: KVMProtection)] = [
    ("r", .read), ("w", .write), ("x", .execute), ("device", .device), ("nc", .normalNC),
  ]

  /// The flags by name, in this order: `r w x device nc`.
  public static let flagNames = flags.map(\.name)

  /// All flags of ``flagNames`` that are set, joined by `+`; `0` for none.
  public var name: String {
    let names = Self.flags.filter { contains($0.flag) }.map(\.name)
    return names.isEmpty ? "0" : names.joined(separator: "+")
  }

  /// The flag with this name, or nil.
  public init?(flagName: some StringProtocol) {
    guard let flag = Self.flags.first(where: { $0.name == flagName })?.flag else { return nil }
    self = flag
  }
}
