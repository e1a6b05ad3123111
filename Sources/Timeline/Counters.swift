/// What is held of each kind, and what has been written, over time.
struct Counters {
  private struct Counter {
    var track: UInt64
    var value: UInt64 = 0
    var written: UInt64?
  }

  /// Up to when the values are written, as shown.
  private(set) var time: UInt64 = 0
  private var held: [Row.Held: Counter] = [:]
  private var written: Counter?

  /// Describes the tracks of those that have something to count.
  init(_ slices: [Slice], _ writer: inout PerfettoWriter) {
    if slices.contains(where: { $0.writtenBytes > 0 }) {
      written = Counter(track: writer.track("bytes written", .bytes, below: writer.root))
    }
    let kinds = Set(slices.compactMap(\.row.heldKind))
    for kind in Row.Held.allCases where kinds.contains(kind) {
      guard let name = kind.counterName else { continue }
      held[kind] = Counter(track: writer.track(name, .count, below: writer.root))
    }
  }

  mutating func begin(_ slice: Slice) {
    if let kind = slice.row.heldKind { held[kind]?.value += 1 }
    written?.value += slice.writtenBytes
  }

  mutating func end(_ slice: Slice) {
    if let kind = slice.row.heldKind { held[kind]?.value -= 1 }
  }

  /// Writes values that have changed at ``time``, of which nothing more will come.
  mutating func write(until next: UInt64, _ writer: inout PerfettoWriter) {
    Self.write(&written, at: time, &writer)
    for kind in Row.Held.allCases { Self.write(&held[kind], at: time, &writer) }
    time = next
  }

  private static func write(
    _ counter: inout Counter?, at time: UInt64, _ writer: inout PerfettoWriter
  ) {
    guard let changed = counter, changed.value != changed.written else { return }
    writer.count(changed.track, at: time, changed.value)
    counter?.written = changed.value
  }
}
