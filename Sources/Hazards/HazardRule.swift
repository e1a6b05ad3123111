public import Results

/// A way in which a mapping can go wrong, looked for over a whole trace.
///
/// One rule is one file in `Rules/` and one line in ``HazardRules``. Rules see incidents a block
/// at a time, so that their dispatch costs nothing per record.
public protocol HazardRule {
  /// `ORD001`, ...
  var code: String { get }
  /// What it finds, as a sentence without an end.
  var meaning: String { get }
  var severity: Finding.Severity { get }
  /// The rule that allows it, with its source.
  var rule: String { get }
  /// What to do about it.
  var advice: String { get }
  /// Kinds of trouble under the same code that another rule allows, or that want something else done.
  var others: [HazardKind] { get }
  /// It tells that something was not read: nothing where the capture's reads were left out.
  var needsReads: Bool { get }

  /// Looks at the incidents of one block.
  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene)

  /// What was found over the trace so far.
  func tallies() -> [HazardTally]

  /// Number of ``tallies()``; they keep their first records, so none is new while it stays.
  var tallyCount: Int { get }
}

extension HazardRule {
  public var others: [HazardKind] { [] }
  public var needsReads: Bool { false }
}

/// Trouble that a rule tells apart from what its own words are about.
public struct HazardKind: Sendable {
  /// What is found, without figures, as a sentence without an end.
  public var meaning: String
  /// What allows it, with its source; nil where the rule's own words hold.
  public var rule: String?
  /// What to do about it; nil where the rule's own words hold.
  public var advice: String?

  init(_ meaning: String, rule: String? = nil, advice: String? = nil) {
    self.meaning = meaning
    self.rule = rule
    self.advice = advice
  }
}

/// What a rule may ask about the records that its incidents come from.
public protocol HazardScene {
  /// The code address of a record of this block, or of the last one to write a line that was open
  /// when it began; nil where the capture has none.
  func codeAddress(ofRecord record: UInt64) -> UInt64?

  /// The accessor assumption that puts barriers around accesses; nil where only the capture's are.
  var barrierAssumption: String? { get }
}

/// One row that a rule reports: how often, where first, and in words.
public struct HazardTally {
  public var count: UInt64
  public var firstRecord: UInt64
  /// The record before it that it is in trouble with, where there is one.
  public var earlierRecord: UInt64?
  /// Index in the replay's table of regions.
  public var region: Int
  /// Of the first record.
  public var vcpu: UInt16
  /// Of all that are counted, in ascending order.
  public var vcpus: [UInt16]
  /// Sentence for the report; the region's name and the count stand beside it.
  public var message: String
  /// What all rows say that may be counted as one; the rule's own words where nil.
  public var kind: HazardKind?
  /// Overrides the rule's severity.
  public var severity: Finding.Severity?
  /// Code addresses that it comes from most often, and how often; they end the message.
  public var code: [(address: UInt64, count: UInt64)] = []

  /// - Parameters:
  ///   - row: What was counted in one region.
  ///   - message: Sentence for the report.
  ///   - kind: What it says without figures, where a rule tells several things apart.
  ///   - severity: Overrides the rule's.
  ///   - earlierRecord: The record that the first one is in trouble with.
  public init<Detail>(
    _ row: RegionTally<Detail>.Row, message: String, of kind: HazardKind? = nil,
    severity: Finding.Severity? = nil, earlierRecord: UInt64? = nil
  ) {
    count = row.count
    firstRecord = row.first.record
    region = Int(row.first.region)
    vcpu = row.first.vcpu
    vcpus = row.vcpus.sorted
    self.earlierRecord = earlierRecord
    self.message = message
    self.kind = kind
    self.severity = severity
  }
}

/// Counts of one kind of trouble by region, with the first record of each.
public struct RegionTally<Detail> {
  public struct Row {
    public var count: UInt64
    public var first: Incident
    public var vcpus = VCPUSet()
    public var detail: Detail
    /// Record of the last incident.
    fileprivate var last: UInt64?

    fileprivate init(count: UInt64, first: Incident, detail: Detail) {
      self.count = count
      self.first = first
      self.detail = detail
    }

    fileprivate mutating func take(
      _ incidents: some Collection<Incident>, count more: UInt64, update: (inout Detail) -> Void
    ) {
      count += more
      for incident in incidents {
        vcpus.insert(incident.vcpu)
        last = incident.record
      }
      update(&detail)
    }
  }

  public private(set) var rows: [Int32: Row] = [:]

  public init() {}

  /// Counts an incident; `detail` starts as given and may be updated through `update`.
  public mutating func add(
    _ incident: Incident, count: UInt64, detail: Detail, update: (inout Detail) -> Void = { _ in }
  ) {
    add(CollectionOfOne(incident), count: count, detail: detail, update: update)
  }

  /// Counts each incident once; neighbours of one region, which are common, at once.
  public mutating func add(each incidents: [Incident], detail: Detail) {
    var index = 0
    while index < incidents.count {
      let first = incidents[index]
      var end = index + 1
      while end < incidents.count, incidents[end].region == first.region { end += 1 }
      add(incidents[index..<end], count: UInt64(end - index), detail: detail)
      index = end
    }
  }

  /// Counts the records of incidents, each once in a region, however many vCPUs and functions had
  /// something under way there.
  public mutating func add(recordsOf incidents: [Incident], detail: Detail) {
    for incident in incidents {
      let isCounted = rows[incident.region]?.last == incident.record
      add(incident, count: isCounted ? 0 : 1, detail: detail)
    }
  }

  /// Counts incidents of one region.
  ///
  /// - Precondition: There is one at least.
  public mutating func add(
    _ incidents: some Collection<Incident>, count: UInt64, detail: Detail,
    update: (inout Detail) -> Void = { _ in }
  ) {
    guard let first = incidents.first else { preconditionFailure("incidents of one region") }
    let fresh = Row(count: 0, first: first, detail: detail)
    rows[first.region, default: fresh].take(incidents, count: count, update: update)
  }

  /// Rows in the order of their regions.
  public func sorted() -> [Row] {
    rows.values.sorted { $0.first.region < $1.first.region }
  }
}
