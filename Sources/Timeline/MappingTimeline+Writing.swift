import Results
public import TraceCore

extension MappingTimeline {
  /// Where a slice begins or ends.
  private struct Event {
    /// As shown.
    var time: UInt64
    /// Of those of the same time the lowest is first.
    var order: Int
    var track: UInt64
    var slice: Int
    var isEnd: Bool
  }

  /// From so many bytes on they are handed over.
  private static let pieceBytes = 65_536

  /// Writes it as messages of a Perfetto trace, in the order of time.
  ///
  /// - Parameter sink: Takes the bytes, in pieces.
  /// - Throws: ``TraceError`` `.range` where Perfetto cannot count so far, or from the sink.
  public func write(_ sink: ([UInt8]) throws(TraceError) -> Void) throws(TraceError) {
    let end = about.scale.shown(slices.reduce(0) { max($0, $1.end) })
    guard end <= UInt64(Int64.max) else {
      throw TraceError(
        .range, "the trace is longer than Perfetto can count at this time scale", file: about.trace)
    }
    var writer = PerfettoWriter(number: number)
    let words = about.scale.words + ", \(about.clock.rawValue) clock"
    writer.begin(names: names + [words], annotations: Annotation.allCases.map(\.name))
    writer.process(about.mapping)
    let model = writer.track("model", below: writer.root)
    let links = [
      (Row.down, writer.track("link down", below: writer.root)),
      (Row.up, writer.track("link up", below: writer.root)),
    ]
    var counters = Counters(slices, &writer)
    let events = events(links, &writer)
    // Around all others.
    writer.begin(model, at: 0, modelEvent(name: names.count + 1))
    for event in events {
      if event.time > counters.time { counters.write(until: event.time, &writer) }
      let slice = slices[event.slice]
      if event.isEnd {
        writer.end(event.track, at: event.time)
        counters.end(slice)
      } else {
        writer.begin(event.track, at: event.time, self.events[slice.event])
        counters.begin(slice)
      }
      if writer.count >= Self.pieceBytes { try sink(writer.take()) }
    }
    counters.write(until: end, &writer)
    writer.end(model, at: end)
    try sink(writer.take())
  }

  /// Says what all of it hangs on.
  private func modelEvent(name: Int) -> [UInt8] {
    var event = ProtobufWriter()
    event.add(TrackEventField.nameID, UInt64(name))
    event.annotate(.trace, about.trace)
    event.annotate(.mapping, about.mapping)
    event.annotate(.clock, about.clock.rawValue)
    event.annotate(.accessors, about.accessors)
    event.annotate(.timeScale, about.scale.factor)
    event.annotate(.tlps, shown)
    event.annotate(.tlpsLeftOut, leftOut)
    return event.bytes
  }

  /// Gives every slice a track, and puts their ends in the order of time.
  private func events(_ links: [(Row, UInt64)], _ writer: inout PerfettoWriter) -> [Event] {
    var rows: [Row: [Int]] = [:]
    for index in slices.indices { rows[slices[index].row, default: []].append(index) }
    var events: [Event] = []
    events.reserveCapacity(2 * slices.count)
    // What is on the link never overlaps.
    for (row, track) in links {
      for lane in Lanes(rows[row] ?? [], slices).tracks { add(lane, track, to: &events) }
    }
    for vcpu in Set(rows.keys.compactMap(\.vcpu)).sorted() {
      let group = writer.track("vCPU \(vcpu)", .group, below: writer.root)
      for held in Row.Held.allCases {
        guard let indices = rows[.held(vcpu: vcpu, held)] else { continue }
        for (number, lane) in Lanes(indices, slices).tracks.enumerated() {
          let track = writer.track("\(held.trackName) \(number)", below: group)
          add(lane, track, to: &events)
        }
      }
    }
    return events.sorted { ($0.time, $0.order) < ($1.time, $1.order) }
  }

  private func add(_ lane: [Int], _ track: UInt64, to events: inout [Event]) {
    for index in lane {
      for isEnd in [false, true] {
        let time = about.scale.shown(isEnd ? slices[index].end : slices[index].start)
        events.append(
          Event(time: time, order: events.count, track: track, slice: index, isEnd: isEnd))
      }
    }
  }
}
