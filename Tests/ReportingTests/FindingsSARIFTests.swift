import Foundation
import Reporting
import Results
import Testing
import TraceCore

/// What readers of SARIF 2.1.0 take from a log, written down from the specification: decoding fails
/// where a key that it asks for is missing.
// swift-format-ignore: AlwaysUseLowerCamelCase
private struct Log: Decodable {
  struct Text: Decodable { var text: String }
  struct Rule: Decodable {
    var id: String
    var shortDescription: Text
    var help: Text
  }
  struct Driver: Decodable {
    var name: String
    var semanticVersion: String
    var rules: [Rule]
  }
  struct Tool: Decodable { var driver: Driver }
  struct Artifact: Decodable {
    struct Location: Decodable { var uri: String }
    var location: Location
    var hashes: [String: String]?
  }
  struct Notification: Decodable {
    var level: String
    var message: Text
  }
  struct Invocation: Decodable {
    var executionSuccessful: Bool
    var toolExecutionNotifications: [Notification]
  }
  struct Location: Decodable {
    struct Physical: Decodable {
      struct Region: Decodable { var startLine: UInt64 }
      struct Place: Decodable {
        var uri: String
        var index: Int
      }
      var artifactLocation: Place
      var region: Region?
    }
    struct Logical: Decodable { var fullyQualifiedName: String }
    var physicalLocation: Physical
    var logicalLocations: [Logical]?
  }
  struct Entry: Decodable {
    struct Properties: Decodable {
      var scenario: String
      var first_record: UInt64
      var first_line: UInt64?
    }
    var ruleId: String
    var ruleIndex: Int
    var level: String
    var message: Text
    var occurrenceCount: UInt64
    var locations: [Location]
    var partialFingerprints: [String: String]
    var properties: Properties
  }
  struct Run: Decodable {
    var tool: Tool
    var artifacts: [Artifact]
    var invocations: [Invocation]
    var results: [Entry]
  }
  var version: String
  var runs: [Run]
}

struct FindingsSARIFTests {
  private func log(_ run: RunResult, namesPath: Bool = false) throws -> Log.Run {
    let text = findingsSARIF(run, namesPath: namesPath)
    let log = try JSONDecoder().decode(Log.self, from: Data(text.utf8))
    #expect(log.version == "2.1.0" && log.runs.count == 1)
    return try #require(log.runs.first)
  }

  private static func runs() -> [RunResult] {
    var generated = GeneratedRun(seed: 11)
    return [
      SampleRun.compare, SampleRun.analyze, SampleRun.empty,
      generated.run(regions: 3, findings: 200, words: 3),
    ]
  }

  @Test func `every finding is a result, in order, of the rule that its index names`() throws {
    for run in Self.runs() {
      let log = try log(run)
      #expect(log.results.map(\.ruleId) == run.findings.map(\.code))
      #expect(log.results.map(\.level) == run.findings.map(\.severity.rawValue))
      #expect(log.results.map(\.occurrenceCount) == run.findings.map(\.count))
      #expect(log.results.map(\.properties.first_record) == run.findings.map(\.firstRecord))
      #expect(log.results.map(\.properties.scenario) == run.findings.map(\.scenario))
      for result in log.results {
        #expect(log.tool.driver.rules[result.ruleIndex].id == result.ruleId)
      }
      #expect(Set(log.tool.driver.rules.map(\.id)).count == log.tool.driver.rules.count)
    }
  }

  @Test func `levels are those that the specification has`() throws {
    for run in Self.runs() {
      let log = try log(run)
      let levels =
        log.results.map(\.level)
        + log.invocations.flatMap { $0.toolExecutionNotifications.map(\.level) }
      #expect(Set(levels).isSubset(of: ["error", "warning", "note", "none"]))
    }
  }

  @Test func `a native trace has no lines, and its place is the path that was given`() throws {
    var run = SampleRun.compare
    (run.trace.name, run.trace.path) = ("x.mmt", "sub dir/x.mmt")
    run.trace.hasOwnLines = false
    let log = try log(run, namesPath: true)
    #expect(run.findings.contains { $0.firstLine != nil })
    #expect(try self.log(run).artifacts.map(\.location.uri) == ["x.mmt"])
    #expect(log.artifacts.map(\.location.uri) == ["sub%20dir/x.mmt"])
    for (result, finding) in zip(log.results, run.findings) {
      let place = try #require(result.locations.first?.physicalLocation)
      #expect(place.region == nil && place.artifactLocation.uri == "sub%20dir/x.mmt")
      #expect(result.properties.first_line == finding.firstLine)
    }
  }

  @Test func `a line is told where the capture has lines, and the region where there is one`()
    throws
  {
    for run in Self.runs() {
      for (result, finding) in zip(try log(run).results, run.findings) {
        let location = try #require(result.locations.first)
        #expect(location.physicalLocation.region?.startLine == finding.firstLine)
        #expect(location.logicalLocations?.first?.fullyQualifiedName == finding.region)
      }
    }
  }

  @Test func `a fingerprint tells rows apart, and no count changes it`() throws {
    let run = SampleRun.compare
    let prints = try log(run).results.map(\.partialFingerprints)
    #expect(Set(prints).count == run.findings.count)
    var later = run
    for index in later.findings.indices {
      later.findings[index].count += 5
      later.findings[index].firstRecord += 7
    }
    #expect(try log(later).results.map(\.partialFingerprints) == prints)
  }

  // RFC 3986: unreserved characters stay, UTF-8 bytes of others are percent-encoded.
  @Test(arguments: [
    ("ring.mmt", "ring.mmt"), ("a b%.csv", "a%20b%25.csv"), ("run/ä:1", "run/%C3%A4%3A1"),
    ("-", "-"),
  ])
  func `the capture is a relative reference`(name: String, uri: String) throws {
    var run = SampleRun.compare
    run.trace.name = name
    let log = try log(run)
    #expect(log.artifacts.map(\.location.uri) == [uri])
    #expect(
      log.results.allSatisfy { $0.locations[0].physicalLocation.artifactLocation.uri == uri })
  }

  @Test func `what the capture cannot tell is a note, and what was lost a warning`() throws {
    let run = SampleRun.compare
    let told = try #require(try log(run).invocations.first).toolExecutionNotifications
    #expect(told.filter { $0.level == "note" }.map(\.message.text) == run.trace.assumptions)
    let lost = run.trace.counters.filter { $0.severity != .info }
    #expect(!lost.isEmpty)
    let warnings = told.filter { $0.level == "warning" }.map(\.message.text)
    #expect(warnings.count == lost.count)
    for (warning, counter) in zip(warnings, lost) {
      #expect(warning.hasPrefix("\(counter.name): \(counter.count) "))
    }
  }

  @Test func `a hash that is not known is left out`() throws {
    var run = SampleRun.compare
    #expect(try log(run).artifacts[0].hashes == ["sha-256": run.trace.sha256])
    run.trace.sha256 = ""
    #expect(try log(run).artifacts[0].hashes == nil)
  }
}
