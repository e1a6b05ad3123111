/// What a trace says about itself besides its records.
///
/// Grows while the trace streams in.
public final class TraceContext {
  /// File name as shown in reports: the last path component, or `stdin`.
  public var name: String
  /// Path as the user gave it, for messages; nil where several inputs make one trace.
  public var path: String?
  /// Name of the input format: `native`, `csv`, `qemu-log`, ...; for a native trace, of what it
  /// was imported from.
  public var format: String
  public var regions = RegionTable()
  /// Texts that records refer to by index (``RecordClass/text``).
  public private(set) var strings: [String] = []
  private var stringIndex: [String: UInt32] = [:]
  /// Callers that the capture tells as text.
  public var callers = CallerTable()
  /// Configuration-space images from the map (`lspci -xxxx`), by function.
  public var configImages: [PCIFunction: [UInt8]] = [:]
  /// What was skipped, repaired or assumed.
  public var counters = TraceCounters()
  /// What this source cannot tell; sentences for the head of the report.
  public var blindSpots: [String] = []
  /// The whole trace's totals, known up front only from a native trace's footer.
  public var totals: TraceTotals?
  /// The capture holds barriers, though maybe not among the records of this part of it: the others
  /// need none assumed.
  public var holdsBarriers = false
  /// This is a part of a capture without its loads and config reads: that nothing was read says
  /// nothing.
  public var lacksReads = false
  /// Lines of records are those of what this was imported from, and not of the file itself.
  public var hasForeignLines = false
  /// SHA-256 of the input's bytes, in lower-case hex; set when the input has been read to its end.
  public var sha256: String?

  public init(name: String, format: String) {
    self.name = name
    self.format = format
  }

  /// The index of a text, added at first use; nil when 2^24 - 1 texts are held already.
  public func intern(_ text: String) -> UInt32? {
    if let known = stringIndex[text] { return known }
    guard strings.count < 0xff_ffff else { return nil }
    let index = UInt32(strings.count)
    strings.append(text)
    stringIndex[text] = index
    return index
  }
}

/// Counts over a whole trace, by kind of record.
public struct TraceTotals: Sendable, Equatable, Codable {
  public var records: UInt64 = 0
  public var stores: UInt64 = 0
  public var loads: UInt64 = 0
  public var barriers: UInt64 = 0
  public var configReads: UInt64 = 0
  public var configWrites: UInt64 = 0
  public var resets: UInt64 = 0
  public var lostRecords: UInt64 = 0
  /// Events that the source says it lost.
  public var lostEvents: UInt64 = 0
  public var marks: UInt64 = 0
  public var storeBytes: UInt64 = 0
  public var loadBytes: UInt64 = 0
  /// Records with a time stamp, a value, a stage-1 attribute, a code address.
  public var timed: UInt64 = 0
  public var withValue: UInt64 = 0
  public var withAttribute: UInt64 = 0
  public var withCodeAddress: UInt64 = 0
  /// `lost` records among ``withValue``, of which the number lost is no value; nil where nobody
  /// counted them, as in files of before.
  public var lostWithValue: UInt64?
  /// First and last time stamp in ns, in the order of the records.
  public var firstTime: UInt64?
  public var lastTime: UInt64?
  /// Smallest and largest time stamp in ns; nil without stamps, and as ``lostWithValue``.
  public var earliestTime: UInt64?
  public var latestTime: UInt64?
  /// vCPU numbers seen, ascending.
  public var vcpus: [UInt16] = []

  public init() {}

  /// Nothing that is counted now was not yet when these were.
  public var isComplete: Bool { lostWithValue != nil }
  /// Accesses with a value; losses too, unless the totals are complete.
  public var accessesWithValue: UInt64 { withValue - min(withValue, lostWithValue ?? 0) }

  /// The same, without what a footer of before does not have.
  public var withoutLaterCounts: TraceTotals {
    var totals = self
    (totals.lostWithValue, totals.earliestTime, totals.latestTime) = (nil, nil, nil)
    return totals
  }
}

/// One row of the table of everything that was skipped, repaired or assumed.
public struct TraceCounter: Sendable, Equatable, Codable {
  public enum Severity: String, Sendable, Codable {
    case info
    case dataLoss = "data-loss"
    case error
  }
  /// Stable name, lower case with underscores.
  public var name: String
  public var severity: Severity
  /// One sentence for the report.
  public var meaning: String
  public var count: UInt64
}

/// Named counters, in order of first use.
public struct TraceCounters: Sendable, Equatable, Codable {
  public private(set) var rows: [TraceCounter] = []

  public init() {}

  /// Adds to a counter, which stays at the largest number; a zero amount does nothing.
  public mutating func add(
    _ name: String, _ amount: UInt64 = 1, severity: TraceCounter.Severity = .info, meaning: String
  ) {
    guard amount > 0 else { return }
    if let row = rows.firstIndex(where: { $0.name == name }) {
      rows[row].count.addSaturating(amount)
    } else {
      rows.append(
        TraceCounter(name: name, severity: severity, meaning: meaning, count: amount))
    }
  }

  public subscript(name: String) -> UInt64 { rows.first { $0.name == name }?.count ?? 0 }
}
