/// What one record of a trace is.
public enum Operation: UInt8, Sendable, CaseIterable, Codable, BitwiseCopyable {
  case store, load, barrier, configRead, configWrite, reset, lost, mark

  /// The word used in the canonical CSV's `op` column.
  public var name: String {
    switch self {
    case .store: "store"
    case .load: "load"
    case .barrier: "barrier"
    case .configRead: "config_read"
    case .configWrite: "config_write"
    case .reset: "reset"
    case .lost: "lost"
    case .mark: "mark"
    }
  }

  /// The operation with this canonical name, or nil.
  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// A load or a store.
  @inlinable public var isAccess: Bool { self == .store || self == .load }
  /// A configuration read or write.
  public var isConfig: Bool { self == .configRead || self == .configWrite }
}

/// Properties of a load or store that matter to ordering (Arm ARM DDI 0487, B2.3 and C3.2).
public struct AccessFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Store-release (STLR).
  @inlinable public static var release: AccessFlags { AccessFlags(rawValue: 1) }
  /// Load-acquire (LDAR, LDAPR).
  @inlinable public static var acquire: AccessFlags { AccessFlags(rawValue: 2) }
  /// Single-copy atomic 64-byte store (ST64B) or load (LD64B).
  @inlinable public static var single64: AccessFlags { AccessFlags(rawValue: 4) }
}

/// What orders accesses without being one: a barrier instruction with its shareability domain where
/// the capture knows it, or an acquire or release at memory that the capture does not record.
public struct Barrier: Hashable, Sendable {
  /// The instruction and its access type.
  ///
  /// `acquire`, `release` and `acquireRelease` are a load-acquire (LDAR; not LDAPR, which is not
  /// ordered behind a store-release), a store-release, and an atomic that is both, at memory that is
  /// not recorded: a lock in RAM (Arm ARM DDI 0487, B2.3 "Barrier-ordered-before").
  public enum Kind: UInt8, Sendable, CaseIterable {
    case dmbSY, dmbST, dmbLD, dsbSY, dsbST, dsbLD, isb, dgh, acquire, release, acquireRelease

    /// It has a shareability domain: DMB and DSB.
    public var hasDomain: Bool { rawValue < Self.isb.rawValue }

    /// The canonical name: `dmb.sy`, ..., `isb`, `dgh`, `acq`, `rel`, `acqrel`.
    public var name: String {
      switch self {
      case .dmbSY: "dmb.sy"
      case .dmbST: "dmb.st"
      case .dmbLD: "dmb.ld"
      case .dsbSY: "dsb.sy"
      case .dsbST: "dsb.st"
      case .dsbLD: "dsb.ld"
      case .isb: "isb"
      case .dgh: "dgh"
      case .acquire: "acq"
      case .release: "rel"
      case .acquireRelease: "acqrel"
      }
    }
  }

  /// The shareability domain of a DMB or DSB.
  public enum Domain: UInt8, Sendable, CaseIterable {
    /// Not recorded, or the full system.
    case unspecified
    case nonShareable, innerShareable, outerShareable

    /// The suffix after the second dot; empty where unspecified.
    public var name: String {
      switch self {
      case .unspecified: ""
      case .nonShareable: "nsh"
      case .innerShareable: "ish"
      case .outerShareable: "osh"
      }
    }
  }

  public var kind: Kind
  public var domain: Domain

  public init(_ kind: Kind, _ domain: Domain = .unspecified) {
    self.kind = kind
    self.domain = domain
  }

  /// One byte: kind in bits 3:0, domain in bits 5:4.
  @inlinable public var rawValue: UInt8 { kind.rawValue | domain.rawValue << 4 }

  /// Decodes ``rawValue``; nil for an undefined encoding.
  public init?(rawValue: UInt8) {
    guard let kind = Kind(rawValue: rawValue & 15),
      let domain = Domain(rawValue: rawValue >> 4)
    else { return nil }
    self.init(kind, domain)
  }

  /// `dmb.st.osh`: kind, then the domain where known.
  public var name: String {
    domain == .unspecified ? kind.name : kind.name + "." + domain.name
  }

  /// Parses ``name``; a trailing `.sy` domain means the full system.
  public init?(name: String) {
    for kind in Kind.allCases where name == kind.name || name.hasPrefix(kind.name + ".") {
      let suffix = name.dropFirst(kind.name.count).dropFirst()
      if name == kind.name || suffix == "sy" {
        self.init(kind)
        return
      }
      guard kind.hasDomain, !suffix.isEmpty,
        let domain = Domain.allCases.first(where: { $0.name == suffix })
      else { return nil }
      self.init(kind, domain)
      return
    }
    return nil
  }

  /// All pending stores of the vCPU leave before later stores (DMB ST/SY, DSB ST/SY).
  public var ordersStores: Bool {
    switch kind {
    case .dmbSY, .dmbST, .dsbSY, .dsbST: true
    case .dmbLD, .dsbLD, .isb, .dgh, .acquire, .release, .acquireRelease: false
    }
  }

  /// Earlier stores are ordered before later loads: DMB SY, or a DSB that waits for stores.
  public var ordersStoresBeforeLoads: Bool {
    switch kind {
    case .dmbSY, .dsbSY, .dsbST: true
    case .dmbST, .dmbLD, .dsbLD, .isb, .dgh, .acquire, .release, .acquireRelease: false
    }
  }

  /// Earlier loads are ordered before later accesses: DMB or DSB of LD or SY.
  public var ordersLoads: Bool {
    switch kind {
    case .dmbSY, .dmbLD, .dsbSY, .dsbLD: true
    case .dmbST, .dsbST, .isb, .dgh, .acquire, .release, .acquireRelease: false
    }
  }

  /// A load-acquire elsewhere.
  public var acquires: Bool { kind == .acquire || kind == .acquireRelease }

  /// A store-release elsewhere.
  public var releases: Bool { kind == .release || kind == .acquireRelease }

  /// A DSB of any access type.
  public var isDSB: Bool { kind == .dsbSY || kind == .dsbST || kind == .dsbLD }
}
