import Results

/// A count of ``Metrics`` under its name in CSV and JSON: a new one is one line here.
struct ScalarMetric: Sendable {
  var name: String
  var value: @Sendable (Metrics) -> UInt64

  /// In the order of the CSV columns.
  static let all: [ScalarMetric] = [
    ScalarMetric(name: "stores") { $0.stores },
    ScalarMetric(name: "loads") { $0.loads },
    ScalarMetric(name: "store_bytes") { $0.storeBytes },
    ScalarMetric(name: "load_bytes") { $0.loadBytes },
    ScalarMetric(name: "faults_alignment") { $0.faultsAlignment },
    ScalarMetric(name: "faults_stage1") { $0.faultsStage1 },
    ScalarMetric(name: "faults_stage2") { $0.faultsStage2 },
    ScalarMetric(name: "bus_writes") { $0.busWrites },
    ScalarMetric(name: "mwr") { $0.mwr },
    ScalarMetric(name: "mrd") { $0.mrd },
    ScalarMetric(name: "cfg_reads") { $0.cfgReads },
    ScalarMetric(name: "cfg_writes") { $0.cfgWrites },
    ScalarMetric(name: "payload_bytes") { $0.payloadBytes },
    ScalarMetric(name: "padded_bytes") { $0.paddedBytes },
    ScalarMetric(name: "wire_down_bytes") { $0.wireDownBytes },
    ScalarMetric(name: "wire_up_bytes") { $0.wireUpBytes },
    ScalarMetric(name: "mwr_wire_bytes") { $0.mwrWireBytes },
    ScalarMetric(name: "collapsed_bytes") { $0.collapsedBytes },
  ]
}

/// A clock of the model, under its name in CSV and JSON.
enum Clock: String, CaseIterable {
  case saturated, paced

  /// nil where the scenario did not run this clock.
  func metrics(_ metrics: Metrics, in scenario: ScenarioResult) -> ClockMetrics? {
    guard scenario.clocks == "both" || scenario.clocks == rawValue else { return nil }
    return self == .saturated ? metrics.saturated : metrics.paced
  }
}
