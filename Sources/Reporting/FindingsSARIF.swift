public import Results
import TraceCore

/// `findings.sarif`: the findings as a SARIF 2.1.0 log, which CI systems and editors show.
///
/// A row of the run's findings is one result, its count the `occurrenceCount`. The place is a line of
/// the capture where that is text; the record stands in the properties, as records have no lines, and
/// so does the line of what a native trace was imported from.
/// What the capture cannot tell, and what was lost, are notifications of the run.
///
/// Source: Static Analysis Results Interchange Format 2.1.0 (OASIS), sections 3.13 run, 3.27 result,
/// 3.49 reportingDescriptor; its levels are the severities of findings.
///
/// - Parameters:
///   - run: The run.
///   - namesPath: The capture is named by the path that was given, which is found from where the
///     command ran; else by its name, which is the same wherever it lies.
/// - Returns: JSON.
public func findingsSARIF(_ run: RunResult, namesPath: Bool = false) -> String {
  let place = uri(namesPath ? run.trace.path ?? run.trace.name : run.trace.name)
  let rules = SARIFRule.all(run.findings)
  let indices = Dictionary(
    rules.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
  let document: JSONValue = .object([
    "$schema": .text("https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-schema-2.1.0.json"),
    "version": .text("2.1.0"),
    "runs": .list([
      .object([
        "tool": .object([
          "driver": .object([
            "name": .text(Product.name), "semanticVersion": .text(Product.version),
            "rules": .list(rules.map(\.json)),
          ])
        ]),
        "invocations": .list([
          .object([
            "executionSuccessful": .flag(true),
            "toolExecutionNotifications": .list(notifications(run.trace)),
          ])
        ]),
        "artifacts": .list([
          artifact(run.trace, place)
        ]),
        "results": .list(
          run.findings.map { result($0, of: run.trace, place, rule: indices[$0.code] ?? 0) }),
      ])
    ]),
  ])
  return document.document
}

/// What SARIF says once of a code; how severe it is, each result says.
private struct SARIFRule {
  var code: String
  var meaning: String
  /// Rules and advice of all its findings, each once.
  var help: [String] = []

  /// In the order in which codes come first.
  static func all(_ findings: [Finding]) -> [SARIFRule] {
    var rules: [SARIFRule] = []
    var places: [String: Int] = [:]
    for finding in findings {
      let place = places[finding.code] ?? rules.count
      if place == rules.count {
        places[finding.code] = place
        rules.append(
          SARIFRule(code: finding.code, meaning: finding.meaning))
      }
      for text in [finding.rule, finding.advice]
      where !text.isEmpty && !rules[place].help.contains(text) {
        rules[place].help.append(text)
      }
    }
    return rules
  }

  var json: JSONValue {
    let explained = help + ["mmioscope explain \(code)"]
    return .object([
      "id": .text(code),
      "shortDescription": .object(["text": .text(meaning.isEmpty ? code : meaning)]),
      "help": .object(["text": .text(explained.joined(separator: "\n"))]),
    ])
  }
}

private func artifact(_ trace: TraceResult, _ uri: String) -> JSONValue {
  var members: [String: JSONValue] = ["location": .object(["uri": .text(uri)])]
  if !trace.sha256.isEmpty { members["hashes"] = .object(["sha-256": .text(trace.sha256)]) }
  return .object(members)
}

private func result(
  _ finding: Finding, of trace: TraceResult, _ uri: String, rule: Int
) -> JSONValue {
  var place: [String: JSONValue] = [
    "artifactLocation": .object(["uri": .text(uri), "index": .count(0)])
  ]
  if trace.hasOwnLines, let line = finding.firstLine {
    place["region"] = .object(["startLine": .count(line)])
  }
  var location: [String: JSONValue] = ["physicalLocation": .object(place)]
  if let region = finding.region {
    location["logicalLocations"] = .list([
      .object(["fullyQualifiedName": .text(region), "kind": .text("resource")])
    ])
  }
  let places = [
    finding.region, finding.register, finding.vcpu.map { "vCPU \($0)" }, finding.caller,
  ].compactMap(\.self).joined(separator: ", ")
  let advice = finding.advice.isEmpty ? "" : " \(finding.advice)."
  return .object([
    "ruleId": .text(finding.code),
    "ruleIndex": .count(UInt64(rule)),
    "level": .text(finding.severity.rawValue),
    "message": .object([
      "text": .text(
        "\(finding.scenario): \(finding.message) (\(grouped(finding.count))x, first at record "
          + "\(finding.firstRecord)\(places.isEmpty ? "" : ": " + places)).\(advice)")
    ]),
    "occurrenceCount": .count(finding.count),
    "locations": .list([.object(location)]),
    // The same trouble in another capture of the same device is the same alert.
    "partialFingerprints": .object([
      "mmioscope/v1": .text(
        [finding.code, finding.scenario, finding.region ?? "", finding.kind]
          .joined(separator: "|"))
    ]),
    "properties": .object([
      "scenario": .text(finding.scenario),
      "first_record": .count(finding.firstRecord),
      "first_line": JSONValue(finding.firstLine),
      "region": JSONValue(finding.region),
      "vcpu": finding.vcpu.map { .count(UInt64($0)) } ?? .null,
      "section": JSONValue(finding.section),
    ]),
  ])
}

private func notifications(_ trace: TraceResult) -> [JSONValue] {
  func notification(_ level: String, _ text: String) -> JSONValue {
    .object(["level": .text(level), "message": .object(["text": .text(text)])])
  }
  let lost = trace.counters.filter { $0.severity != .info }.map {
    notification("warning", "\($0.name): \($0.count) (\($0.meaning))")
  }
  return trace.assumptions.map { notification("note", $0) } + lost
}

/// A file's name as a relative reference (RFC 3986): all but unreserved characters and slashes is
/// percent-encoded.
private func uri(_ path: String) -> String {
  let digits = Array("0123456789ABCDEF")
  return path.utf8.reduce(into: "") { text, byte in
    let scalar = Unicode.Scalar(byte)
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "/":
      text.unicodeScalars.append(scalar)
    default: text += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
    }
  }
}
