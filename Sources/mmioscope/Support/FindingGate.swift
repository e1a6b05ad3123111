public import ArgumentParser
public import Results

/// A gate for CI: the findings of a run.
struct FindingGate: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Fail where a finding is this severe or more, under any mapping that is replayed: error, "
        + "warning or note.", valueName: "severity"))
  var failOn: Finding.Severity?

  /// Says which findings do not pass.
  ///
  /// - Parameter run: The results, which are written by then.
  /// - Throws: `ExitCode` 1 where there are some.
  func check(_ run: RunResult) throws {
    guard let failOn else { return }
    let failed = run.findings.filter { $0.severity >= failOn }
    guard !failed.isEmpty else { return }
    Console.failed(
      "--fail-on \(failOn.rawValue)",
      failed.map { finding in
        let region = finding.region.map { " \($0)" } ?? ""
        return "\(finding.code) \(finding.scenario)\(region): \(finding.message)"
          + " (\(finding.count)x, first at record \(finding.firstRecord))"
      })
    throw ExitCode(1)
  }
}

extension Finding.Severity: ExpressibleByArgument {}
