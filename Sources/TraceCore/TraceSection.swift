/// The records from one of a capture's marks up to the next.
public struct TraceSection: Sendable, Equatable {
  /// Text of the mark; nil of the records in front of the first one.
  public var mark: String?
  /// Index of the first record, which is the mark.
  public var firstRecord: UInt64
  public var records: UInt64 = 0
  public var stores: UInt64 = 0
  public var loads: UInt64 = 0
  public var storeBytes: UInt64 = 0
  public var loadBytes: UInt64 = 0
  /// Config accesses, those through an ECAM window too: they are no stores and loads here.
  public var configAccesses: UInt64 = 0
  public var resets: UInt64 = 0
  /// Smallest and largest time stamp in ns; nil where no record has one.
  public var times: ClosedRange<UInt64>?

  public init(mark: String?, firstRecord: UInt64) {
    self.mark = mark
    self.firstRecord = firstRecord
  }

  fileprivate mutating func take(_ span: ClosedRange<UInt64>) {
    let known = times ?? span
    times = min(known.lowerBound, span.lowerBound)...max(known.upperBound, span.upperBound)
  }
}

/// Cuts a trace at its marks and counts what lies between them.
public struct SectionCounter {
  /// Sections told apart at most; the last one goes on to the end.
  public static let limit = 256

  private var list: [TraceSection] = []
  private var hasMarks = false
  /// Marks behind the last section's, which start none.
  public private(set) var marksBeyondLimit: UInt64 = 0

  public init() {}

  /// The sections so far, in order; empty while there was no mark.
  public var sections: [TraceSection] {
    hasMarks ? list.filter { $0.records > 0 } : []
  }

  /// Counts a block's records.
  public mutating func add(_ block: Block, _ context: TraceContext) {
    if list.isEmpty { list.append(TraceSection(mark: nil, firstRecord: block.firstRecord)) }
    let isConfig = block.classes.map { Self.isConfig($0, context) }
    guard block.classes.contains(where: { $0.operation == .mark }) else {
      return Self.count(&list[list.count - 1], block, isConfig)
    }
    var record = 0
    for run in block.runTokens.indices {
      let entry = block.classes[Int(block.runTokens[run])]
      let count = Int(block.runCounts[run])
      if entry.operation == .mark {
        for step in 0..<count {
          begin(entry.text.map { context.strings[Int($0)] } ?? "", block, record + step)
          Self.count(&list[list.count - 1], entry, false, 1, block, record + step)
        }
      } else {
        let isConfig = isConfig[Int(block.runTokens[run])]
        Self.count(&list[list.count - 1], entry, isConfig, count, block, record)
      }
      record += count
    }
  }

  private mutating func begin(_ mark: String, _ block: Block, _ record: Int) {
    hasMarks = true
    guard list.count < Self.limit else {
      marksBeyondLimit += 1
      return
    }
    list.append(TraceSection(mark: mark, firstRecord: block.firstRecord + UInt64(record)))
  }

  /// Of config space, by itself or because of where it goes.
  private static func isConfig(_ entry: RecordClass, _ context: TraceContext) -> Bool {
    guard entry.operation.isAccess, let region = entry.region else {
      return entry.operation.isConfig
    }
    return context.regions[region].kind == .ecam
  }

  /// A block without marks is counted by class.
  private static func count(
    _ section: inout TraceSection, _ block: Block, _ isConfig: [Bool]
  ) {
    var tally = [UInt64](repeating: 0, count: block.classes.count)
    for (token, count) in zip(block.runTokens, block.runCounts) {
      tally[Int(token)] += UInt64(count)
    }
    for (index, amount) in tally.enumerated() {
      count(&section, block.classes[index], isConfig[index], amount)
    }
    if let span = block.stampedSpan { section.take(span) }
  }

  private static func count(
    _ section: inout TraceSection, _ entry: RecordClass, _ isConfig: Bool, _ count: Int,
    _ block: Block, _ record: Int
  ) {
    Self.count(&section, entry, isConfig, UInt64(count))
    guard count > 0, entry.columns.contains(.time) else { return }
    section.take(block.stampedSpan(of: record..<record + count))
  }

  private static func count(
    _ section: inout TraceSection, _ entry: RecordClass, _ isConfig: Bool, _ amount: UInt64
  ) {
    section.records += amount
    guard !isConfig else {
      section.configAccesses += amount
      return
    }
    switch entry.operation {
    case .store:
      section.stores += amount
      section.storeBytes += amount * UInt64(entry.size)
    case .load:
      section.loads += amount
      section.loadBytes += amount * UInt64(entry.size)
    case .reset: section.resets += amount
    default: break
    }
  }

  /// The mark that a record stands behind; nil before the first one.
  public func mark(of record: UInt64) -> String? {
    hasMarks ? list.last { $0.firstRecord <= record }?.mark : nil
  }
}
