/// What became of one record of a trace, under each mapping: the evidence behind the counts.
public struct RecordStory: Sendable, Equatable {
  /// The trace's name.
  public var trace: String
  /// The record that is asked about.
  public var record: DescribedRecord
  /// One a scenario, in the order of the run.
  public var fates: [RecordFate]
  /// The other records that the fates name, by number.
  public var others: [UInt64: DescribedRecord]

  public init(
    trace: String, record: DescribedRecord, fates: [RecordFate],
    others: [UInt64: DescribedRecord]
  ) {
    self.trace = trace
    self.record = record
    self.fates = fates
    self.others = others
  }
}

/// A record as the capture has it.
public struct DescribedRecord: Sendable, Equatable {
  /// Where an access went.
  public struct Place: Sendable, Equatable {
    /// The first byte's address; of a config access its register.
    public var address: UInt64
    /// Bytes.
    public var size: Int
    /// The region that holds it, and the first byte's offset in it; nil where none does.
    public var region: String?
    public var offset: UInt64?

    public init(address: UInt64, size: Int, region: String?, offset: UInt64?) {
      self.address = address
      self.size = size
      self.region = region
      self.offset = offset
    }
  }

  /// Index in the trace.
  public var record: UInt64
  /// The canonical CSV's word: `store`, `barrier`, ...
  public var operation: String
  public var vcpu: UInt16
  /// nil of what is no access.
  public var place: Place?
  /// A barrier's or reset's kind, a mark's text, an access's flags, the function of a config access.
  public var detail: String
  /// Its stamp in ns, as recorded.
  public var timeNs: UInt64?
  /// Source line, from 1.
  public var line: UInt64?

  public init(
    record: UInt64, operation: String, vcpu: UInt16, place: Place?, detail: String,
    timeNs: UInt64?, line: UInt64?
  ) {
    self.record = record
    self.operation = operation
    self.vcpu = vcpu
    self.place = place
    self.detail = detail
    self.timeNs = timeNs
    self.line = line
  }
}

/// What became of a record under one scenario.
public struct RecordFate: Sendable, Equatable {
  /// The scenario's name, and the accessor assumption that it came to.
  public var scenario: String
  public var accessors: String
  /// nil of what is no access to memory.
  public var mapping: Mapping?
  /// In the order in which they came about.
  public var events: [Event]
  /// What the rules say of it; PRF001 and MAP002 are no record's own.
  public var findings: [Finding]

  public init(
    scenario: String, accessors: String, mapping: Mapping?, events: [Event],
    findings: [Finding] = []
  ) {
    self.scenario = scenario
    self.accessors = accessors
    self.mapping = mapping
    self.events = events
    self.findings = findings
  }

  /// The memory type of an access, and the two stages that it comes from, by name.
  public struct Mapping: Sendable, Equatable {
    public var effective: String
    public var stage1: String
    public var stage2: String

    public init(effective: String, stage1: String, stage2: String) {
      self.effective = effective
      self.stage1 = stage1
      self.stage2 = stage2
    }
  }

  public enum Event: Sendable, Equatable {
    /// The access faults, at the stage that made its location Device or in the guest; no bus access.
    case fault(stage: Int)
    /// Bytes of it, one behind the other, were still pending when another record wrote them again:
    /// they never leave.
    case overwritten(bytes: Int, address: UInt64, by: UInt64)
    /// A bus write of its own, which nothing gathers with.
    case write(address: UInt64, bytes: Int, tlps: [TLP])
    /// A gathered line left: one with bytes of it, or one that it made leave.
    case line(Line)
    /// A bus read: requests towards the device, completions back, and their wire bytes.
    case read(address: UInt64, bytes: Int, cost: RoundTrip)
    /// A config request and its completion.
    case config(register: UInt64, bytes: Int, cost: RoundTrip)
    /// A config access, or a notice, resets a function or changes what its MMIO meets: `flr`, ...
    case meaning(kind: String, function: String)
  }

  /// A memory write.
  public struct TLP: Sendable, Equatable {
    /// Of its first enabled byte.
    public var address: UInt64
    /// Enabled bytes, and all bytes that it is on the link.
    public var payloadBytes: Int
    public var wireBytes: UInt64

    public init(address: UInt64, payloadBytes: Int, wireBytes: UInt64) {
      self.address = address
      self.payloadBytes = payloadBytes
      self.wireBytes = wireBytes
    }
  }

  /// What goes to the device and comes back.
  public struct RoundTrip: Sendable, Equatable {
    public var requests: UInt64
    public var completions: UInt64
    public var downBytes: UInt64
    public var upBytes: UInt64

    public init(requests: UInt64, completions: UInt64, downBytes: UInt64, upBytes: UInt64) {
      self.requests = requests
      self.completions = completions
      self.downBytes = downBytes
      self.upBytes = upBytes
    }
  }

  /// A line that left.
  public struct Line: Sendable, Equatable {
    /// Bytes that one record wrote last.
    public struct Part: Sendable, Equatable {
      public var record: UInt64
      /// Bytes of the line, counted from 0, in runs.
      public var bytes: [ClosedRange<Int>]

      public init(record: UInt64, bytes: [ClosedRange<Int>]) {
        self.record = record
        self.bytes = bytes
      }
    }

    public var address: UInt64
    /// Bytes that it has, and those that were pending.
    public var size: Int
    public var pending: Int
    /// Who wrote them, in the order of their records.
    public var parts: [Part]
    public var cause: FlushCause
    /// The record at which it left; nil at the end of the trace.
    public var record: UInt64?
    public var tlps: [TLP]

    public init(
      address: UInt64, size: Int, pending: Int, parts: [Part], cause: FlushCause,
      record: UInt64?, tlps: [TLP]
    ) {
      self.address = address
      self.size = size
      self.pending = pending
      self.parts = parts
      self.cause = cause
      self.record = record
      self.tlps = tlps
    }
  }
}

extension RecordFate {
  /// The records that the events name.
  public var named: Set<UInt64> {
    var named: Set<UInt64> = []
    for event in events {
      switch event {
      case .overwritten(_, _, let record): named.insert(record)
      case .line(let line):
        named.formUnion(line.parts.map(\.record))
        if let record = line.record { named.insert(record) }
      case .fault, .write, .read, .config, .meaning: break
      }
    }
    for finding in findings {
      if let record = finding.earlierRecord { named.insert(record) }
    }
    return named
  }
}
