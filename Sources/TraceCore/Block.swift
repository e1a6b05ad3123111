/// A stretch of consecutive records, as runs.
///
/// A *run* is one or more consecutive records of the same class; the second and later ones of an
/// access each start where the one before ended. Consumers go over `runTokens`, look the class up
/// in `classes`, and treat `runCounts` records at once.
///
/// A block is a reusable container: a ``BlockSource`` clears and refills it.
public final class Block {
  /// Records in one block at most.
  public static let capacity = 65_536
  /// Classes in one block at most; tokens are bytes.
  public static let classLimit = 255

  /// Index in the trace of the first record, from 0.
  public var firstRecord: UInt64 = 0
  /// Records.
  public var count = 0
  public var classes: [RecordClass] = []
  /// Index into `classes`, one a run.
  public var runTokens: [UInt8] = []
  /// Records of the run, 1 or more.
  public var runCounts: [UInt16] = []
  /// Address of the run's first record (config accesses: the register); 0 where it has none.
  public var runAddresses: [UInt64] = []
  /// Time stamp in ns, one a record, as recorded (it may go backwards).
  ///
  /// Records without a stamp
  /// repeat the one before.
  public var times: [UInt64] = []
  /// Little-endian values of the records whose class has `.configValue`, concatenated.
  public var configValues: [UInt8] = []

  /// Columns that are decoded only when asked for; see ``load(_:)``.
  public enum LazyColumn: Sendable { case values, codeAddresses, lines }
  /// Little-endian values of the records whose class has `.value`, concatenated.
  public var values: [UInt8] = []
  /// One a record whose class has `.codeAddress`.
  public var codeAddresses: [UInt64] = []
  /// Source line, from 1, of each record whose class has `.line`.
  public var lines: [UInt64] = []
  /// Decodes a column that the source left compressed; nil when all are decoded.
  public var columnLoader: ((Block, LazyColumn) throws(TraceError) -> Void)?

  public init() {}

  /// Makes a lazy column available.
  ///
  /// - Throws: ``TraceError`` when the stored column is damaged.
  public func load(_ column: LazyColumn) throws(TraceError) {
    try columnLoader?(self, column)
  }

  public var runs: Int { runTokens.count }

  public func removeAll() {
    count = 0
    classes.removeAll(keepingCapacity: true)
    runTokens.removeAll(keepingCapacity: true)
    runCounts.removeAll(keepingCapacity: true)
    runAddresses.removeAll(keepingCapacity: true)
    times.removeAll(keepingCapacity: true)
    configValues.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    codeAddresses.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    columnLoader = nil
  }
}

/// Where blocks come from: a native trace, or a capture being imported.
public protocol BlockSource: AnyObject {
  /// Regions, texts, counters; complete only after the last block.
  var context: TraceContext { get }

  /// Bytes of input consumed so far and, where known, in total; for progress.
  var progress: (consumed: UInt64, total: UInt64?) { get }

  /// Replaces the block's content by the next records.
  ///
  /// - Returns: false at the end of the trace; the block is then empty.
  /// - Throws: ``TraceError`` with the place of the damage.
  func next(into block: Block) throws(TraceError) -> Bool
}
