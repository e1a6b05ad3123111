import TraceCore
import TraceIO

/// Reads the binary trace of QEMU's `simple` back end as blocks.
final class QEMUSimpleImporter: ContinuedImport {
  let context: TraceContext
  private let source: any ByteSource
  private let options: ImportOptions
  private let skipBadRecords: Bool
  private let longest: Int
  /// The capture ahead, whose state this one takes over at its start.
  private var previous: QEMUSimpleImporter?
  private var hasFollower = false
  private var scanner: RecordScanner
  private var state: State
  private var builder: BlockBuilder?
  private var nextRecord: UInt64 = 0
  private var isStarted = false
  private var isConcluded = false

  /// What the records so far have told.
  struct State {
    var recorder: QEMURecorder
    var table = QEMUEventTable()
    /// Events by the numbers of this file.
    var names: [UInt64: Name] = [:]
    var last: (id: UInt64, event: QEMUEvent?) = (UInt64.max, nil)
  }

  /// What an event's number stands for.
  struct Name {
    var event: QEMUEvent?
    var text: String
  }

  /// Events that a file may name; QEMU 10 has about five thousand.
  static let nameLimit = 65_536

  init(
    _ source: any ByteSource, _ context: TraceContext, _ options: ImportOptions,
    after previous: QEMUSimpleImporter? = nil
  ) {
    self.context = context
    self.previous = previous
    self.source = source
    self.options = options
    skipBadRecords = options.skipBadRecords
    longest = max(options.longestLine, 1024)
    scanner = RecordScanner(source, capacity: longest)
    state = previous?.state ?? State(recorder: QEMURecorder(context, options))
  }

  var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  func follower(_ source: any ByteSource) -> (any BlockSource)? {
    hasFollower = true
    context.path = nil
    return QEMUSimpleImporter(source, context, options, after: self)
  }

  private func takeOver(_ previous: QEMUSimpleImporter) {
    state = previous.state
    // Each file numbers events anew.
    state.names = [:]
    state.last = (UInt64.max, nil)
    self.previous = nil
  }

  func next(into block: Block) throws(TraceError) -> Bool {
    if let previous { takeOver(previous) }
    let builder = builder ?? BlockBuilder(block)
    self.builder = builder
    builder.reset(firstRecord: nextRecord, into: block)
    if !isStarted { try start() }
    while !builder.isFull {
      try parseChunk(into: builder)
      if builder.isFull { break }
      if try scanner.refill() { continue }
      if builder.withAppender({ state.recorder.finish(into: &$0) }) { continue }
      conclude()
      break
    }
    state.recorder.counters.flush(into: context)
    nextRecord += UInt64(block.count)
    return block.count > 0
  }

  /// Checks the header.
  private func start() throws(TraceError) {
    isStarted = true
    while scanner.filled < QEMUSimple.headerSize, try scanner.refill() {}
    guard scanner.filled >= QEMUSimple.headerSize else {
      throw TraceError(
        .truncated, "the header of a QEMU simple trace is cut off", file: source.path,
        byteOffset: UInt64(scanner.filled))
    }
    let header = scanner.bytes
    let (magic, version) = (header.span.word(at: 8), header.span.word(at: 16))
    guard header.span.word(at: 0) == QEMUSimple.headerID, magic == QEMUSimple.magic else {
      let isSwapped = magic.byteSwapped == QEMUSimple.magic
      throw TraceError(
        .unknownFormat,
        isSwapped
          ? "a QEMU simple trace of a big-endian host, which is not read"
          : "expected the header of a QEMU simple trace", file: source.path, byteOffset: 0)
    }
    guard version == QEMUSimple.version else {
      throw TraceError(
        .unknownFormat,
        "version \(version) of QEMU's simple trace is not read, only 4 (QEMU 2.9 on)",
        file: source.path, byteOffset: 16)
    }
    scanner.position = QEMUSimple.headerSize
  }

