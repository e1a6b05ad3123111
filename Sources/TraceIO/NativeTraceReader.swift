public import TraceCore

/// Reads a native trace block by block; see the article *The native trace*.
///
/// A trace without footer, or cut in the middle, is read up to its last whole block; the counter
/// `truncated_trace` of the context then says so. Anything else that is wrong is an error.
public final class NativeTraceReader: BlockSource {
  public let context: TraceContext
  /// Name of the capture that the trace was imported from; nil before that was read.
  public private(set) var importedName: String?
  /// A damaged block of a trace with a footer is left out and counted, instead of ending the trace.
  ///
  /// All columns of a block are decoded then, so that damage shows where the block is read.
  public var skipsDamagedBlocks = false
  private let source: any ByteSource
  private let window: Window
  /// The source where its footer was found, and the footer's table of blocks.
  private let file: (any RandomAccess)?
  private let table: [BlockTableRow]
  private let decompressor: FrameDecompressor
  private var runs = RunDecoder()
  private var scratch: [UInt8] = []
  private var lazyColumns: [LazyColumns] = []
  /// Index of the next record in the file, and of the first that is wanted.
  private var nextRecord: UInt64 = 0
  private var wantedRecord: UInt64 = 0
  private var totals = TotalsCounter()
  /// Blocks were passed over, so totals cannot be compared.
  private var isPartial = false
  private var hasFooter = false
  private var hasTrailer = false
  private var isDone = false

  /// Opens a trace and reads its head and, where the source is seekable, its footer.
  ///
  /// - Parameter source: At its first byte; an ``InputFile`` of encoding `.native`.
  /// - Throws: ``TraceError`` `.unknownFormat` when this is no native trace of a known version,
  ///   `.checksum`, `.badRecord` and others when head or footer is damaged.
  public init(_ source: any ByteSource) throws(TraceError) {
    self.source = source
    window = Window(source)
    decompressor = try FrameDecompressor()
    context = TraceContext(name: nameForReports(source.path), format: "native")
    context.hasForeignLines = true
    try readHeader(window)
    guard let file = source as? any RandomAccess,
      let footer = try NativeFooter(file, decompressor)
    else {
      file = nil
      table = []
      return
    }
    self.file = file
    table = footer.table
    do throws(TraceError) {
      try footer.summary.context.apply(to: context)
    } catch { throw error.located(by: footer.place) }
    importedName = footer.summary.context.name
    context.totals = footer.summary.totals
  }

  /// Regions and texts are complete before the first block.
  var knowsContext: Bool { file != nil }

  public var progress: (consumed: UInt64, total: UInt64?) {
    (window.offset, source.progress.total)
  }

  public func next(into block: Block) throws(TraceError) -> Bool {
    block.columnLoader = nil
    block.firstRecord = nextRecord
    while !isDone {
      let offset = window.offset
      do throws(TraceError) {
        switch try readFrame(into: block) {
        case .block:
          if skipsDamagedBlocks { try block.loadAll() }
          return true
        case .other: continue
        case .end: try finish(at: offset)
        }
      } catch {
        if try passDamage(error, at: offset) { continue }
        isDone = true
        block.removeAll()
        throw error.located(in: source.path, byteOffset: offset, record: nextRecord)
      }
    }
    block.removeAll()
    return false
  }

  /// Goes on behind damage, of which the footer's table of blocks knows the extent.
  ///
  /// What is wrong at a place where the records ahead of it are missing is that these are missing:
  /// it is read again. Else it is left out itself.
  ///
  /// - Returns: Whether there is a place to go on.
  private func passDamage(_ error: TraceError, at offset: UInt64) throws(TraceError) -> Bool {
    guard skipsDamagedBlocks, let file, error.code != .io, let last = table.last else {
      return false
    }
    let place = table.partitioningIndex { $0.offset >= offset }
    let row = place < table.count && table[place].offset == offset ? place : nil
    let expected = row.map { table[$0].firstRecord } ?? last.firstRecord + UInt64(last.count)
    if nextRecord < expected {
      leaveOut(expected - nextRecord, at: offset, "they are not where the trace's footer says")
      nextRecord = expected
      hasFooter = false
      try window.move(to: offset, in: file)
      return true
    }
    guard let row else { return false }
    leaveOut(UInt64(table[row].count), at: offset, error.message)
    nextRecord = expected + UInt64(table[row].count)
    if row + 1 < table.count {
      try window.move(to: table[row + 1].offset, in: file)
    } else {
      (hasFooter, hasTrailer, isDone) = (true, true, true)
    }
    return true
  }

