import TraceCore
import TraceIO

/// The events of all CPUs in their order, and what becomes of each.
struct DatMerge<Events: DatEvents> {
  var events: Events
  private(set) var streams: [DatStream] = []
  private let layout: DatLayout
  private let context: TraceContext
  private let path: String
  private let skipBadRecords: Bool
  /// By an event's number.
  private var kinds: [Kind?] = []
  private let type: EventFormat.Field
  private let pid: EventFormat.Field
  private var others = OtherEvents(
    meaning: "trace events that are no access, mark or loss, left out")
  private var clock = ClockWatch()
  /// Streams that have an event, once the first ones were looked for.
  private var isOpen: [Bool] = []
  private var current: Int?
  /// Time and CPU of the first event that another stream has.
  private var rival: (time: UInt64, index: Int) = (.max, .max)

  /// What an event's number stands for.
  private enum Kind {
    case shape(Events.Shape)
    /// A user's mark and where its text is.
    case mark(EventFormat.Field)
    case other(String)
  }

  init(
    _ file: any RandomAccess, _ layout: DatLayout, _ context: TraceContext,
    _ options: ImportOptions
  ) throws(TraceError) {
    self.layout = layout
    self.context = context
    path = file.path
    skipBadRecords = options.skipBadRecords
    events = Events(context, options)
    // These two lead every event (`struct trace_entry`).
    type = EventFormat.Field(offset: 0, size: 2)
    let firstFormat = layout.formats.filter { $0.value.fields["common_pid"] != nil }.min {
      $0.key < $1.key
    }
    pid = firstFormat?.value.fields["common_pid"] ?? EventFormat.Field(offset: 4, size: 4)
    kinds = [Kind?](repeating: nil, count: Int(layout.formats.keys.max() ?? 0) + 1)
    for (id, format) in layout.formats {
      if let shape = Events.shape(of: format) {
        kinds[Int(id)] = .shape(shape)
      } else if format.name == "print", let text = format.fields["buf"] {
        kinds[Int(id)] = .mark(text)
      } else {
        kinds[Int(id)] = .other(format.name)
      }
    }
    for (pid, task) in layout.tasks.sorted(by: { $0.key < $1.key }) {
      events.learn(task: task, pid: pid)
    }
    events.learn(symbols: layout.symbols)
    for cpu in layout.cpus { streams.append(try DatStream(file, cpu, layout)) }
  }

  /// Takes events until the block is full.
  ///
  /// - Parameters:
  ///   - appender: Gets the records.
  ///   - record: Records ahead of the block.
  /// - Returns: Whether there are no more events.
  /// - Throws: `TraceError` at damage that is not to be skipped.
  @inline(__always)
  mutating func fill(
    _ appender: inout BlockAppender, behind record: UInt64
  ) throws(TraceError) -> Bool {
    if isOpen.isEmpty {
      for index in streams.indices { isOpen.append(try advance(index, appender, record)) }
    }
    while !appender.isFull {
      guard let index = choose() else {
        if events.finish(into: &appender) { continue }
        return true
      }
      try take(index, &appender, record)
      isOpen[index] = try advance(index, appender, record)
    }
    return false
  }

  // MARK: Order

  /// The stream whose event comes next: the earliest, of equal ones that of the lowest CPU.
  @inline(__always)
  private mutating func choose() -> Int? {
    if let current, isOpen[current], (streams[current].time, current) < rival { return current }
    return chooseAnew()
  }

  private mutating func chooseAnew() -> Int? {
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
  private mutating func advance(
    _ index: Int, _ appender: borrowing BlockAppender, _ record: UInt64
  ) throws(TraceError) -> Bool {
    while true {
      do throws(TraceError) {
        return try streams[index].next()
      } catch {
        guard skipBadRecords, error.code == .badRecord else {
          throw located(error, record + UInt64(appender.count))
        }
        events.counters[.badRecord] += 1
      }
    }
  }

  private func located(_ error: TraceError, _ record: UInt64) -> TraceError {
    TraceError(
      error.code, error.message, file: path, byteOffset: error.byteOffset, record: record)
  }

  // MARK: Events

  @inline(__always)
  private mutating func take(
    _ index: Int, _ appender: inout BlockAppender, _ record: UInt64
  ) throws(TraceError) {
    let (cpu, stamp, lost) = (streams[index].cpu, streams[index].time, streams[index].lost)
    let event = DatEvent(streams[index].pages.bytes, streams[index].data)
    if clock.goesBack(stamp, cpu: cpu) { events.counters[.clockBackwards] += 1 }
    let time = layout.hasUnit ? stamp : nil
    if let lost {
      let source = EventSource(pid: 0, cpu: cpu, time: time, line: nil)
      events.take(.lost(lost == 0 ? nil : lost), source, &appender)
    }
    if streams[index].isLossOnly { return }
    do throws(DatFault) {
      guard event.holds(type), event.holds(pid) else {
        throw DatFault("an event that holds its number and task")
      }
      let source = EventSource(pid: event.number(pid), cpu: cpu, time: time, line: nil)
      let number = Int(truncatingIfNeeded: event.number(type))
      switch number < kinds.count ? kinds[number] : nil {
      case .shape(let shape): try events.take(shape, event, source, &appender)
      case .mark(let field): events.take(.mark(mark(event, field)), source, &appender)
      case .other(let name): others.count(name)
      case nil: others.count("unknown_number")
      }
    } catch {
      guard skipBadRecords else {
        throw located(error.error(in: streams[index]), record + UInt64(appender.count))
      }
      events.counters[.badRecord] += 1
    }
  }

  private func mark(_ event: DatEvent, _ field: EventFormat.Field) -> UInt32? {
    let (bytes, data) = (event.bytes, event.data)
    let start = min(data.lowerBound + field.offset, data.upperBound)
    var end = start
    while end < data.upperBound, bytes[end] != 0, bytes[end] != 0x0a { end += 1 }
    return context.intern(bytes.span.text(start..<end))
  }

  // MARK: The end

  mutating func conclude() {
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
  }
}
