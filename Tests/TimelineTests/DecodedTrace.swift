/// A Perfetto trace as a viewer takes it: packets in the order of time, slices by track.
///
/// Field numbers are typed from Perfetto's definitions, not taken from the writer.
struct DecodedTrace {
  struct Slice: Equatable {
    var track: String
    var name: String
    var start: UInt64
    var end: UInt64
    var notes: [String: String]
    var flows: [UInt64]
  }

  struct Damage: Error { var what: String }

  private struct Track {
    var name: String
    var parent: UInt64?
    var isCounter = false
  }

  private struct Interned {
    var names: [UInt64: String] = [:]
    var annotations: [UInt64: String] = [:]
  }

  /// By the end of the slice.
  private(set) var slices: [Slice] = []
  /// Values of each counter with their times.
  private(set) var counters: [String: [(time: UInt64, value: UInt64)]] = [:]
  /// Names of all tracks that are described, with their parents'.
  private(set) var trackNames: Set<String> = []
  /// Slices of a track that were open at once, at most.
  private(set) var deepest = 0
  private var tracks: [UInt64: Track] = [:]
  private var interned: [UInt64: Interned] = [:]

  init(_ bytes: [UInt8]) throws {
    var events: [(time: UInt64, sequence: UInt64, event: DecodedMessage)] = []
    for packet in try DecodedMessage(bytes).messages(1) {
      guard let sequence = try packet.number(10) else { throw Damage(what: "no sequence") }
      let flags = try packet.number(13) ?? 0
      if flags & 1 != 0 { interned[sequence] = Interned() }
      if let data = try packet.message(12) {
        for name in try data.messages(2) {
          interned[sequence]?.names[try name.number(1) ?? 0] = try name.text(2)
        }
        for name in try data.messages(3) {
          interned[sequence]?.annotations[try name.number(1) ?? 0] = try name.text(2)
        }
      }
      if let track = try packet.message(60) { try add(track) }
      guard let event = try packet.message(11) else { continue }
      guard let time = try packet.number(8), flags & 2 != 0 else {
        throw Damage(what: "an event without time or state")
      }
      if let last = events.last, last.sequence == sequence, last.time > time {
        throw Damage(what: "time goes back")
      }
      events.append((time, sequence, event))
    }
    var open: [UInt64: [Slice]] = [:]
    for (time, sequence, event) in events { try take(event, time, sequence, &open) }
    guard open.values.allSatisfy(\.isEmpty) else { throw Damage(what: "a slice has no end") }
  }

  private mutating func add(_ track: DecodedMessage) throws {
    guard let uuid = try track.number(1), tracks[uuid] == nil else {
      throw Damage(what: "a track without number, or with another's")
    }
    let process = try track.message(3)
    let name = try process.map { try $0.text(6) } ?? track.text(2)
    let parent = try track.number(5)
    if let parent, tracks[parent] == nil { throw Damage(what: "an unknown parent") }
    let isCounter = try track.message(8) != nil
    tracks[uuid] = Track(name: name ?? "", parent: parent, isCounter: isCounter)
    guard trackNames.insert(try path(uuid)).inserted else { throw Damage(what: "equal names") }
  }

  private func path(_ uuid: UInt64) throws -> String {
    guard let track = tracks[uuid] else { throw Damage(what: "an unknown track") }
    return try track.parent.map { try path($0) + "/" + track.name } ?? track.name
  }

  private mutating func take(
    _ event: DecodedMessage, _ time: UInt64, _ sequence: UInt64, _ open: inout [UInt64: [Slice]]
  ) throws {
    guard let uuid = try event.number(11), let track = tracks[uuid] else {
      throw Damage(what: "an event of no track")
    }
    switch try event.number(9) {
    case 1 where !track.isCounter:
      guard let names = interned[sequence], let name = names.names[try event.number(10) ?? 0]
      else { throw Damage(what: "no name") }
      var slice = Slice(
        track: try path(uuid), name: name, start: time, end: time, notes: [:], flows: [])
      for note in try event.messages(4) {
        guard let name = names.annotations[try note.number(1) ?? 0] else {
          throw Damage(what: "an annotation without name")
        }
        guard slice.notes[name] == nil else { throw Damage(what: "\(name) twice") }
        if let text = try note.text(6) { slice.notes[name] = text }
        if let value = try note.number(3) { slice.notes[name] = String(value) }
        if let value = try note.number(7) { slice.notes[name] = "0x" + String(value, radix: 16) }
      }
      for field in event.fields where field.number == 47 {
        guard case .fixed64(let flow) = field.value else { throw Damage(what: "a flow") }
        slice.flows.append(flow)
      }
      open[uuid, default: []].append(slice)
      deepest = max(deepest, open[uuid]?.count ?? 0)
    case 2 where !track.isCounter:
      guard var slice = open[uuid]?.popLast() else { throw Damage(what: "nothing to end") }
      slice.end = time
      slices.append(slice)
    case 4 where track.isCounter:
      guard let value = try event.number(30) else { throw Damage(what: "no value") }
      counters[try path(uuid), default: []].append((time, value))
    default: throw Damage(what: "an event of another type")
    }
  }

  // MARK: Questions

  /// Slices of the tracks whose path has these beginnings.
  func slices(_ prefix: String) -> [Slice] { slices.filter { $0.track.hasPrefix(prefix) } }

  /// `line 0: barrier 0-1000`, the mapping left out, in the order of time.
  func rows(_ prefix: String) -> [String] {
    slices(prefix).sorted { ($0.start, $0.end, $0.track) < ($1.start, $1.end, $1.track) }.map {
      let name = $0.track.split(separator: "/").last ?? ""
      return "\(name): \($0.name) \($0.start)-\($0.end)"
    }
  }
}
