import TraceCore
import TraceIO

/// Reads the events of one family from a `trace.dat` file, all CPUs merged by time.
final class TraceDatImporter<Events: DatEvents>: BlockSource {
  let context: TraceContext
  private let source: any ByteSource
  private let file: any RandomAccess
  private let skipBadRecords: Bool
  private var events: Events
  private var kinds: [UInt16: Kind]
  private var streams: [DatStream] = []
  private var isOpen: [Bool] = []
  private var others = OtherEvents(
    meaning: "trace events that are no access, mark or loss, left out")
  private let layout: DatLayout
  private let type: EventFormat.Field
  private let pid: EventFormat.Field
  private var current: Int?
  /// Time and CPU of the first event that another stream has.
  private var rival: (time: UInt64, index: Int) = (.max, .max)
  private var clock = ClockWatch()
  private var builder: BlockBuilder?
  private var nextRecord: UInt64 = 0
  private var isStarted = false
  private var isConcluded = false

  /// What an event's number stands for.
  private enum Kind {
    case shape(Events.Shape)
    /// A user's mark and where its text is.
    case mark(EventFormat.Field)
    case other(String)
  }

  init(
    _ source: any ByteSource, _ file: any RandomAccess, _ layout: DatLayout,
    _ context: TraceContext, _ options: ImportOptions
  ) throws(TraceError) {
    self.source = source
    self.file = file
    self.layout = layout
    self.context = context
    skipBadRecords = options.skipBadRecords
    events = Events(context, options)
    kinds = [:]
    // These two lead every event (`struct trace_entry`).
    type = EventFormat.Field(offset: 0, size: 2)
    pid =
      layout.formats.values.first { $0.fields["common_pid"] != nil }?.fields["common_pid"]
      ?? EventFormat.Field(offset: 4, size: 4)
    for (id, format) in layout.formats {
      if let shape = Events.shape(of: format) {
        kinds[id] = .shape(shape)
      } else if format.name == "print", let text = format.fields["buf"] {
        kinds[id] = .mark(text)
      } else {
        kinds[id] = .other(format.name)
      }
    }
    for (pid, task) in layout.tasks.sorted(by: { $0.key < $1.key }) {
      events.learn(task: task, pid: pid)
    }
    events.learn(symbols: layout.symbols)
    for cpu in layout.cpus { streams.append(try DatStream(file, cpu, layout)) }
  }

  var progress: (consumed: UInt64, total: UInt64?) {
    let start = layout.cpus.map(\.offset).min() ?? 0
    let done = zip(streams, layout.cpus).reduce(0) { sum, pair in
      sum + pair.0.pages.consumed - pair.1.offset
    }
    return (start + done, file.size)
  }

  func next(into block: Block) throws(TraceError) -> Bool {
    let builder = builder ?? BlockBuilder(block)
    self.builder = builder
    builder.reset(firstRecord: nextRecord, into: block)
    if !isStarted {
      isStarted = true
      for index in streams.indices { isOpen.append(try advance(index, builder)) }
    }
    while !builder.isFull {
      guard let index = try choose(builder) else {
        if builder.withAppender({ events.finish(into: &$0) }) { continue }
        try conclude()
        break
      }
      take(index, builder)
      isOpen[index] = try advance(index, builder)
    }
    events.counters.flush(into: context)
    nextRecord += UInt64(block.count)
    return block.count > 0
  }

  // MARK: Order

  /// The stream whose event comes next: the earliest, of equal ones that of the lowest CPU.
  private func choose(_ builder: BlockBuilder) throws(TraceError) -> Int? {
    if let current, isOpen[current], (streams[current].time, current) < rival { return current }
    current = nil
    rival = (.max, .max)
    var best: (time: UInt64, index: Int) = (.max, .max)
    for index in streams.indices where isOpen[index] {
      let key = (time: streams[index].time, index: index)
      if key < best {
        rival = best
        best = key
      } else if key < rival {
        rival = key
      }
    }
    guard best.index < streams.count else { return nil }
    current = best.index
    return best.index
  }

  /// Goes to the next event of a stream; damage is an error or, where that is asked for, a count.
  private func advance(_ index: Int, _ builder: BlockBuilder) throws(TraceError) -> Bool {
    while true {
      do throws(TraceError) {
        return try streams[index].next()
      } catch {
        guard skipBadRecords, error.code == .badRecord else {
          throw TraceError(
            error.code, error.message, file: file.path, byteOffset: error.byteOffset,
            record: nextRecord + UInt64(builder.block.count))
        }
        events.counters[.badRecord] += 1
      }
    }
  }

  // MARK: Events

  private func take(_ index: Int, _ builder: BlockBuilder) {
    let (cpu, stamp, lost) = (streams[index].cpu, streams[index].time, streams[index].lost)
    let (bytes, data) = (streams[index].pages.bytes, streams[index].data)
    if clock.goesBack(stamp, cpu: cpu) { events.counters[.clockBackwards] += 1 }
    let time = layout.hasUnit ? stamp : nil
    builder.withAppender { appender in
      if let lost {
        let source = EventSource(pid: 0, cpu: cpu, time: time, line: nil)
        events.take(.lost(lost == 0 ? nil : lost), source, &appender)
      }
      let event = DatEvent(bytes, data)
      guard event.holds(type), event.holds(pid) else {
        events.counters[.badEvent] += 1
        return
      }
      let source = EventSource(pid: event.number(pid), cpu: cpu, time: time, line: nil)
      switch kinds[UInt16(truncatingIfNeeded: event.number(type))] {
      case .shape(let shape): events.take(shape, event, source, &appender)
      case .mark(let field):
        let start = min(data.lowerBound + field.offset, data.upperBound)
        var end = start
        while end < data.upperBound, bytes[end] != 0, bytes[end] != 0x0a { end += 1 }
        events.take(.mark(context.intern(bytes.span.text(start..<end))), source, &appender)
      case .other(let name): others.count(name)
      case nil: others.count("unknown_number")
      }
    }
  }

  // MARK: The end

  private func conclude() throws(TraceError) {
    guard !isConcluded else { return }
    isConcluded = true
    if streams.contains(where: \.pages.isCut) { events.counters[.cutLastRecord] += 1 }
    events.counters[.otherBuffer] += UInt64(layout.otherBuffers)
    others.flush(into: context) { KernelEventFamilies.isAccess($0) }
    events.conclude()
    if !layout.hasUnit {
      context.blindSpots.append(
        "The trace clock (\(layout.clock)) counts without a unit: its records have no time.")
    }
    if layout.hasTimeCorrection {
      context.blindSpots.append(
        "The file holds a correction of its times (offset, shift or factor), which is not applied.")
    }
    try hash()
  }

  /// The pages were read out of order: the checksum needs them once more, in order.
  private func hash() throws(TraceError) {
    if let input = source as? InputFile, input.isHashed, input.sha256 == nil {
      var buffer = [UInt8](repeating: 0, count: 262_144)
      while try input.read(into: &buffer, from: 0) > 0 {}
    }
    context.sha256 = source.sha256
  }
}
