import Foundation
import Testing

/// The first thing that anybody runs.
struct DemoTests {
  static let files = [
    "findings.csv", "findings.sarif", "flush_causes.csv", "flush_causes.svg", "latency.csv",
    "latency_histogram.csv",
    "link_use.csv", "link_use.svg", "ranges.csv", "report.md", "run.json", "stalls.csv",
    "stalls.svg", "summary.csv", "tlp_sizes.csv", "tlp_sizes.svg",
  ]
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A verdict per region in at most 25 lines, a whole report folder, and a command that works.
  private func check(_ outcome: Outcome, report: String) throws {
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    #expect(outcome.lines.count <= 25)
    #expect(outcome.output.contains("display bar 0"))
    #expect(outcome.output.contains("map WC"))
    let named = outcome.lines.last { $0.contains(report + "/report.md") }
    #expect(named != nil)
    #expect(try scratch.list(report) == Self.files)
    for file in Self.files { #expect(try !scratch.bytes(report + "/" + file).isEmpty) }

    let next = try #require(outcome.lines.last { $0.hasPrefix("next:") })
    let command = next.dropFirst(5).trimmingCharacters(in: .whitespaces)
    #expect(command.contains(" compare "))
    let again = try scratch.shell(command)
    #expect(again.status == 0, "\(command): \(again.errors)")
  }

  /// As in the repository's root, which holds `Traces`.
  @Test func `the demo works in a checked-out repository`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("Traces"), withDestinationPath: Repository.path("Traces"))
    try check(try scratch.mmioscope(["demo"]), report: "demo-report")
    try check(try scratch.mmioscope(["demo", "-o", "some/where"]), report: "some/where")
  }

  @Test func `the demo's report is the committed one`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("Traces"), withDestinationPath: Repository.path("Traces"))
    #expect(try scratch.mmioscope(["demo", "-o", "out"]).status == 0)
    guard !Repository.updatesGoldens else { return }
    for file in Self.files {
      let committed = try scratch.bytes(Repository.path("Reports/fb-wc/" + file))
      let isSame = try scratch.bytes("out/" + file) == committed
      #expect(isSame, "\(file)")
    }
  }

  @Test func `the demo works where make install put it`() throws {
    let folder = URL(fileURLWithPath: Command.binary).deletingLastPathComponent().path
    let prefix = scratch.path("prefix")
    let install = try scratch.shell(
      "make -s -C '\(Repository.root)' -o build install 'PREFIX=\(prefix)' 'BUILD=\(folder)'")
    #expect(install.status == 0, "\(install.errors)")
    #expect(install.output.contains(prefix + "/bin/mmioscope"))
    let outcome = try Command.run(prefix + "/bin/mmioscope", ["demo"], in: scratch)
    try check(outcome, report: "demo-report")
  }

  @Test func `a demo without its capture says where it looked`() throws {
    try FileManager.default.copyItem(atPath: Command.binary, toPath: scratch.path("mmioscope"))
    let outcome = try Command.run(scratch.path("mmioscope"), ["demo"], in: scratch)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("Traces/fb-wc.mmt"))
    #expect(outcome.errors.contains("share/mmioscope/fb-wc.mmt"))
    #expect(try scratch.list() == ["mmioscope"])
  }
}
