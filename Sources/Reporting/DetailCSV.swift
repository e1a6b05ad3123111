public import Results
import Tables
import TraceCore

/// `tlp_sizes.csv`: memory writes by exact payload bytes, by scenario and region.
public func tlpSizesCSV(_ run: RunResult) -> String {
  var csv = CSVText(header: ["scenario", "region", "payload_bytes", "tlps"])
  for scenario in run.scenarios {
    for result in scenario.regions {
      for row in result.metrics.mwrPayloadHistogram {
        csv.add([
          scenario.name, result.region.name, String(row.payloadBytes), String(row.tlps),
        ])
      }
    }
  }
  return csv.text
}

/// `flush_causes.csv`: lines that left the CPU by cause, by scenario and region.
public func flushCausesCSV(_ run: RunResult) -> String {
  var csv = CSVText(header: ["scenario", "region", "cause", "flushes", "bytes"])
  for scenario in run.scenarios {
    for result in scenario.regions {
      for row in result.metrics.flushCauses {
        csv.add([
          scenario.name, result.region.name, row.cause.name, String(row.flushes),
          String(row.bytes),
        ])
      }
    }
  }
  return csv.text
}

/// `findings.csv`: the findings in the run's order, under the names of the JSON's keys.
public func findingsCSV(_ run: RunResult) -> String {
  var csv = CSVText(header: [
    "code", "severity", "scenario", "count", "first_record", "first_line", "region", "vcpu",
    "message", "rule", "advice", "caller", "register", "section", "kind",
  ])
  for finding in run.findings {
    csv.add([
      finding.code, finding.severity.rawValue, finding.scenario, String(finding.count),
      String(finding.firstRecord), finding.firstLine.map { String($0) }, finding.region,
      finding.vcpu.map { String($0) }, finding.message, finding.rule, finding.advice,
      finding.caller, finding.register, finding.section, finding.kind,
    ])
  }
  return csv.text
}
