public enum KVMPolicy: String, Sendable, CaseIterable {
  case kvmDevice = "kvm-device"
  case kvmNormalNC = "kvm-normal-nc"
  case none
}

public struct EffectiveType {
  public var memoryType: MemoryType
  public var faultStage: Int
  public var stage2Name: String
  public var isReserved: Bool
  public static func name(ofStage1 byte: UInt8) -> String { type(byte).name }
  static func type(_ byte: UInt8) -> MemoryType {
    switch byte {
    case 0x00: .deviceNGnRnE
    case 0x04: .deviceNGnRE
    case 0x08: .deviceNGRE
    case 0x0c: .deviceGRE
    case 0x44: .normalNC
    case 0xbb: .normalWT
    default: .normalWB
    }
  }
  public static func resolve(stage1Byte: UInt8, policy: KVMPolicy, vfioEligible: Bool, fwb: Bool)
    -> EffectiveType
  {
    let s1 = type(stage1Byte)
    let s2: MemoryType? =
      policy == .none ? nil : policy == .kvmNormalNC && vfioEligible ? .normalNC : .deviceNGnRE
    let result = s2.map { $0.rawValue < s1.rawValue ? $0 : s1 } ?? s1
    return EffectiveType(
      memoryType: result, faultStage: result.isDevice ? (s1.isDevice ? 1 : 2) : 0,
      stage2Name: s2?.name ?? "none", isReserved: false)
  }
}
