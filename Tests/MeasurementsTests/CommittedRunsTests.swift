import Foundation
import Measurements
import Testing

/// The committed runs: every table is what its raw rows say.
struct CommittedRunsTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Reports/benchmarks").path
  private static let runs =
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?
    .filter { !$0.contains(".") }.sorted() ?? []

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: Self.folder + "/" + name, encoding: .utf8)
  }

  private func tables(_ run: String) throws -> BenchTables {
    BenchTables(try RawTable(text: text(run + "/raw.csv"), file: run + "/raw.csv"))
  }

  @Test(arguments: runs) func `a run's tables are those of its raw rows`(run: String) throws {
    #expect(try text(run + "/README.md") == tables(run).summary)
  }

  /// A page that names no run yet has empty blocks, which must still be known ones.
  @Test func `the page has the tables of the run that it names`() throws {
    let page = try text("README.md")
    let named = page.split(separator: "\n").first { $0.hasPrefix("From [") }?
      .dropFirst(6).prefix { $0 != "]" }
    let tables = try named.map { try self.tables(String($0)) } ?? BenchTables(RawTable(facts: []))
    let filled = try tables.page(page, file: "README.md", folder: String(named ?? ""))
    if named != nil { #expect(filled == page) }
    // The page shows every table but the list of all stages, which `where` has.
    for entry in BenchTables.all where entry.name != "stages" {
      #expect(page.contains("<!-- bench: \(entry.name) -->"), "\(entry.name)")
    }
  }
}
