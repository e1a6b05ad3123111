public import Results

/// A gate's decisions as JUnit's XML, which CI systems show test by test.
///
/// JUnit has no specification; what is written here is what its own Ant task and the readers of CI
/// systems have in common: counts on the suites, `failure` and `error` in a case. It has no times, as
/// a model's result has none.
public func gateJUnit(_ report: GateReport) -> String {
  let counts =
    "tests=\"\(report.cases.count)\" failures=\"\(report.cases.count(where: \.isFailed))\""
    + " errors=\"\(report.cases.count(where: \.isUndecided))\""
  let gate = xml("\(Product.name) \(report.gate)")
  var lines = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    "<testsuites name=\"\(gate)\" \(counts)>",
    "  <testsuite name=\"\(xml(report.subject))\" \(counts) skipped=\"0\">",
  ]
  for entry in report.cases {
    let head =
      "    <testcase classname=\"\(Product.name).\(xml(report.gate))\" name=\"\(xml(entry.name))\""
    switch entry.outcome {
    case .passed: lines.append(head + "/>")
    case .failed(let reasons):
      let text = reasons.map(xml).joined(separator: "\n")
      lines.append(head + ">")
      lines.append("      <failure message=\"\(xml(reasons.first ?? ""))\">\(text)</failure>")
      lines.append("    </testcase>")
    case .undecided(let reason):
      lines.append(head + ">")
      lines.append("      <error message=\"\(xml(reason))\"/>")
      lines.append("    </testcase>")
    }
  }
  lines += ["  </testsuite>", "</testsuites>", ""]
  return lines.joined(separator: "\n")
}