  private func leaveOut(_ records: UInt64, at offset: UInt64, _ why: String) {
    isPartial = true
    context.counters.add(
      "damaged_block", records, severity: .dataLoss,
      meaning: "records of damaged blocks, left out: from record \(nextRecord) on, byte \(offset)"
        + " of the trace (\(why)); what lies on both sides is taken as adjacent")
  }

  /// Goes on with the block that holds a record.
  ///
  /// A seekable trace is entered there directly (its SHA-256 is not known then); in others the
  /// blocks before are passed over without being decompressed.
  ///
  /// - Parameter record: Index from 0; behind the last record the trace is at its end.
  /// - Throws: ``TraceError`` `.io` when it lies before the current place and the source cannot go
  ///   back.
  public func seek(toRecord record: UInt64) throws(TraceError) {
    wantedRecord = record
    if let file {
      let row = table.partitioningIndex { $0.firstRecord + UInt64($0.count) > record }
      guard row < table.count, table[row].firstRecord != nextRecord else { return }
      isPartial = true
      isDone = false
      hasFooter = false
      nextRecord = table[row].firstRecord
      try window.move(to: table[row].offset, in: file)
    } else if record < nextRecord {
      throw TraceError(
        .io, "cannot go back to record \(record): the input is a pipe", file: source.path)
    }
  }
}

// MARK: Frames

extension NativeTraceReader {
  /// What a step through the file found.
  private enum Step {
    /// A block, which is now in the caller's.
    case block
    case other
    /// The end of the file, or where it is cut.
    case end
  }

  private func readFrame(into block: Block) throws(TraceError) -> Step {
    guard try window.ensure(8) else { return .end }
    let head = Array(window.first(8))
    let magic = head.little(UInt32.self, at: 0)
    let size = Int(head.little(UInt32.self, at: 4))
    switch magic {
    case NativeFormat.sectionMagic: return try readSection(size, into: block)
    case NativeFormat.trailerMagic: return try readTrailer(size)
    case NativeFormat.headerMagic:
      throw TraceError(.badRecord, "a second trace starts inside of this one")
    case 0x184d_2a50...0x184d_2a5f:
      return try window.discard(UInt64(size) + 8) ? .other : .end
    default:
      throw TraceError(.badRecord, "these bytes belong to no section of the trace")
    }
  }

  private func readTrailer(_ size: Int) throws(TraceError) -> Step {
    guard size == NativeFormat.trailerSize - 8 else {
      throw TraceError(.badRecord, "the trailer has a wrong size")
    }
    guard try window.ensure(NativeFormat.trailerSize) else { return .end }
    guard hasFooter, NativeTrailer(Array(window.first(NativeFormat.trailerSize))) != nil else {
      throw TraceError(.checksum, "the trailer is damaged")
    }
    hasTrailer = true
    return try window.discard(UInt64(NativeFormat.trailerSize)) ? .other : .end
  }

  private func readSection(_ size: Int, into block: Block) throws(TraceError) -> Step {
    guard size <= NativeFormat.frameLimit else {
      throw TraceError(.range, "a section head has an absurd size")
    }
    guard try window.ensure(8 + size) else { return .end }
    let section = try Section(payload: window.first(8 + size).dropFirst(8))
    let offset = window.offset
    _ = try window.discard(UInt64(8 + size))
    guard !hasFooter else { throw TraceError(.badRecord, "a section follows the footer") }
    switch section.kind {
    case .block: return try readBlock(section, at: offset, into: block)
    case .context where file == nil: return try readContext(section)
    case .footer: return try readFooter(section)
    default: return try discardParts(section) ? .other : .end
    }
  }

  private func discardParts(_ section: Section) throws(TraceError) -> Bool {
    for part in section.parts {
      guard try window.discard(UInt64(part.compressed)) else { return false }
    }
    return true
  }

