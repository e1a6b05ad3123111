/// What a stage-2 MemAttr[3:0] asks for.
///
/// Arm ARM DDI 0487, Tables D8-96 (FWB=0), D8-100 and D8-101 (FWB=1), FEAT_MTE_PERM absent.
public enum Stage2Attribute: Sendable, Equatable {
  /// Device; combined with a stage-1 Device type, the stronger wins.
  case device(DeviceType)
  /// FWB=0: cacheability to be combined with stage 1's, each half alone.
  case normal(inner: CachePolicy, outer: CachePolicy)
  /// FWB=1, 0101: any Normal type becomes Normal-NC; Device is kept.
  case nonCacheableUnlessDevice
  /// FWB=1, x110: Normal write-back whatever stage 1 says.
  case forceWriteBack
  /// FWB=1, x111: stage 1's attributes.
  case stage1

  /// Decodes the field; nil for a reserved encoding.
  ///
  /// FWB=1: 1110 and 1111 act as 0110 and 0111; their NoTagAccess is not visible without
  /// FEAT_MTE_PERM. 10xx and 110x, in which bit 3 would have to be ignored, count as reserved.
  ///
  /// - Parameters:
  ///   - memAttr: Descriptor bits 5:2; 0 to 15.
  ///   - fwb: HCR_EL2.FWB (FEAT_S2FWB).
  public init?(memAttr: UInt8, fwb: Bool) {
    let decoded = fwb ? Self.forced(memAttr) : Self.combining(memAttr)
    guard let decoded else { return nil }
    self = decoded
  }

  private static func combining(_ memAttr: UInt8) -> Self? {
    if memAttr < 4 { return DeviceType(rawValue: memAttr).map { .device($0) } }
    guard let outer = policy(memAttr >> 2), let inner = policy(memAttr & 3) else { return nil }
    return .normal(inner: inner, outer: outer)
  }

  private static func policy(_ bits: UInt8) -> CachePolicy? {
    bits == 0 ? nil : CachePolicy(rawValue: bits - 1)
  }

  private static func forced(_ memAttr: UInt8) -> Self? {
    switch memAttr {
    case 0...3: DeviceType(rawValue: memAttr).map { .device($0) }
    case 0b0101: .nonCacheableUnlessDevice
    case 0b0110, 0b1110: .forceWriteBack
    case 0b0111, 0b1111: .stage1
    default: nil
    }
  }

  /// `Device-nGnRE`, `Normal iNC oNC`, `Normal-NC unless stage 1 is Device`, ...
  public var name: String {
    switch self {
    case .device(let type): "Device-" + type.name
    case .normal(let inner, let outer): "Normal i" + inner.name + " o" + outer.name
    case .nonCacheableUnlessDevice: "Normal-NC unless stage 1 is Device"
    case .forceWriteBack: "Normal write-back forced"
    case .stage1: "stage 1 unchanged"
    }
  }
}
