/// How often patterns of accesses occur in a trace.
public struct Occurrences: Sendable, Equatable {
  /// The trace's name.
  public var trace: String
  public var records: UInt64
  /// The mapping policy and the accessor assumption that they were counted under.
  public var policy: String
  public var accessors: String
  /// In the order in which they were asked for.
  public var patterns: [PatternOccurrences]

  public init(
    trace: String, records: UInt64, policy: String, accessors: String,
    patterns: [PatternOccurrences]
  ) {
    self.trace = trace
    self.records = records
    self.policy = policy
    self.accessors = accessors
    self.patterns = patterns
  }
}

/// How often one pattern occurs.
public struct PatternOccurrences: Sendable, Equatable {
  /// Occurrences whose first access is one vCPU's, to one region.
  public struct Row: Sendable, Equatable {
    public var region: String
    public var vcpu: UInt16
    public var count: UInt64
    /// Index in the trace of the first occurrence's first record.
    public var firstRecord: UInt64
    /// Its source line, from 1; nil where the capture has none.
    public var firstLine: UInt64?

    public init(
      region: String, vcpu: UInt16, count: UInt64, firstRecord: UInt64, firstLine: UInt64?
    ) {
      self.region = region
      self.vcpu = vcpu
      self.count = count
      self.firstRecord = firstRecord
      self.firstLine = firstLine
    }
  }

  /// The program's name.
  public var pattern: String
  /// The pattern in words.
  public var summary: String
  /// By first record.
  public var rows: [Row]

  public init(pattern: String, summary: String, rows: [Row]) {
    self.pattern = pattern
    self.summary = summary
    self.rows = rows
  }

  /// Occurrences in all regions, on all vCPUs.
  public var total: UInt64 { rows.reduce(0) { $0 + $1.count } }
}
