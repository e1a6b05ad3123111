import TraceCore

/// Counts events that are no concern of an importer, by name up to a bound.
struct OtherEvents {
  /// Names that are counted apart; the rest is counted together.
  static let limit = 64

  private var names = NameTable(limit: limit)
  private var counts = [UInt64](repeating: 0, count: limit + 1)
  private let meaning: String

  /// - Parameter meaning: What the events are, for the report.
  init(meaning: String) { self.meaning = meaning }

  /// Counts an event.
  @inline(__always)
  mutating func count(_ range: Range<Int>, _ bytes: Span<UInt8>) {
    counts[names.index(of: range, in: bytes) ?? Self.limit] += 1
  }

  /// Counts events of a name.
  mutating func count(_ name: String, _ amount: UInt64 = 1) {
    let bytes = Array(name.utf8)
    counts[names.index(of: 0..<bytes.count, in: bytes.span) ?? Self.limit] += amount
  }

  /// Moves the counts to the trace's table.
  ///
  /// - Parameters:
  ///   - context: Its table gets `other_event_NAME` and `other_events`.
  ///   - isAccess: An event of this name is an access all the same, so that leaving it out loses
  ///     data.
  mutating func flush(into context: TraceContext, isAccess: (String) -> Bool = { _ in false }) {
    for index in counts.indices where counts[index] > 0 {
      let name = index < Self.limit ? names.text(index) : nil
      let loses = name.map(isAccess) ?? false
      context.counters.add(
        name.map { "other_event_" + Self.plain($0) } ?? "other_events", counts[index],
        severity: loses ? .dataLoss : .info,
        meaning: loses
          ? "accesses in another address space, left out: import them on their own" : meaning)
      counts[index] = 0
    }
  }

  /// The name as part of a counter's.
  private static func plain(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}
