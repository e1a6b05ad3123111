internal import Synchronization

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
  /// The columns; one value, so that a builder opens it once a record.
  @usableFromInline var content = BlockContent()

  /// Records.
  @inlinable public var count: Int {
    get { content.count }
    _modify { yield &content.count }
  }
  @inlinable public var classes: [RecordClass] {
    get { content.classes }
    _modify { yield &content.classes }
  }
  /// Index into `classes`, one a run.
  @inlinable public var runTokens: [UInt8] {
    get { content.runTokens }
    _modify { yield &content.runTokens }
  }
  /// Records of the run, 1 or more.
  @inlinable public var runCounts: [UInt16] {
    get { content.runCounts }
    _modify { yield &content.runCounts }
  }
  /// Address of the run's first record (config accesses: the register); 0 where it has none.
  @inlinable public var runAddresses: [UInt64] {
    get { content.runAddresses }
    _modify { yield &content.runAddresses }
  }
  /// Time stamp in ns, one a record, as recorded (it may go backwards).
  ///
  /// Records without a stamp
  /// repeat the one before.
  @inlinable public var times: [UInt64] {
    get { content.times }
    _modify {
      content.hasOrderedTimes = nil
      yield &content.times
    }
  }
  /// No time stamp is below the one before it; looked for once, where the source does not know.
  public var hasOrderedTimes: Bool {
    if let known = content.hasOrderedTimes { return known }
    let isOrdered = content.times.isOrdered()
    content.hasOrderedTimes = isOrdered
    return isOrdered
  }
  /// For a source that knows it of the stamps that it has put into ``times``.
  public func noteOrderedTimes() { content.hasOrderedTimes = true }
  /// Little-endian values of the records whose class has `.configValue`, concatenated.
  @inlinable public var configValues: [UInt8] {
    get { content.configValues }
    _modify { yield &content.configValues }
  }

  /// Columns that are decoded only when asked for; see ``load(_:)``.
  public enum LazyColumn: Sendable { case values, codeAddresses, lines }
  /// Little-endian values of the records whose class has `.value`, concatenated.
  @inlinable public var values: [UInt8] {
    get { content.values }
    _modify { yield &content.values }
  }
  /// One a record whose class has `.codeAddress`.
  @inlinable public var codeAddresses: [UInt64] {
    get { content.codeAddresses }
    _modify { yield &content.codeAddresses }
  }
  /// Source line, from 1, of each record whose class has `.line`.
  @inlinable public var lines: [UInt64] {
    get { content.lines }
    _modify { yield &content.lines }
  }
  /// Decodes a column that the source left compressed; nil when all are decoded.
  public var columnLoader: ((Block, LazyColumn) throws(TraceError) -> Void)?

  private let loading = Mutex(())

  public init() {}

  /// Makes a lazy column available; on several threads at a time, where nothing else changes the
  /// block.
  ///
  /// - Throws: ``TraceError`` when the stored column is damaged.
  public func load(_ column: LazyColumn) throws(TraceError) {
    guard let columnLoader else { return }
    try loading.withLock { _ throws(TraceError) in try columnLoader(self, column) }
  }

  /// Makes every lazy column available.
  ///
  /// - Throws: ``TraceError`` when a stored column is damaged.
  public func loadAll() throws(TraceError) {
    for column in [LazyColumn.values, .codeAddresses, .lines] { try load(column) }
  }

  public var runs: Int { runTokens.count }

  /// Makes another block hold the same records.
  ///
  /// Lazy columns are to be loaded before.
  public func copy(to other: Block) {
    other.content = content
    other.firstRecord = firstRecord
    other.columnLoader = nil
  }

  /// Each of two blocks gets what the other one holds; columns that are not loaded stay so.
  public func exchange(_ other: Block) {
    swap(&content, &other.content)
    swap(&firstRecord, &other.firstRecord)
    swap(&columnLoader, &other.columnLoader)
  }

  /// Hands the records over to another block; this one gets that one's columns, empty.
  ///
  /// Lazy columns are to be loaded before.
  public func move(to other: Block) {
    exchange(other)
    other.columnLoader = nil
    removeAll()
  }

  public func removeAll() {
    content.removeAll()
    columnLoader = nil
  }
}

/// The columns of a ``Block``, described there.
@usableFromInline
struct BlockContent {
  @usableFromInline var count = 0
  @usableFromInline var classes: [RecordClass] = []
  @usableFromInline var runTokens: [UInt8] = []
  @usableFromInline var runCounts: [UInt16] = []
  @usableFromInline var runAddresses: [UInt64] = []
  @usableFromInline var times: [UInt64] = []
  /// Of `times`; nil where it is not known.
  @usableFromInline var hasOrderedTimes: Bool?
  @usableFromInline var configValues: [UInt8] = []
  @usableFromInline var values: [UInt8] = []
  @usableFromInline var codeAddresses: [UInt64] = []
  @usableFromInline var lines: [UInt64] = []

  @usableFromInline init() {}

  mutating func removeAll() {
    count = 0
    classes.removeAll(keepingCapacity: true)
    runTokens.removeAll(keepingCapacity: true)
    runCounts.removeAll(keepingCapacity: true)
    runAddresses.removeAll(keepingCapacity: true)
    times.removeAll(keepingCapacity: true)
    hasOrderedTimes = nil
    configValues.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    codeAddresses.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
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
