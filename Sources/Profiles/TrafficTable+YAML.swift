import ConfigSpace
import Results
public import TraceCore
import YAMLInput

extension TrafficTable {
  /// The built-in table, with the settings' own word on a function reset.
  ///
  /// - Parameter settings: The device's values.
  /// - Throws: ``TraceError`` when the built-in table is wrong: a defect of this program.
  public init(_ settings: ModelSettings) throws(TraceError) {
    try self.init(
      YAMLDocument(bytes: PackageResources.traffic_yaml, file: "built-in traffic.yaml"))
    guard let index = rows.firstIndex(where: { $0.situation == .resetting }) else { return }
    rows[index].effect = settings.traffic
    let keys = ["device.flr_posted", "device.flr_nonposted", "device.flr_completion"]
    let own = settings.values.filter { keys.contains($0.key) }
    var sources: [String] = []
    for source in own.map(\.source) where !sources.contains(source) { sources.append(source) }
    rows[index].source = sources.joined(separator: "; ")
    // The weakest of the three words is that of the row.
    let order: [Setting.Status] = [.assumed, .user, .measured, .specified]
    rows[index].status = order.first { status in own.contains { $0.status == status } } ?? .assumed
  }

  /// Decodes a table: a key for each situation.
  ///
  /// - Throws: ``TraceError`` with file, line and key.
  init(_ document: YAMLDocument) throws(TraceError) {
    let names = TrafficSituation.allCases.map(\.rawValue)
    let root = try document.root.mapping(allowed: names)
    rows = []
    for situation in TrafficSituation.allCases {
      rows.append(try Row(situation, root.required(situation.rawValue)))
    }
  }
}

extension TrafficTable.Row {
  fileprivate init(_ situation: TrafficSituation, _ node: YAMLNode) throws(TraceError) {
    let entry = try node.mapping(
      allowed: ["posted", "nonposted", "completion", "note", "source", "status"])
    self.init(
      situation: situation,
      effect: TrafficEffect(
        posted: try entry.required("posted").word(),
        nonPosted: try entry.required("nonposted").word(),
        completion: try entry.required("completion").word()),
      note: try entry.required("note").string(), source: try entry.required("source").string(),
      status: try entry.required("status").word())
  }
}

extension YAMLNode {
  /// One of an enumeration's words.
  fileprivate func word<Word: RawRepresentable<String> & CaseIterable>() throws(TraceError) -> Word
  {
    let text = try string()
    guard let word = Word(rawValue: text) else {
      throw error("unknown word '\(text)'" + didYouMean(text, among: Word.allCases.map(\.rawValue)))
    }
    return word
  }
}
