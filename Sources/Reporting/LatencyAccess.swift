import Results

/// The accesses whose latency is measured, under their names in CSV and JSON.
enum LatencyAccess: String, CaseIterable {
  case store, load

  func latency(_ clock: ClockMetrics) -> Latency {
    self == .store ? clock.storeLatency : clock.loadLatency
  }

  /// What is measured, for a table.
  var words: String {
    self == .store ? "store to acceptance" : "load to its data"
  }
}

/// A percentile that the reports show, under its names in files and tables.
struct Percentile: Sendable {
  var name: String
  var title: String
  var perMille: UInt64

  static let all = [
    Percentile(name: "p50", title: "p50", perMille: 500),
    Percentile(name: "p90", title: "p90", perMille: 900),
    Percentile(name: "p99", title: "p99", perMille: 990),
    Percentile(name: "p999", title: "p99.9", perMille: 999),
  ]
}
