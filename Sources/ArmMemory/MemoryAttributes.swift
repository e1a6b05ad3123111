/// Subtypes of Device memory, strongest first (Arm ARM DDI 0487, B2.10 "Device memory").
///
/// The raw value is the `dd` field of a MAIR attribute and MemAttr[1:0] of a stage-2 Device type.
public enum DeviceType: UInt8, Sendable, CaseIterable, Comparable {
  case nGnRnE, nGnRE, nGRE, gre

  /// A smaller value permits less: nG beats G, nR beats R, nE beats E.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// `nGnRE`, ...
  public var name: String {
    switch self {
    case .nGnRnE: "nGnRnE"
    case .nGnRE: "nGnRE"
    case .nGRE: "nGRE"
    case .gre: "GRE"
    }
  }
}

/// Cacheability of Normal memory, strongest first: NC beats WT beats WB.
public enum CachePolicy: UInt8, Sendable, CaseIterable, Comparable {
  case nonCacheable, writeThrough, writeBack

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// `NC`, `WT` or `WB`.
  public var name: String {
    switch self {
    case .nonCacheable: "NC"
    case .writeThrough: "WT"
    case .writeBack: "WB"
    }
  }
}

/// Inner or outer half of a Normal type: cacheability and allocation hints.
public struct CacheAttributes: Sendable, Equatable {
  public var policy: CachePolicy
  /// Hints; false where ``policy`` is non-cacheable.
  public var readAllocate: Bool
  public var writeAllocate: Bool
  public var transient: Bool

  public init(
    _ policy: CachePolicy, readAllocate: Bool = false, writeAllocate: Bool = false,
    transient: Bool = false
  ) {
    self.policy = policy
    self.readAllocate = policy != .nonCacheable && readAllocate
    self.writeAllocate = policy != .nonCacheable && writeAllocate
    self.transient = policy != .nonCacheable && transient
  }

  public static let nonCacheable = CacheAttributes(.nonCacheable)
  /// Read-allocate, write-allocate, non-transient.
  public static let writeBackAllocate = CacheAttributes(
    .writeBack, readAllocate: true, writeAllocate: true)

  /// `RWA`, `RA`, `WA` or `no-allocate`, with ` transient` where set; empty if non-cacheable.
  var hints: String {
    guard policy != .nonCacheable else { return "" }
    let allocation = (readAllocate ? "R" : "") + (writeAllocate ? "W" : "")
    return (allocation.isEmpty ? "no-allocate" : allocation + "A")
      + (transient ? " transient" : "")
  }
}

/// Memory attributes of one stage of translation, or of both combined.
///
/// Shareability is left out: MMIO is Device or Normal-NC here, hence Outer Shareable (Arm ARM
/// DDI 0487, Table D8-103).
public struct MemoryAttributes: Sendable, Equatable {
  /// Device subtype, or the two halves of a Normal type.
  public enum Kind: Sendable, Equatable {
    case device(DeviceType)
    case normal(inner: CacheAttributes, outer: CacheAttributes)
  }

  public var kind: Kind
  /// XS attribute (FEAT_XS): accesses may take long to complete.
  public var xs: Bool
  /// Allocation-tagged (FEAT_MTE2).
  public var tagged: Bool

  public init(_ kind: Kind, xs: Bool, tagged: Bool = false) {
    self.kind = kind
    self.xs = xs
    self.tagged = tagged
  }

  public var isDevice: Bool {
    if case .device = kind { true } else { false }
  }

  /// The type that the replay uses.
  ///
  /// Normal with NC in either half counts as Normal-NC, else with WT in either half as WT.
  public var memoryType: MemoryType {
    switch kind {
    case .device(.nGnRnE): .deviceNGnRnE
    case .device(.nGnRE): .deviceNGnRE
    case .device(.nGRE): .deviceNGRE
    case .device(.gre): .deviceGRE
    case .normal(let inner, let outer):
      switch min(inner.policy, outer.policy) {
      case .nonCacheable: .normalNC
      case .writeThrough: .normalWT
      case .writeBack: .normalWB
      }
    }
  }

  /// `Device-nGnRE`, `Normal iNC oNC`, `Normal iWB oWB RWA`, `Normal iNC oWB RA`, ...
  ///
  /// Differing hints stand at their half: `Normal iWT(RWA) oWB(RA transient)`. ` Tagged` and
  /// ` XS=0` follow where they say something: write-back in both halves is always XS=0.
  public var name: String {
    switch kind {
    case .device(let type): "Device-" + type.name + (xs ? "" : " XS=0")
    case .normal(let inner, let outer):
      "Normal " + Self.halves(inner, outer) + (tagged ? " Tagged" : "")
        + (xs || min(inner.policy, outer.policy) == .writeBack ? "" : " XS=0")
    }
  }

  private static func halves(_ inner: CacheAttributes, _ outer: CacheAttributes) -> String {
    let policies = ("i" + inner.policy.name, "o" + outer.policy.name)
    if inner.hints == outer.hints || outer.hints.isEmpty {
      return policies.0 + " " + policies.1 + (inner.hints.isEmpty ? "" : " " + inner.hints)
    }
    if inner.hints.isEmpty { return policies.0 + " " + policies.1 + " " + outer.hints }
    return policies.0 + "(" + inner.hints + ") " + policies.1 + "(" + outer.hints + ")"
  }
}