  private func parseChunk(into builder: BlockBuilder) throws(TraceError) {
    var position = scanner.position
    defer { scanner.position = position }
    let (bytes, filled, longest) = (scanner.bytes, scanner.filled, longest)
    while true {
      do throws(BinaryFault) {
        try builder.withAppender { appender throws(BinaryFault) in
          try Self.parse(
            bytes.span, &position, filled: filled, longest: longest, &state, &appender)
        }
        return
      } catch {
        guard skipBadRecords else {
          throw error.error(
            file: source.path, chunkOffset: scanner.chunkOffset,
            record: nextRecord + UInt64(builder.block.count))
        }
        state.recorder.counters[.badRecord] += 1
        let start = position
        if error.breaksFraming {
          position = resume(behind: position, filled, bytes.span)
          state.recorder.counters[.skippedByte] += UInt64(position - start)
          if position == filled { return }
        } else if let record = try? QEMUSimple.record(
          at: position, filled: filled, longest: longest, bytes.span)
        {
          position = record.next
        }
      }
    }
  }

  /// Goes over the records of a chunk.
  private static func parse(
    _ bytes: Span<UInt8>, _ position: inout Int, filled: Int, longest: Int,
    _ state: inout State, _ builder: inout BlockAppender
  ) throws(BinaryFault) {
    while !builder.isFull {
      guard
        let (record, next) = try QEMUSimple.record(
          at: position, filled: filled, longest: longest, bytes)
      else { return }
      switch record {
      case .name(let id, let range): try state.name(id, range, bytes)
      case .event(let id, let time, let arguments):
        try state.take(id, time, arguments, bytes, &builder)
      }
      position = next
    }
  }

  /// Index of the next record that looks like an event of this file, or the end.
  private func resume(behind start: Int, _ filled: Int, _ bytes: Span<UInt8>) -> Int {
    var index = start + 1
    while index + QEMUSimple.typeSize + QEMUSimple.eventHeader <= filled {
      if bytes.word(at: index) == 1, state.isKnown(bytes.word(at: index + 8)),
        case .some(.some) = try? QEMUSimple.record(
          at: index, filled: filled, longest: longest, bytes)
      {
        return index
      }
      index += 1
    }
    return filled
  }

  private func conclude() {
    guard !isConcluded else { return }
    isConcluded = true
    if scanner.position < scanner.filled { state.recorder.counters[.cutLastRecord] += 1 }
    context.sha256 = source.sha256
    guard !hasFollower else { return }
    state.table.others.flush(into: context)
    state.recorder.conclude()
    context.blindSpots.append(
      "The simple trace names no thread: config accesses are paired in the order of the file, and "
        + "vfio_* events count as vCPU 0.")
  }
}

extension QEMUSimpleImporter.State {
  func isKnown(_ id: UInt64) -> Bool { id == QEMUSimple.droppedID || names[id] != nil }

  fileprivate mutating func name(
    _ id: UInt64, _ range: Range<Int>, _ bytes: Span<UInt8>
  ) throws(BinaryFault) {
    guard names.count < QEMUSimpleImporter.nameLimit else {
      throw BinaryFault(at: range.lowerBound, "at most 65536 names of events")
    }
    names[id] = QEMUSimpleImporter.Name(
      event: table.event(range, bytes), text: bytes.text(range))
    last = (UInt64.max, nil)
  }

  @inline(__always)
  fileprivate mutating func take(
    _ id: UInt64, _ time: UInt64, _ arguments: Range<Int>, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(BinaryFault) {
    if id != last.id, !find(id) {
      return try takeUnnamed(id, time, arguments, bytes, &builder)
    }
    recorder.prefix = QEMUPrefix(time: time, thread: nil)
    guard let event = last.event else {
      table.others.count(names[id]?.text ?? "")
      return
    }
    try recorder.take(event, arguments, bytes, &builder)
  }

  @inline(never)
  private mutating func find(_ id: UInt64) -> Bool {
    guard id != QEMUSimple.droppedID, let known = names[id] else { return false }
    last = (id, known.event)
    return true
  }

  /// Dropped events, or an event without a name.
  @inline(never)
  private mutating func takeUnnamed(
    _ id: UInt64, _ time: UInt64, _ arguments: Range<Int>, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(BinaryFault) {
    guard id == QEMUSimple.droppedID else {
      table.others.count("unnamed")
      return
    }
    var cursor = BinaryCursor(arguments.lowerBound, end: arguments.upperBound)
    let count = try cursor.word(bytes, "a number of dropped events")
    try cursor.takeEnd()
    // The stamp is the writer thread's, later than events that follow: it is watched, not kept.
    recorder.prefix = QEMUPrefix(time: time, thread: nil)
    recorder.settle(&builder)
    builder.append(RecordClass(.lost), value: count)
  }
}