  /// Hands each known part, decompressed or not, to `body`; false where the file is cut.
  private func forEachPart(
    of section: Section,
    _ body: (NativeFormat.Part, Section.Part) throws(TraceError) -> Void
  ) throws(TraceError) -> Bool {
    for part in section.parts {
      let known = NativeFormat.Part(rawValue: part.identifier)
      if let known {
        guard try window.ensure(Int(part.compressed)) else { return false }
        try body(known, part)
      }
      guard try window.discard(UInt64(part.compressed)) else { return false }
    }
    return true
  }

  /// Decompresses the part that the window starts with into `scratch`.
  private func decompress(_ part: Section.Part) throws(TraceError) {
    try window.withFirst(Int(part.compressed)) { frame throws(TraceError) in
      try decompressor.decompress(frame, size: Int(part.raw), into: &scratch)
    }
  }

  private func readContext(_ section: Section) throws(TraceError) -> Step {
    let isWhole = try forEachPart(of: section) { known, part throws(TraceError) in
      guard known == .document else { return }
      try decompress(part)
      let document = try decodeDocument(
        ContextDocument.self, scratch[0..<Int(part.raw)])
      try document.apply(to: context)
      importedName = document.name
    }
    return isWhole ? .other : .end
  }

  private func readFooter(_ section: Section) throws(TraceError) -> Step {
    var summary: SummaryDocument?
    let isWhole = try forEachPart(of: section) { known, part throws(TraceError) in
      guard known == .document else { return }
      try decompress(part)
      summary = try decodeDocument(SummaryDocument.self, scratch[0..<Int(part.raw)])
    }
    guard isWhole else { return .end }
    guard let summary else { throw TraceError(.badRecord, "the footer has no summary") }
    hasFooter = true
    let counted = totals.totals
    let expected = summary.totals.isComplete ? counted : counted.withoutLaterCounts
    guard section.firstRecord == nextRecord, isPartial || summary.totals == expected
    else { throw TraceError(.badRecord, "the footer's totals are not those of the blocks") }
    if file == nil { try summary.context.apply(to: context) }
    context.totals = isPartial ? summary.totals : counted
    return .other
  }

  /// The end of the file: says what is missing.
  private func finish(at offset: UInt64) throws(TraceError) {
    isDone = true
    // Goes past the rest of a frame that is cut, so that the checksum covers the whole file.
    _ = try window.discard(.max)
    let end = window.offset
    if !hasFooter {
      context.counters.add(
        "truncated_trace", severity: .dataLoss,
        meaning: "the trace ends at byte \(end) without a footer: its writer was stopped or the "
          + "file is cut; records from \(nextRecord) on are missing (last frame at \(offset))")
      if context.totals == nil, !isPartial { context.totals = totals.totals }
    } else if !hasTrailer {
      context.counters.add(
        "truncated_trace", severity: .info,
        meaning: "the trace is cut at byte \(end), after its last record")
    }
    context.sha256 = source.sha256
  }
}

// MARK: Blocks

extension NativeTraceReader {
  private func readBlock(
    _ section: Section, at offset: UInt64, into block: Block
  ) throws(TraceError) -> Step {
    guard section.firstRecord == nextRecord else {
      throw TraceError(.badRecord, "the block starts at record \(section.firstRecord)")
    }
    let end = nextRecord + UInt64(section.count)
    guard end > wantedRecord else {
      isPartial = true
      guard try discardParts(section) else { return .end }
      nextRecord = end
      return .other
    }
    block.count = Int(section.count)
    block.firstRecord = nextRecord
    guard try readColumns(section, at: offset, into: block) else { return .end }
    if !isPartial { try count(block) }
    nextRecord = end
    return .block
  }

