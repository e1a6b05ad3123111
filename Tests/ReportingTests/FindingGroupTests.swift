import Results
import Testing

@testable import Reporting

/// Rows of a report out of findings; counts and sentences are read off the findings below.
@Suite struct FindingGroupTests {
  private func finding(
    _ message: String, kind: String, _ scenario: String = "kvm-normal-nc", count: UInt64,
    record: UInt64, region: String = "bar2", code: String = "RST005"
  ) -> Finding {
    var finding = Finding(
      code: code, severity: .error, scenario: scenario, count: count, firstRecord: record,
      firstLine: nil, region: region, vcpu: 0, message: message, rule: "", advice: "")
    finding.kind = kind
    return finding
  }

  private func run(_ findings: [Finding]) -> RunResult {
    var run = SampleRun.compare
    run.findings = findings
    return run
  }

  private func line(_ run: RunResult, _ start: String) -> String? {
    terminalSummary(run, width: 120, color: false).split(separator: "\n").map(String.init)
      .first { $0.hasPrefix(start) }
  }

  @Test func `what one rule tells apart is not counted together`() throws {
    let run = run([
      finding("in a window, 99 ms early", kind: "in a window", count: 2, record: 10),
      finding("memory is off", kind: "memory is off", count: 26, record: 20),
    ])
    let groups = FindingGroup.all(Comparison(run))
    #expect(groups.map(\.countText) == ["2", "26"])
    #expect(groups.map(\.first.firstRecord) == [10, 20])
    #expect(groups.map(\.sample.message) == ["in a window, 99 ms early", "memory is off"])
    #expect(FindingGroup.count(run.findings, .error) == 2)
    let first = try #require(line(run, "error   RST005 2x bar2"))
    #expect(first.hasSuffix(": in a window, 99 ms early"))
    #expect(line(run, "error   RST005 26x bar2") != nil)
  }

  @Test func `figures that differ between two mappings stay in one row`() {
    let run = run([
      finding("9 ms early", kind: "early", "kvm-device", count: 3, record: 10),
      finding("8 ms early", kind: "early", count: 8, record: 10),
    ])
    #expect(FindingGroup.all(Comparison(run)).map(\.countText) == ["3 / 8"])
    let row = line(run, "error   RST005 3 / 8x bar2 under both") ?? ""
    // What is read there is of one of them.
    #expect(row.hasSuffix(": kvm-normal-nc: 8 ms early"))
    #expect(markdownReport(run).contains("kvm-normal-nc: 8 ms early"))
  }

  /// 3 + 1 under the first mapping, 8 + 4 under the second; the causes are one region's.
  @Test func `several regions have the sentence that fits all, and their counts by mapping`() {
    let run = run([
      finding("by cause: 3", kind: "lines leave", "kvm-device", count: 3, record: 10),
      finding("by cause: 1", kind: "lines leave", "kvm-device", count: 1, record: 11, region: "b"),
      finding("by cause: 8", kind: "lines leave", count: 8, record: 10),
      finding("by cause: 4", kind: "lines leave", count: 4, record: 11, region: "b"),
    ])
    let text = line(run, "error   RST005 4 / 12x 2 regions under both, record 10")
    #expect(text?.hasSuffix(": lines leave") == true)
  }
}
