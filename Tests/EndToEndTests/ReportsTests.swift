import Foundation
import Testing

/// `Reports/NAME` is what `compare Traces/NAME.mmt -o` says, byte for byte.
///
/// `make reports` makes them again, as `UPDATE_GOLDEN=1` does, which then fails.
struct ReportsTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test(arguments: Repository.traces) func `the committed report is current`(name: String) throws {
    try scratch.reporting(["compare", Repository.trace(name)], to: "out")
    try expect(committed: "Reports/" + name, isFolder: "out")
  }

  /// The captures with resets under load.
  @Test(arguments: ["nvme-flr", "vfio-reclaim"])
  func `the committed report on resets is current`(name: String) throws {
    let page = ["--markdown", "out/reset.md", "--csv", "out/resets.csv"]
    try FileManager.default.createDirectory(
      atPath: scratch.path("out"), withIntermediateDirectories: true)
    _ = try scratch.quietly(["reset", Repository.trace(name)] + page)
    try expect(committed: "Reports/resets/" + name, isFolder: "out")
  }

  @Test func `the committed page on containment is current`() throws {
    let page = try scratch.quietly(["contain", "--matrix", "--markdown", "-"]).output
    let path = Repository.path("Reports/containment.md")
    guard !Repository.updatesGoldens else {
      try scratch.write(path, Array(page.utf8))
      Issue.record("rewrote \(path)")
      return
    }
    #expect(try page == scratch.text(path))
  }

  private func expect(committed path: String, isFolder folder: String) throws {
    let files = try scratch.list(folder)
    let committed = Repository.path(path)
    guard !Repository.updatesGoldens else { return try rewrite(committed, files) }
    #expect(try scratch.list(committed) == files)
    for file in files {
      let isSame = try scratch.bytes(folder + "/" + file) == scratch.bytes(committed + "/" + file)
      #expect(isSame, "\(path)/\(file) is not what the command writes: make reports")
    }
  }

  private func rewrite(_ committed: String, _ files: [String]) throws {
    try? FileManager.default.removeItem(atPath: committed)
    try FileManager.default.createDirectory(
      atPath: committed, withIntermediateDirectories: true)
    for file in files { try scratch.write(committed + "/" + file, scratch.bytes("out/" + file)) }
    Issue.record("rewrote \(committed)")
  }

  @Test func `every trace has a report and every report a trace`() throws {
    let folders = try scratch.list(Repository.path("Reports")).filter { name in
      !["benchmarks", "resets"].contains(name) && !name.hasSuffix(".md")
    }
    #expect(folders == Repository.traces)
  }

  @Test func `running twice gives the same files`() throws {
    let trace = Repository.trace("vfio-reclaim")
    let options = ["--link", "gen5x8", "--cpu", "neoverse-v2", "--accessors", "bursts"]
    for folder in ["one", "two"] {
      try scratch.reporting(["compare", trace] + options, to: folder)
    }
    for file in try scratch.list("one") {
      let isSame = try scratch.bytes("one/" + file) == scratch.bytes("two/" + file)
      #expect(isSame, "\(file)")
    }
  }

  @Test func `each file alone is the one of the folder`() throws {
    try scratch.write("a.csv", Inputs.csv)
    let options = ["--json", "a.json", "--csv", "a.csv.csv", "--markdown", "a.md"]
    try scratch.reporting(["compare", "a.csv"] + options, to: "out")
    #expect(try scratch.text("a.json") == scratch.text("out/run.json"))
    #expect(try scratch.text("a.csv.csv") == scratch.text("out/summary.csv"))
    // Alone it has no pictures beside it to show.
    let (alone, whole) = (try scratch.text("a.md"), try scratch.text("out/report.md"))
    #expect(whole.contains("](tlp_sizes.svg)") && !alone.contains(".svg)"))
    let lines = Set(whole.split(separator: "\n"))
    #expect(alone.split(separator: "\n").allSatisfy(lines.contains))
    let csv = try scratch.quietly(["compare", "a.csv", "--csv", "-"]).output
    #expect(try csv == scratch.text("out/summary.csv"))
  }

  @Test(arguments: Repository.traces + ["resets"])
  func `no report names a path, a host or a date`(name: String) throws {
    for file in Repository.files(below: "Reports/" + name, ending: "") {
      guard file.contains(".") else { continue }
      let text = try Repository.text(file)
      #expect(!text.contains(Repository.root), "\(file)")
      #expect(!text.contains("/tmp/") && !text.contains("Traces/"), "\(file)")
    }
  }
}
