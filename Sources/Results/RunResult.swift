public import TraceCore

/// A profile value as used by a scenario.
public struct Setting: Sendable, Equatable {
  public enum Value: Sendable, Equatable {
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    case text(String)
  }
  /// Whether a value is known, and how.
  public enum Status: String, Sendable, CaseIterable { case specified, measured, assumed, user }

  /// Dotted name: `cpu.buffers`.
  public var key: String
  public var value: Value
  /// `ns`, `bytes`, ...; empty for a pure number, word or flag.
  public var unit: String
  /// Document and section, measurement, or `--set`.
  public var source: String
  public var status: Status
  /// What else the value may be: the ends of a range of numbers, or other words or flags; empty
  /// where it is taken as certain.
  public var range: [Value] = []

  /// Key of the accessor assumption, which is no profile value, where it takes the place of one.
  public static let accessorsKey = "accessors"

  public init(key: String, value: Value, unit: String, source: String, status: Status) {
    self.key = key
    self.value = value
    self.unit = unit
    self.source = source
    self.status = status
  }
}

extension Setting.Value {
  /// The value as it is written in a profile: `64`, `0.5`, `true`, `lru`.
  public var text: String {
    switch self {
    case .integer(let number): String(number)
    case .number(let number): number.description
    case .flag(let flag): String(flag)
    case .text(let text): text
    }
  }
}

/// One region under one scenario.
public struct RegionResult: Sendable, Equatable {
  public var region: Region
  /// Names of memory types; `mixed` where accesses differ, `none` without a stage 2, `-` for a
  /// row of config accesses.
  public var stage1: String
  /// Where the stage-1 type comes from: `option`, `map`, `access`, `default`.
  public var stage1Source: String
  public var stage2: String
  public var effective: String
  public var metrics: Metrics

  public init(
    region: Region, stage1: String, stage1Source: String, stage2: String, effective: String,
    metrics: Metrics
  ) {
    self.region = region
    self.stage1 = stage1
    self.stage1Source = stage1Source
    self.stage2 = stage2
    self.effective = effective
    self.metrics = metrics
  }
}

/// One mapping policy with one set of profiles, applied to the whole trace.
public struct ScenarioResult: Sendable, Equatable {
  /// Unique in a run; the policy's name.
  public var name: String
  public var policy: String
  public var fwb: Bool
  /// The accessor assumption in force, never `auto`.
  public var accessors: String
  /// Names of the profiles, and the link as written.
  public var cpu: String
  public var rootComplex: String
  public var link: String
  public var device = ""
  /// How config accesses are taken: `auto`, or what `--config-path` says.
  public var configPath = "auto"
  /// `both`, `saturated` or `paced`: the clocks that were run.
  public var clocks: String
  public var settings: [Setting]
  public var totals: Metrics
  /// In the trace's order of first appearance; regions without any access are left out.
  public var regions: [RegionResult]
  /// How busy the link was, under each clock that was run.
  public var saturatedUse = LinkUse()
  public var pacedUse = LinkUse()

  public init(
    name: String, policy: String, fwb: Bool, accessors: String, cpu: String, rootComplex: String,
    link: String, clocks: String, settings: [Setting], totals: Metrics, regions: [RegionResult]
  ) {
    self.name = name
    self.policy = policy
    self.fwb = fwb
    self.accessors = accessors
    self.cpu = cpu
    self.rootComplex = rootComplex
    self.link = link
    self.clocks = clocks
    self.settings = settings
    self.totals = totals
    self.regions = regions
  }
}

/// What could go wrong, collected over one scenario: one row per code and region.
public struct Finding: Sendable, Equatable {
  /// The worst first.
  public enum Severity: String, Sendable, CaseIterable, Comparable {
    case error, warning, note

