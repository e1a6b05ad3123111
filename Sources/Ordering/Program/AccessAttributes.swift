public import ArmMemory

/// The combined attributes of an access, as far as ordering and faults depend on them.
public struct AccessAttributes: Sendable, Equatable {
  public var memoryType: MemoryType
  /// XS attribute (FEAT_XS).
  public var xs: Bool
  /// The first stage that made the location Device, 1 or 2; nil for Normal.
  public var faultStage: Int?

  /// - Parameters:
  ///   - memoryType: Effective type.
  ///   - xs: XS attribute; true unless an encoding says otherwise.
  ///   - faultStage: First stage that made it Device; 1 is taken for Device types if nil.
  public init(_ memoryType: MemoryType, xs: Bool = true, faultStage: Int? = nil) {
    self.memoryType = memoryType
    self.xs = xs
    self.faultStage = memoryType.isDevice ? faultStage ?? 1 : nil
  }

  /// Combines two stages as the architecture does; nil where an encoding is reserved.
  ///
  /// - Parameters:
  ///   - stage1: MAIR attribute byte.
  ///   - stage2: MemAttr[3:0]; nil without a stage 2.
  ///   - fwb: HCR_EL2.FWB.
  public init?(stage1: UInt8, stage2: UInt8?, fwb: Bool) {
    guard let first = MemoryAttributes(mair: stage1) else { return nil }
    var combined = first
    if let stage2 {
      guard stage2 < 16, let second = Stage2Attribute(memAttr: stage2, fwb: fwb) else {
        return nil
      }
      combined = StageCombination.combine(first, second)
    }
    self.init(
      combined.memoryType, xs: combined.xs,
      faultStage: first.isDevice ? 1 : combined.isDevice ? 2 : nil)
  }
}
