/// Predicted memory requests beside those that a protocol analyzer saw.
public struct MatchResult: Sendable, Equatable {
  /// A number of TLPs of each list.
  public struct Sides: Sendable, Equatable {
    public var predicted: UInt64 = 0
    public var observed: UInt64 = 0

    public init() {}
  }

  /// What became of the requests of a region, or of all.
  ///
  /// Every predicted one is in one of ``agree``, ``splitOtherwise``, ``otherBytes`` and
  /// ``predictedOnly``, every observed one in one of the first three and ``observedOnly``.
  public struct Counts: Sendable, Equatable {
    public var compared = Sides()
    /// Pairs of one of each list: the same address, length and byte enables.
    public var agree: UInt64 = 0
    /// Those of ``agree`` whose observed TLP comes behind one that is predicted later, and agrees.
    public var reordered: UInt64 = 0
    /// The same bytes of a line in other TLPs.
    public var splitOtherwise = Sides()
    /// What is left where both lists had something in the line.
    public var otherBytes = Sides()
    /// What is left where the other list had nothing in the line.
    public var predictedOnly: UInt64 = 0
    public var observedOnly: UInt64 = 0

    public init() {}

    /// Adds those of another region.
    public mutating func add(_ other: Counts) {
      for path in [\Counts.compared, \.splitOtherwise, \.otherBytes] {
        self[keyPath: path].predicted += other[keyPath: path].predicted
        self[keyPath: path].observed += other[keyPath: path].observed
      }
      for path in [\Counts.agree, \.reordered, \.predictedOnly, \.observedOnly] {
        self[keyPath: path] += other[keyPath: path]
      }
    }
  }

  public struct Region: Sendable, Equatable {
    public var name: String
    public var counts: Counts

    public init(name: String, counts: Counts) {
      self.name = name
      self.counts = counts
    }
  }

  /// Memory writes of one payload size in bytes.
  public struct Size: Sendable, Equatable {
    public var payloadBytes: Int
    public var writes: Sides

    public init(payloadBytes: Int, writes: Sides) {
      self.payloadBytes = payloadBytes
      self.writes = writes
    }
  }

  /// A memory request, as far as it is compared.
  public struct Request: Sendable, Hashable {
    public var isWrite: Bool
    /// Of its first DW, in bytes.
    public var address: UInt64
    /// The Length field, 1 to 1024.
    public var dwords: Int
    /// First and Last DW BE, bit 0 the lowest address.
    public var firstEnables: UInt8
    public var lastEnables: UInt8

    public init(
      isWrite: Bool, address: UInt64, dwords: Int, firstEnables: UInt8, lastEnables: UInt8
    ) {
      self.isWrite = isWrite
      self.address = address
      self.dwords = dwords
      self.firstEnables = firstEnables
      self.lastEnables = lastEnables
    }
  }

  /// A predicted request and where it comes from; see ``Packet``.
  public struct Predicted: Sendable, Equatable {
    public var number: UInt64
    public var request: Request
    public var records: [ClosedRange<UInt64>]
    public var cause: FlushCause?

    public init(
      number: UInt64, request: Request, records: [ClosedRange<UInt64>], cause: FlushCause?
    ) {
      self.number = number
      self.request = request
      self.records = records
      self.cause = cause
    }
  }

  /// An observed request and where it stands, by the addresses of its list.
  public struct Observed: Sendable, Equatable {
    /// Line of the list, from 1.
    public var line: UInt64
    /// What the list calls it; nil where it does not.
    public var tlp: String?
    public var request: Request
    /// The analyzer's time, in ps; nil where it is not told.
    public var timePs: UInt64?

    public init(line: UInt64, tlp: String?, request: Request, timePs: UInt64?) {
      self.line = line
      self.tlp = tlp
      self.request = request
      self.timePs = timePs
    }
  }

  /// Requests that do not agree.
  public struct Difference: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
      case splitOtherwise = "split_otherwise"
      case otherBytes = "other_bytes"
      case predictedOnly = "predicted_only"
      case observedOnly = "observed_only"
    }

    public var kind: Kind
    public var region: String
    /// Of a split all; of other bytes the one that is left, and the first in its line of the other
    /// list.
    public var predicted: [Predicted]
    public var observed: [Observed]

    public init(kind: Kind, region: String, predicted: [Predicted], observed: [Observed]) {
      self.kind = kind
      self.region = region
      self.predicted = predicted
      self.observed = observed
    }
  }

  /// TLPs that are not compared.
  public struct Other: Sendable, Equatable {
    /// Their type, and what keeps it from being compared: `CplD`, `upstream MWr64`.
    public var name: String
    public var tlps: Sides

    public init(name: String, tlps: Sides) {
      self.name = name
      self.tlps = tlps
    }
  }

  /// A region that the observed list has elsewhere than the trace.
  public struct Moved: Sendable, Equatable {
    public var region: String
    /// Its first address in the list.
    public var base: UInt64

    public init(region: String, base: UInt64) {
      self.region = region
      self.base = base
    }
  }

  /// From the first to the last TLP that agrees, in ps.
  public struct Durations: Sendable, Equatable {
    public var observedPs: UInt64?
    /// By the saturated clock; nil where it is not run.
    public var saturatedPs: UInt64?
    public var pacedPs: UInt64?

    public init() {}
  }

  /// Name of the trace, for reports.
  public var trace: String
  /// Path of the observed list, as the user gave it.
  public var observed: String
  /// Name of the scenario.
  public var scenario: String
  /// The accessor assumption.
  public var accessors: String
  /// TLPs of the other list among which one is looked for.
  public var window: Int
  /// Bytes of a line.
  public var lineBytes: Int
  /// The observed list tells byte enables; where it does not, both lists count whole DWs.
  public var hasEnables: Bool
  public var totals: Counts
  /// In the order of the trace's, those without a request left out.
  public var regions: [Region]
  /// Ascending.
  public var sizes: [Size]
  /// The first of each kind, in the order in which they were found.
  public var differences: [Difference]
  /// By name.
  public var others: [Other]
  /// Columns of the observed list that say nothing here.
  public var ignoredColumns: [String]
  /// nil where the list has no times, or nothing agrees.
  public var durations: Durations?
  /// By name.
  public var moved: [Moved]
  /// Names of regions in which requests were predicted, and whose base only the importer chose.
  public var assumedBases: [String]

  public init(
    trace: String, observed: String, scenario: String, accessors: String, window: Int,
    lineBytes: Int, hasEnables: Bool
  ) {
    self.trace = trace
    self.observed = observed
    self.scenario = scenario
    self.accessors = accessors
    self.window = window
    self.lineBytes = lineBytes
    self.hasEnables = hasEnables
    totals = Counts()
    regions = []
    sizes = []
    differences = []
    others = []
    ignoredColumns = []
    moved = []
    assumedBases = []
  }
}