  /// Decodes the columns that everyone needs and keeps the others; false where the file is cut.
  private func readColumns(
    _ section: Section, at offset: UInt64, into block: Block
  ) throws(TraceError) -> Bool {
    block.configValues.removeAll(keepingCapacity: true)
    block.values.removeAll(keepingCapacity: true)
    block.codeAddresses.removeAll(keepingCapacity: true)
    block.lines.removeAll(keepingCapacity: true)
    let place = TraceError(
      .badRecord, "", file: source.path, byteOffset: offset, record: nextRecord)
    let lazy = freeLazyColumns()
    var demands: ColumnDemands?
    var hasTimes = false
    let isWhole = try forEachPart(of: section) { known, part throws(TraceError) in
      if known == .runs {
        let found = try readRuns(part, into: block)
        demands = found
        lazy.reset(found, place: place)
      }
      guard demands != nil else {
        throw TraceError(.badRecord, "a block does not start with its runs")
      }
      switch known {
      case .times:
        try readTimes(part, section, into: block)
        hasTimes = true
      case .configValues: try readConfigValues(part, into: block)
      case .values: lazy.store(.values, window.first(Int(part.compressed)), raw: Int(part.raw))
      case .codeAddresses:
        lazy.store(.codeAddresses, window.first(Int(part.compressed)), raw: Int(part.raw))
      case .lines: lazy.store(.lines, window.first(Int(part.compressed)), raw: Int(part.raw))
      case .runs, .document, .blockTable: break
      }
    }
    guard isWhole else { return false }
    guard hasTimes, block.configValues.count == demands?.configBytes else {
      throw TraceError(.badRecord, "a block's columns are not those of its classes")
    }
    try lazy.check()
    block.columnLoader = { block, column throws(TraceError) in
      try lazy.load(column, into: block)
    }
    return true
  }

  private func readRuns(
    _ part: Section.Part, into block: Block
  ) throws(TraceError) -> ColumnDemands {
    try decompress(part)
    let scratch = scratch
    try unsafe runs.decode(
      scratch.span.bytes.extracting(0..<Int(part.raw)), records: block.count, into: block)
    for entry in block.classes {
      guard entry.region.map({ $0.index < context.regions.count }) ?? true,
        entry.text.map({ $0 < context.strings.count }) ?? true
      else { throw TraceError(.badRecord, "a class refers to an unknown region or text") }
    }
    return ColumnDemands(block.classes) { runs.recordsOfClass[$0] }
  }

  private func readTimes(
    _ part: Section.Part, _ section: Section, into block: Block
  ) throws(TraceError) {
    try decompress(part)
    let scratch = scratch
    let isOrdered = try unsafe DeltaColumn.decode(
      scratch.span.bytes.extracting(0..<Int(part.raw)), count: block.count, into: &block.times)
    if isOrdered { block.noteOrderedTimes() }
    guard block.times[0] == section.firstTime,
      block.times[block.count - 1] == section.lastTime
    else { throw TraceError(.badRecord, "a block's times contradict its section head") }
  }

  private func readConfigValues(
    _ part: Section.Part, into block: Block
  ) throws(TraceError) {
    try decompress(part)
    block.configValues.append(contentsOf: scratch[0..<Int(part.raw)])
  }

  private func count(_ block: Block) throws(TraceError) {
    // The number of lost events may lie in the column of values.
    if block.classes.contains(where: { $0.operation == .lost && $0.columns.contains(.value) }) {
      try block.load(.values)
    }
    totals.add(block) { runs.recordsOfClass[$0] }
  }

  /// Storage that no block holds any more, or new.
  private func freeLazyColumns() -> LazyColumns {
    for index in lazyColumns.indices where isKnownUniquelyReferenced(&lazyColumns[index]) {
      return lazyColumns[index]
    }
    let fresh = LazyColumns()
    lazyColumns.append(fresh)
    return fresh
  }
}

/// Checks the first frame and goes past it.
private func readHeader(_ window: Window) throws(TraceError) {
  let path = window.source.path
  do throws(TraceError) {
    guard try window.ensure(8) else {
      throw TraceError(.truncated, "the trace ends in its header")
    }
    let head = Array(window.first(8))
    let size = Int(head.little(UInt32.self, at: 4))
    guard head.little(UInt32.self, at: 0) == NativeFormat.headerMagic,
      size <= NativeFormat.frameLimit
    else { throw TraceError(.unknownFormat, "this is no native trace") }
    guard try window.ensure(8 + size) else {
      throw TraceError(.truncated, "the trace ends in its header")
    }
    _ = try NativeHeader(payload: window.first(8 + size).dropFirst(8))
    _ = try window.discard(UInt64(8 + size))
  } catch {
    throw error.located(in: path, byteOffset: 0)
  }
}

/// A path's last component, or `stdin`.
func nameForReports(_ path: String) -> String {
  path == "-" ? "stdin" : path.split(separator: "/").last.map(String.init) ?? path
}

extension Array {
  /// Index of the first element for which the predicate holds; it must then hold for all after.
  fileprivate func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
