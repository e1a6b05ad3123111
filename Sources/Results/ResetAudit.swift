import TraceCore

/// The resets of a trace, and whether the MMIO around each is ordered, scenario by scenario.
public struct ResetAudit: Sendable {
  public var trace: TraceResult
  /// Names of the scenarios, in order.
  public var scenarios: [String]
  /// The accessor assumption, and the profiles of CPU, root complex and link, that they have.
  public var accessors = ""
  public var profiles: [String] = []
  /// The capture holds barriers: where it has none, there was none.
  public var holdsBarriers = true
  /// What is taken of the host: one sentence each.
  public var host: [String]
  /// Those asked for, in the order of the trace.
  public var resets: ResetList
  /// Resets of the trace, asked for or not; those left out are not counted.
  public var total: Int
  /// Counts of ``resets``, one for each scenario.
  public var tallies: [ResetTally]
  /// Places in ``resets`` of the first that are not ordered under some scenario.
  public var notOrdered: [Int]
  /// Host values that some verdict hangs on, with the option that settles each.
  public var openValues: [ResetOpenValue]
  /// BAR sizings and the like, by name: how many.
  public var otherSequences: [(name: String, count: UInt64)]
  /// What may be resets and is not counted as such, or is so by an assumption: `16x: ...`.
  public var unrecognised: [String] {
    trace.counters.filter { $0.isOfMissingFact || $0.name.hasPrefix("config_masked") }
      .map { "\($0.name) \($0.count)x: \($0.meaning)" }
  }

  /// Resets left out, because there were too many.
  public var leftOut: UInt64
  /// Programs that the explorer was asked; it agreed with every row.
  public var explored: Int

  public init(
    trace: TraceResult, scenarios: [String], host: [String], resets: ResetList, total: Int,
    tallies: [ResetTally], notOrdered: [Int], openValues: [ResetOpenValue],
    otherSequences: [(name: String, count: UInt64)], leftOut: UInt64, explored: Int
  ) {
    self.trace = trace
    self.scenarios = scenarios
    self.host = host
    self.resets = resets
    self.total = total
    self.tallies = tallies
    self.notOrdered = notOrdered
    self.openValues = openValues
    self.otherSequences = otherSequences
    self.leftOut = leftOut
    self.explored = explored
  }
}

/// One reset.
public struct ResetEntry: Sendable, Equatable {
  /// A step of the sequence: its name, and where it was seen; nil = not.
  public struct Step: Sendable, Equatable {
    public var name: String
    public var first: UInt64?
    public var last: UInt64?
    public var count: UInt64

    public init(name: String, first: UInt64?, last: UInt64?, count: UInt64) {
      self.name = name
      self.first = first
      self.last = last
      self.count = count
    }
  }

  /// From 1.
  public var number: Int
  public var record: UInt64
  public var timeNs: UInt64
  public var vcpu: UInt16
  /// Function written: the one reset, or the port.
  public var function: String
  /// Functions with MMIO in the capture that it resets.
  public var functions: [String]
  /// `flr`, `sbr-assert`, ...
  public var kind: String
  /// `ecam`, `posted`, `trapped`, `vfio`.
  public var path: String
  public var isAtBridge: Bool
  /// Name, identifier and source of the sequence.
  public var method: String
  public var methodID: String
  public var methodSource: String
  /// First and last record of the sequence.
  public var first: UInt64
  public var last: UInt64
  public var steps: [Step]
  /// One for each scenario.
  public var verdicts: [ResetVerdict]
  /// Record of lost events, after which nothing is known of MMIO before the reset.
  public var hole: UInt64?
  /// The capture does not show the buses below the bridge: whom it resets is not known.
  public var mayResetOthers = false

  public init(
    number: Int, record: UInt64, timeNs: UInt64, vcpu: UInt16, function: String,
    functions: [String], kind: String, path: String, isAtBridge: Bool, method: String,
    methodID: String, methodSource: String, first: UInt64, last: UInt64, steps: [Step],
    verdicts: [ResetVerdict]
  ) {
    self.number = number
    self.record = record
    self.timeNs = timeNs
    self.vcpu = vcpu
    self.function = function
    self.functions = functions
    self.kind = kind
    self.path = path
    self.isAtBridge = isAtBridge
    self.method = method
    self.methodID = methodID
    self.methodSource = methodSource
    self.first = first
    self.last = last
    self.steps = steps
    self.verdicts = verdicts
  }
}

/// What is said of one reset under one scenario.
public struct ResetVerdict: Sendable, Equatable {
  /// `yes`, `no`, `host-dependent`, `not-shown`, `does-not-arise`.
  public enum Answer: String, Sendable, CaseIterable {
    case yes, no
    case hostDependent = "host-dependent"
    case notShown = "not-shown"
    case doesNotArise = "does-not-arise"
  }

  public var scenario: String
  public var before: Answer
  public var after: Answer
  /// The worse of the two.
  public var verdict: Answer
  /// Order before the reset by the mapping and PCIe alone: no barrier, no read, no unmap.
  public var natural: Answer
  public var gatheredBytes: Int
  public var deviations: [ResetDeviation]
  public var accesses: [ResetAccess]
  /// DMA and interrupts of before the reset; not part of the verdicts.
  public var upstream: ResetRow

  public init(
    scenario: String, before: Answer, after: Answer, verdict: Answer, natural: Answer,
    gatheredBytes: Int, deviations: [ResetDeviation], accesses: [ResetAccess], upstream: ResetRow
  ) {
    self.scenario = scenario
    self.before = before
    self.after = after
    self.verdict = verdict
    self.natural = natural
    self.gatheredBytes = gatheredBytes
    self.deviations = deviations
    self.accesses = accesses
    self.upstream = upstream
  }
}

/// Where a reset leaves the safe recipe.
public struct ResetDeviation: Sendable, Equatable {
  public var code: String
  public var detail: String
  public var risk: String

  public init(code: String, detail: String, risk: String) {
    self.code = code
    self.detail = detail
    self.risk = risk
  }
}

/// One access next to a reset.
public struct ResetAccess: Sendable, Equatable {
  /// `last-store`, `weakest-store`, `last-load`, `first-after`.
  public var role: String
  public var record: UInt64
  public var timeNs: UInt64
  public var vcpu: UInt16
  public var region: String
  public var isStore: Bool
  /// Name of its memory type.
  public var type: String
  public var verdict: ResetVerdict.Answer
  /// Host values that the verdict hangs on.
  public var hangsOn: [String]
  public var rows: [ResetRow]

  public init(
    role: String, record: UInt64, timeNs: UInt64, vcpu: UInt16, region: String, isStore: Bool,
    type: String, verdict: ResetVerdict.Answer, hangsOn: [String], rows: [ResetRow]
  ) {
    self.role = role
    self.record = record
    self.timeNs = timeNs
    self.vcpu = vcpu
    self.region = region
    self.isStore = isStore
    self.type = type
    self.verdict = verdict
    self.hangsOn = hangsOn
    self.rows = rows
  }
}

/// One segment of an access's way.
public struct ResetRow: Sendable, Equatable {
  public var segment: String
  public var answer: ResetVerdict.Answer
  /// Identifier of the rule; empty for nothing.
  public var rule: String
  public var source: String
  public var reason: String
  /// Why the explorer was not asked; nil where it was, and agreed.
  public var notExpressible: String?

  public init(
    segment: String, answer: ResetVerdict.Answer, rule: String, source: String, reason: String,
    notExpressible: String?
  ) {
    self.segment = segment
    self.answer = answer
    self.rule = rule
    self.source = source
    self.reason = reason
    self.notExpressible = notExpressible
  }
}
