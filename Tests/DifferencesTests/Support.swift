import Differences
import Results
import Testing
import TraceCore

/// Parts of `run.json`, written by hand after the contract of its keys.
enum Document {
  /// A scenario as JSON.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - settings: Members of `settings`.
  ///   - totals: Members of `totals`.
  ///   - regions: Region names and the members of their metrics.
  /// - Returns: The object.
  static func scenario(
    _ name: String, settings: String = "", totals: String = "",
    regions: [(name: String, metrics: String)] = []
  ) -> String {
    let parts = regions.map {
      #"{ "name": "\#($0.name)", "effective": "normal-nc", "metrics": { \#($0.metrics) } }"#
    }
    return """
      { "name": "\(name)", "policy": "none", "fwb": false, "link_use": { "paced": null },
        "settings": { \(settings) }, "totals": { \(totals) },
        "regions": [ \(parts.joined(separator: ", ")) ] }
      """
  }

  static func finding(
    _ code: String, _ scenario: String, region: String?, count: UInt64, first: UInt64 = 0,
    severity: String = "warning", kind: String? = "k"
  ) -> String {
    let region = region.map { "\"\($0)\"" } ?? "null"
    let kind = kind.map { ", \"kind\": \"\($0)\"" } ?? ""
    return """
      { "code": "\(code)", "severity": "\(severity)", "scenario": "\(scenario)", "count": \(count),
        "first_record": \(first), "region": \(region), "message": "m\(first)", "vcpu": 1\(kind) }
      """
  }

  /// A whole document as text.
  static func text(
    _ scenarios: [String], findings: [String] = [], counters: String = "", schema: Int = 1
  ) -> String {
    """
    { "schema_version": \(schema), "tool": { "name": "mmioscope", "version": "0.1.0" },
      "trace": { "name": "t", "sha256": "ab", "records": 7, "lost": 0, "format": "csv",
        "assumptions": [], "counters": [ \(counters) ] },
      "scenarios": [ \(scenarios.joined(separator: ", ")) ],
      "findings": [ \(findings.joined(separator: ", ")) ], "variations": [] }
    """
  }

  static func run(_ text: String) throws -> RunDocument {
    try RunDocument(json: Array(text.utf8), path: "run.json")
  }

  static func difference(_ before: String, _ after: String) throws -> RunDifference {
    RunDifference(try run(before), try run(after))
  }
}

extension RunDifference {
  /// The values of a metric; nil where there is no such row, or more than one.
  func values(_ scenario: String?, _ region: String?, _ name: String) -> [UInt64?]? {
    let rows = metrics.filter {
      $0.scenario == scenario && $0.region == region && $0.name == name
    }
    return rows.count == 1 ? [rows[0].before, rows[0].after] : nil
  }
}

/// The message of the error that a body throws.
func failure(_ body: () throws -> Void) -> TraceError? {
  do {
    try body()
    return nil
  } catch { return error as? TraceError }
}