    /// 0 is the worst.
    public var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// A severity is less than a worse one.
    public static func < (left: Self, right: Self) -> Bool { left.rank > right.rank }
  }
  /// `ORD001`, ...
  public var code: String
  public var severity: Severity
  /// Name of the scenario.
  public var scenario: String
  public var count: UInt64
  /// Index of the first record concerned, from 0.
  public var firstRecord: UInt64
  /// Index of the record before it that it is in trouble with, where there is one.
  public var earlierRecord: UInt64?
  /// Its line in the source, from 1, where the capture is text.
  public var firstLine: UInt64?
  /// Name of the region.
  public var region: String?
  /// The region's number in the replay, which tells those of one name apart.
  public var regionNumber: Int?
  /// Of the first record.
  public var vcpu: UInt16?
  /// Of all that are counted, in ascending order; empty where no more is known than ``vcpu``.
  public var vcpus: [UInt16] = []
  /// Who made the first record's access: the callers' names or a code address, as far as the
  /// capture tells.
  public var caller: String?
  /// The register that the first record's access hit, where the map names it.
  public var register: String?
  /// The mark that the first record stands behind; nil before the first.
  public var section: String?
  public var message: String
  /// What its rule finds, as a sentence without an end; empty where it is not known.
  public var meaning = ""
  /// What the message says without figures, the same for all findings that may be counted as one;
  /// empty where it is not known.
  public var kind = ""
  /// The rule that allows it, with its source.
  public var rule: String
  /// What to do about it.
  public var advice: String

  public init(
    code: String, severity: Severity, scenario: String, count: UInt64, firstRecord: UInt64,
    firstLine: UInt64?, region: String?, vcpu: UInt16?, message: String, rule: String,
    advice: String, earlierRecord: UInt64? = nil
  ) {
    self.earlierRecord = earlierRecord
    self.code = code
    self.severity = severity
    self.scenario = scenario
    self.count = count
    self.firstRecord = firstRecord
    self.firstLine = firstLine
    self.region = region
    self.vcpu = vcpu
    self.message = message
    self.rule = rule
    self.advice = advice
  }
}

/// The trace that a result is about.
public struct TraceResult: Sendable, Equatable {
  public var name: String
  public var sha256: String
  public var records: UInt64
  public var format: String
  /// Events that the source says it lost.
  public var lost: UInt64
  /// The capture's stamp, in ns, that times of results count from; nil without stamps.
  public var firstTimeNs: UInt64?
  /// What the capture cannot tell and what was assumed for it; sentences.
  public var assumptions: [String]
  /// What was skipped or repaired.
  public var counters: [TraceCounter]
  /// The parts between the capture's marks; empty where it has none.
  public var sections: [TraceSection] = []
  /// Resets that config accesses make, or the capture reports, by kind.
  public var resets: [ResetCount] = []
  /// Path as the user gave it; nil where several inputs make one trace.
  public var path: String?
  /// Lines of findings are lines of this file, and not of what it was imported from.
  public var hasOwnLines = true

  public init(
    name: String, sha256: String, records: UInt64, format: String, lost: UInt64,
    assumptions: [String], counters: [TraceCounter]
  ) {
    self.name = name
    self.sha256 = sha256
    self.records = records
    self.format = format
    self.lost = lost
    self.assumptions = assumptions
    self.counters = counters
  }

  /// A filter left records out for this run.
  public var isFiltered: Bool { counters.contains { $0.name == "filtered_out" } }
}

/// The scenarios of a run again, with some settings at other values of their ranges.
///
/// Only the saturated clock is run, and neither latencies nor what the time went into are kept.
public struct Variation: Sendable, Equatable {
  /// The settings that differ from the run's, with the values that they have here.
  public var changes: [Setting]
  /// As in ``RunResult/scenarios``, same order.
  public var scenarios: [ScenarioResult]

  public init(changes: [Setting], scenarios: [ScenarioResult]) {
    self.changes = changes
    self.scenarios = scenarios
  }
}

/// Everything a report is made of: a function of input and options only.
public struct RunResult: Sendable, Equatable {
  public static let schemaVersion = 1
  public var trace: TraceResult
  /// One, or two to be compared: before, after.
  public var scenarios: [ScenarioResult]
  public var findings: [Finding]
  /// The same scenarios under other values of the settings that have a range.
  public var variations: [Variation] = []

  public init(trace: TraceResult, scenarios: [ScenarioResult], findings: [Finding]) {
    self.trace = trace
    self.scenarios = scenarios
    self.findings = findings
  }
}

extension TraceCounter {
  /// It counts what would have another meaning, or any, if the capture showed more of config space.
  public var isOfMissingFact: Bool {
    name.hasPrefix("config_unknown") || name.hasPrefix("config_assumed")
  }
}

/// How many resets of one kind a trace has.
public struct ResetCount: Sendable, Equatable {
  /// `flr`, `sbr-assert`, ...
  public var kind: String
  public var count: UInt64

  public init(kind: String, count: UInt64) {
    self.kind = kind
    self.count = count
  }
}
