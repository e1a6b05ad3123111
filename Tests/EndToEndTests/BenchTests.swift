import Foundation
import Testing

/// `bench`, which `make bench` runs, on inputs so small that its figures mean nothing.
struct BenchTests {
  /// The program beside these tests.
  private static let bench: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("bench")
      .path
  }()

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func bench(_ arguments: [String]) throws -> Outcome {
    try Command.run(Self.bench, arguments, in: scratch)
  }

  private func measure(_ only: [String], _ more: [String] = []) throws -> [[Substring]] {
    let small = ["--records", "2000", "--lines", "300", "--long-records", "3000", "--runs", "2"]
    let words = only.flatMap { ["--only", $0] }
    let inputs = ["--mmioscope", Command.binary, "--capture", Repository.trace("fb-wc")]
    let outcome = try bench(
      ["run", "--output", scratch.path("run")] + small + words + inputs + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try scratch.text("run/raw.csv").split(separator: "\n")
      .filter { !$0.hasPrefix("# ") }.dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
  }

  @Test func `a run keeps a row for each run, and who measured`() throws {
    let rows = try measure(["import"]).filter { $0[0] == "command" && $0[2] == "csv" }
    let onOne = rows.filter { $0[3] == "1" }
    #expect(onOne.map { $0[4] } == ["1", "2"])
    #expect(onOne.allSatisfy { $0[1] == "import" && $0[5] == "300" })
    let text = try scratch.text("run/raw.csv")
    for key in ["commit", "date", "machine", "cpu", "cores", "memory", "kernel", "swift"] {
      #expect(text.contains("\n# \(key): ") || text.hasPrefix("# \(key): "), "\(key)")
    }
  }

  @Test func `the summary can be made again from the raw rows`() throws {
    _ = try measure(["version"])
    let summary = try scratch.text("run/README.md")
    #expect(summary.contains("| `--version` | - |"))
    try scratch.write("run/README.md", "")
    #expect(try bench(["tables", scratch.path("run")]).status == 0)
    #expect(try scratch.text("run/README.md") == summary)
  }

  @Test func `a page beside the runs gets the tables`() throws {
    try scratch.write("README.md", "words\n<!-- bench: start -->\n<!-- end -->\n")
    let outcome = try bench([
      "run", "--into", scratch.folder, "--only", "version", "--mmioscope", Command.binary,
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try scratch.text("README.md").contains("| `--version` | - |"))
  }

  @Test(arguments: ["bursts", "registers"])
  func `a generated trace has as many records as asked for`(mix: String) throws {
    for count in [0, 1, 9, 65_530, 65_545, 70_001] {
      let output = scratch.path("x.mmt")
      let made = try bench(["generate", mix, "--records", "\(count)", "-o", output])
      #expect(made.status == 0, "\(made.errors)")
      let info = try scratch.quietly(["info", output, "--json", "-"]).output
      #expect(info.contains("\"records\" : \(count),"), "\(count)")
    }
  }

  /// Of `rwmmio` two events are one record; every second access of VFIO is a load.
  @Test(arguments: [
    ("qemu-log", 1000, 1000), ("vfio-log", 1000, 500), ("mmiotrace", 1000, 1000),
    ("rwmmio", 500, 500), ("kvm-mmio", 1000, 1000), ("m1n1", 1000, 1000),
    ("plugin", 1000, 1000),
  ])
  func `every line of a generated text counts`(
    kind: String, records: Int, stores: Int
  ) throws {
    let made = try bench(["generate", kind, "--records", "1000", "-o", scratch.path("x.txt")])
    #expect(made.status == 0, "\(made.errors)")
    let info = try scratch.quietly(["info", "x.txt", "--json", "-"]).output
    #expect(info.contains("\"records\" : \(records),"), "\(info)")
    #expect(info.contains("\"stores\" : \(stores),"), "\(info)")
  }

  @Test(arguments: [
    "decode", "decode-sha256", "replay-device", "replay-normal-nc", "replay-paced",
    "replay-measured",
  ])
  func `a stage sees every record`(stage: String) throws {
    let trace = scratch.path("x.mmt")
    _ = try bench(["generate", "bursts", "--records", "70000", "-o", trace])
    #expect(try bench(["stage", stage, trace]).output == "70000\n")
  }

  @Test(arguments: [
    ["run", "--runs", "0"], ["run", "--records", "-5"], ["run", "--budget", "nan"],
    ["run", "--into", "a", "--output", "b"], ["generate", "waves"], ["stage", "sleep", "x"],
    ["tables", "nowhere"], ["generate", "bursts", "--records", "-1"],
  ])
  func `what cannot be done is refused`(arguments: [String]) throws {
    let outcome = try bench(arguments)
    #expect(outcome.status != 0 && outcome.output == "" && outcome.errors != "")
  }
}
