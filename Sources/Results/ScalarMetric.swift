/// A count of ``Metrics`` under its name in CSV and JSON.
///
/// A new one is a field and a line here: sums over regions, files and comparisons go over the list.
public struct ScalarMetric: Sendable {
  public var name: String
  public var value: any KeyPath<Metrics, UInt64> & Sendable
  /// Where sums are kept; nil of one that is made of others.
  public var sum: (any WritableKeyPath<Metrics, UInt64> & Sendable)?

  private init(_ name: String, _ sum: any WritableKeyPath<Metrics, UInt64> & Sendable) {
    (self.name, value, self.sum) = (name, sum, sum)
  }

  private init(_ name: String, made value: any KeyPath<Metrics, UInt64> & Sendable) {
    (self.name, self.value) = (name, value)
  }

  /// In the order of the CSV columns.
  public static let all: [ScalarMetric] = [
    .init("stores", \.stores),
    .init("loads", \.loads),
    .init("store_bytes", \.storeBytes),
    .init("load_bytes", \.loadBytes),
    .init("faults_alignment", made: \.faultsAlignment),
    .init("faults_stage1", \.faultsStage1),
    .init("faults_stage2", \.faultsStage2),
    .init("bus_writes", \.busWrites),
    .init("mwr", \.mwr),
    .init("mrd", \.mrd),
    .init("cfg_reads", \.cfgReads),
    .init("cfg_writes", \.cfgWrites),
    .init("payload_bytes", \.payloadBytes),
    .init("padded_bytes", \.paddedBytes),
    .init("wire_down_bytes", \.wireDownBytes),
    .init("wire_up_bytes", \.wireUpBytes),
    .init("mwr_wire_bytes", \.mwrWireBytes),
    .init("collapsed_bytes", \.collapsedBytes),
    .init("gathering_stores", \.gatheringStores),
    .init("faults_unsupported64", \.faultsUnsupported64),
  ]
}
