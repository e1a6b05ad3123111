/// Stage 1 combined with stage 2: what a guest's access really uses.
///
/// By the architecture's pseudocode (Arm ARM DDI 0487: S2CombineS1MemAttrs for FWB=0,
/// AArch64.S2ApplyFWBMemAttrs for FWB=1), with FnXS=0, FEAT_XS and FEAT_MTE2 present,
/// FEAT_MTE_PERM absent. Controls that override the tables (SCTLR.C, HCR.CD, HCR.ID, stage 1 off)
/// are not modelled.
public enum StageCombination {
  /// Combined attributes, or which stage holds a reserved encoding.
  public struct Result: Sendable, Equatable {
    /// nil where an encoding is reserved.
    public var attributes: MemoryAttributes?
    /// The stage-1 byte is one of the 20 reserved ones.
    public var stage1Reserved: Bool
    /// The stage-2 field is reserved.
    public var stage2Reserved: Bool

    /// PAR_EL1.ATTR; nil where an encoding is reserved.
    public var parByte: UInt8? { attributes?.parByte }

    /// The type that the replay uses; nil where an encoding is reserved.
    public var memoryType: MemoryType? { attributes?.memoryType }

    /// Name of the type, or `RESERVED stage 1`, `RESERVED stage 2`, `RESERVED stages 1 and 2`.
    public var name: String {
      if let attributes { return attributes.name }
      if stage1Reserved && stage2Reserved { return "RESERVED stages 1 and 2" }
      return stage1Reserved ? "RESERVED stage 1" : "RESERVED stage 2"
    }
  }

  /// Combines the two encodings.
  ///
  /// - Parameters:
  ///   - stage1: MAIR attribute byte.
  ///   - stage2: MemAttr[3:0], 0 to 15.
  ///   - fwb: HCR_EL2.FWB.
  /// - Returns: The combined attributes; reserved encodings give none.
  /// - Precondition: `stage2` is below 16.
  public static func combine(stage1: UInt8, stage2: UInt8, fwb: Bool) -> Result {
    precondition(stage2 < 16, "MemAttr has four bits")
    let first = MemoryAttributes(mair: stage1)
    let second = Stage2Attribute(memAttr: stage2, fwb: fwb)
    var combined: MemoryAttributes?
    if let first, let second { combined = combine(first, second) }
    return Result(
      attributes: combined, stage1Reserved: first == nil, stage2Reserved: second == nil)
  }

  /// Combines decoded attributes.
  ///
  /// - Parameters:
  ///   - stage1: Attributes of stage 1.
  ///   - stage2: What stage 2 asks for.
  /// - Returns: The effective attributes.
  public static func combine(
    _ stage1: MemoryAttributes, _ stage2: Stage2Attribute
  ) -> MemoryAttributes {
    switch (stage2, stage1.kind) {
    case (.stage1, _), (.normal, .device), (.nonCacheableUnlessDevice, .device):
      return stage1
    case (.device(let second), .device(let first)):
      return MemoryAttributes(.device(min(first, second)), xs: stage1.xs)
    case (.device(let second), .normal):
      return MemoryAttributes(.device(second), xs: stage1.xs)
    case (.nonCacheableUnlessDevice, .normal):
      return MemoryAttributes(
        .normal(inner: .nonCacheable, outer: .nonCacheable), xs: stage1.xs)
    case (.normal(let inner, let outer), .normal(let inner1, let outer1)):
      return normal(
        limited(inner1, by: inner), limited(outer1, by: outer), from: stage1)
    case (.forceWriteBack, .device):
      return normal(.writeBackAllocate, .writeBackAllocate, from: stage1)
    case (.forceWriteBack, .normal(let inner, let outer)):
      return normal(forcedWriteBack(inner), forcedWriteBack(outer), from: stage1)
    }
  }

  /// A Normal result: write-back in both halves clears XS, and only there tags survive.
  private static func normal(
    _ inner: CacheAttributes, _ outer: CacheAttributes, from stage1: MemoryAttributes
  ) -> MemoryAttributes {
    let allWriteBack = inner.policy == .writeBack && outer.policy == .writeBack
    let tagged = stage1.tagged && inner == .writeBackAllocate && outer == .writeBackAllocate
    return MemoryAttributes(
      .normal(inner: inner, outer: outer), xs: stage1.xs && !allWriteBack, tagged: tagged)
  }

  /// The stronger policy; hints are stage 1's.
  private static func limited(_ half: CacheAttributes, by policy: CachePolicy) -> CacheAttributes {
    CacheAttributes(
      min(half.policy, policy), readAllocate: half.readAllocate,
      writeAllocate: half.writeAllocate, transient: half.transient)
  }

  /// Write-back with stage 1's hints where that half was cacheable, else read-write-allocate.
  private static func forcedWriteBack(_ half: CacheAttributes) -> CacheAttributes {
    guard half.policy != .nonCacheable else { return .writeBackAllocate }
    return CacheAttributes(
      .writeBack, readAllocate: half.readAllocate, writeAllocate: half.writeAllocate,
      transient: half.transient)
  }
}
