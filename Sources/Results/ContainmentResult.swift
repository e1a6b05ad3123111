/// Who pays for a guest's access that its device fails; a later case is worse.
public enum ContainmentOutcome: UInt8, Sendable, CaseIterable, Comparable {
  /// The guest alone: wrong data, a lost store, an abort, at worst its end.
  case contained
  /// The device is gone until its link is up again, for whoever uses it; host and others go on.
  case deviceLost
  /// The host panics or its firmware takes it down, with every guest.
  case hostDown

  public var name: String {
    switch self {
    case .contained: "contained"
    case .deviceLost: "device lost"
    case .hostDown: "host down"
    }
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The places that a failed access passes, in this order.
public enum ContainmentStage: String, Sendable, CaseIterable {
  case device
  /// Error messages on the link, and what a port does about them.
  case link
  /// What the root complex or the bus answers to the CPU.
  case answer
  case exception
  /// The class that the RAS extension reports.
  case severity
  /// KVM and the host kernel, or firmware where it is first, on the exception.
  case host
  /// The same on the link's error message.
  case recovery
}

/// One step of a chain: what happens, and what says so.
public struct ContainmentStep: Sendable, Equatable {
  public var stage: ContainmentStage
  /// Name of the rule, unique: `answer.failed-read`.
  public var rule: String
  public var text: String
  /// Document and section, or kernel function.
  public var source: String

  public init(stage: ContainmentStage, rule: String, text: String, source: String) {
    self.stage = stage
    self.rule = rule
    self.text = text
    self.source = source
  }
}

/// One way that a failed access may go.
public struct ContainmentChain: Sendable, Equatable {
  public var steps: [ContainmentStep]
  public var outcome: ContainmentOutcome

  public init(steps: [ContainmentStep], outcome: ContainmentOutcome) {
    self.steps = steps
    self.outcome = outcome
  }
}

/// A failed access under one memory type.
public struct ContainmentCell: Sendable, Equatable {
  /// Effective memory type: `device-ngnre`.
  public var memoryType: String
  /// Every outcome that the platform's values and their ranges allow, best first; empty where the
  /// access or the fault does not exist.
  public var outcomes: [ContainmentOutcome]
  /// Under the platform's own values, without their ranges.
  public var chains: [ContainmentChain]
  /// Why there is no outcome.
  public var impossible: String?

  public init(
    memoryType: String, outcomes: [ContainmentOutcome], chains: [ContainmentChain],
    impossible: String? = nil
  ) {
    self.memoryType = memoryType
    self.outcomes = outcomes
    self.chains = chains
    self.impossible = impossible
  }

  /// Outcomes under the platform's own values, best first.
  public var ownOutcomes: [ContainmentOutcome] { Set(chains.map(\.outcome)).sorted() }

  /// `contained`; `contained (or host down)` where only other values in range allow the second; `-`
  /// where there is no such access.
  public var text: String {
    guard !outcomes.isEmpty else { return "-" }
    let own = ownOutcomes
    let others = outcomes.filter { !own.contains($0) }.map(\.name)
    return own.map(\.name).joined(separator: " or ")
      + (others.isEmpty ? "" : " (or \(others.joined(separator: " or ")))")
  }

  public var best: ContainmentOutcome? { outcomes.first }
  public var worst: ContainmentOutcome? { outcomes.last }
}

/// A kind of fault of a kind of access, under both mappings.
public struct ContainmentRow: Sendable, Equatable {
  public var platform: String
  /// `BAR`, or the name of a region that is no PCI window.
  public var place: String
  /// Names of the capture's regions that are meant, in order of first appearance; none without a
  /// capture.
  public var regions: [String] = []
  /// `ur`, `ca`, `timeout`, `poisoned`, `link-down`, `slave-error`.
  public var fault: String
  /// `read`, `speculative-read`, `write`.
  public var access: String
  /// Accesses of the capture that the fault may hit; nil without a capture, and for what is no
  /// access of the capture.
  public var accesses: UInt64?
  public var before: ContainmentCell
  public var after: ContainmentCell
  public var part: TypePart
  /// Dotted names of the platform's values in range that change an outcome.
  public var hangsOn: [String]

  public init(
    platform: String, place: String, fault: String, access: String, accesses: UInt64?,
    before: ContainmentCell, after: ContainmentCell, part: TypePart, hangsOn: [String]
  ) {
    self.platform = platform
    self.place = place
    self.fault = fault
    self.access = access
    self.accesses = accesses
    self.before = before
    self.after = after
    self.part = part
    self.hangsOn = hangsOn
  }
}

/// Whether the memory type plays a part in what becomes of a failed access.
///
/// A read that does not take place at all is as one that is contained, or where the link is down,
/// as one of which the CPU hears nothing.
public enum TypePart: String, Sendable, CaseIterable, Comparable {
  /// The same outcomes under every combination of the values in range.
  case none = "no"
  /// The same under the platform's own values, others where values in range are otherwise.
  case inRange = "in range"
  case yes

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Whether the memory type plays a part on a platform, and why.
public struct ContainmentVerdict: Sendable, Equatable {
  public var platform: String
  public var summary: String
  /// The most of its rows.
  public var part: TypePart
  /// Sentences.
  public var reasons: [String]
  /// Assumed values that the outcomes of some row hang on.
  public var hangsOn: [String]
  /// Combinations of values in range that were tried.
  public var combinations: Int
  /// Every value of the platform, sorted by key.
  public var settings: [Setting]

  public init(
    platform: String, summary: String, part: TypePart, reasons: [String], hangsOn: [String],
    combinations: Int, settings: [Setting]
  ) {
    self.platform = platform
    self.summary = summary
    self.part = part
    self.reasons = reasons
    self.hangsOn = hangsOn
    self.combinations = combinations
    self.settings = settings
  }
}

/// How many guest stores one failing memory write takes with it, in one region under one mapping.
public struct BlastRadius: Sendable, Equatable {
  public var region: String
  public var scenario: String
  /// Memory writes by the number of stores that they carry, ascending.
  public var writes: [(stores: Int, tlps: UInt64)]

  public init(region: String, scenario: String, writes: [(stores: Int, tlps: UInt64)]) {
    self.region = region
    self.scenario = scenario
    self.writes = writes
  }

  public var tlps: UInt64 { writes.reduce(0) { $0 + $1.tlps } }
  /// Stores, each counted once for each TLP that carries some of its bytes.
  public var storeParts: UInt64 { writes.reduce(0) { $0 + UInt64($1.stores) * $1.tlps } }
  public var largest: Int { writes.last?.stores ?? 0 }

  public static func == (left: Self, right: Self) -> Bool {
    left.region == right.region && left.scenario == right.scenario
      && left.writes.elementsEqual(right.writes) { $0 == $1 }
  }
}

/// The one access at which a fault is injected.
public struct FailedAccess: Sendable, Equatable {
  public var record: UInt64
  /// A store, a load.
  public var isStore: Bool
  public var region: String
  public var address: UInt64
  public var size: Int
  /// Scenario -> the stores of the TLPs that carry it, by record, ascending; empty for a load.
  public var companions: [(scenario: String, records: [UInt64])]

  public init(
    record: UInt64, isStore: Bool, region: String, address: UInt64, size: Int,
    companions: [(scenario: String, records: [UInt64])]
  ) {
    self.record = record
    self.isStore = isStore
    self.region = region
    self.address = address
    self.size = size
    self.companions = companions
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.record == right.record && left.isStore == right.isStore && left.region == right.region
      && left.address == right.address && left.size == right.size
      && left.companions.elementsEqual(right.companions) { $0 == $1 }
  }
}

/// What becomes of a guest's accesses that their device fails.
public struct ContainmentResult: Sendable, Equatable {
  /// Name, SHA-256 and records of the capture; nil for the matrix alone.
  public var trace: TraceIdentity?
  /// Names of the two mappings: policies, or memory types without a capture.
  public var before: String
  public var after: String
  /// By platform, place, fault and access.
  public var rows: [ContainmentRow]
  public var verdicts: [ContainmentVerdict]
  public var blast: [BlastRadius]
  public var failed: FailedAccess?
  /// Sentences about what was left out or taken for granted.
  public var notes: [String]

  public struct TraceIdentity: Sendable, Equatable {
    public var name: String
    public var sha256: String
    public var records: UInt64

    public init(name: String, sha256: String, records: UInt64) {
      self.name = name
      self.sha256 = sha256
      self.records = records
    }
  }

  public init(
    trace: TraceIdentity?, before: String, after: String, rows: [ContainmentRow],
    verdicts: [ContainmentVerdict], blast: [BlastRadius], failed: FailedAccess?, notes: [String]
  ) {
    self.trace = trace
    self.before = before
    self.after = after
    self.rows = rows
    self.verdicts = verdicts
    self.blast = blast
    self.failed = failed
    self.notes = notes
  }
}
