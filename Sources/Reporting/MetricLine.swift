import Results

/// A quantity as a line of a region's table.
struct MetricLine: Sendable {
  var title: String
  /// A text for each scenario, in one unit; nil where it has none of the quantity.
  var texts: @Sendable ([(metrics: Metrics, scenario: ScenarioResult)]) -> [String?]

  init(
    title: String,
    texts: @escaping @Sendable ([(metrics: Metrics, scenario: ScenarioResult)]) -> [String?]
  ) {
    self.title = title
    self.texts = texts
  }

  init(title: String, text: @escaping @Sendable (Metrics, ScenarioResult) -> String?) {
    self.init(title: title) { $0.map { text($0.metrics, $0.scenario) } }
  }

  static let all: [MetricLine] = [
    count("stores") { $0.stores },
    bytes("store bytes") { $0.storeBytes },
    count("loads") { $0.loads },
    bytes("load bytes") { $0.loadBytes },
    count("alignment faults, stage 1") { $0.faultsStage1 },
    count("alignment faults, stage 2") { $0.faultsStage2 },
    count("bus writes") { $0.busWrites },
    count("memory writes (TLPs)") { $0.mwr },
    MetricLine(title: "mean payload") { metrics, _ in
      quotient(metrics.payloadBytes, metrics.mwr, places: 1).map { $0 + " B" }
    },
    MetricLine(title: "gather factor (stores per write)") { metrics, _ in
      quotient(metrics.stores, metrics.mwr, places: 2, separators: true)
    },
    bytes("payload bytes") { $0.payloadBytes },
    bytes("padded bytes (whole DWs)") { $0.paddedBytes },
    bytes("collapsed bytes (overwritten)") { $0.collapsedBytes },
    bytes("wire bytes down") { $0.wireDownBytes },
    bytes("wire bytes up") { $0.wireUpBytes },
    MetricLine(title: "wire efficiency of writes") { metrics, _ in
      percent(metrics.payloadBytes, of: metrics.mwrWireBytes)
    },
    count("memory reads (TLPs)") { $0.mrd },
    count("config reads") { $0.cfgReads },
    count("config writes") { $0.cfgWrites },
    time(.saturated), goodput(.saturated),
    time(.paced), goodput(.paced),
  ]

  private static func count(
    _ title: String, _ value: @escaping @Sendable (Metrics) -> UInt64
  ) -> MetricLine {
    MetricLine(title: title) { metrics, _ in
      let value = value(metrics)
      return value > 0 ? grouped(value) : nil
    }
  }

  private static func bytes(
    _ title: String, _ value: @escaping @Sendable (Metrics) -> UInt64
  ) -> MetricLine {
    MetricLine(title: title) { metrics, _ in
      let value = value(metrics)
      return value > 0 ? bytesText(value) : nil
    }
  }

  private static func time(_ clock: Clock) -> MetricLine {
    MetricLine(title: "time, \(clock.rawValue)") { columns in
      timeTexts(
        columns.map { column in
          clock.metrics(column.metrics, in: column.scenario)
            .flatMap { $0.timePs > 0 ? $0.timePs : nil }
        })
    }
  }

  private static func goodput(_ clock: Clock) -> MetricLine {
    MetricLine(title: "goodput, \(clock.rawValue)") { columns in
      rateTexts(
        columns.map { clock.metrics($0.metrics, in: $0.scenario)?.goodputBytesPerSecond })
    }
  }
}
