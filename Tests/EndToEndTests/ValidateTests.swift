import Foundation
import Testing

/// `validate`: its forms, its exit status, and the committed page.
struct ValidateTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `bad rows do not fail it`() throws {
    let lines = try scratch.quietly(["validate"]).lines
    #expect(lines[0].hasPrefix("id "))
    #expect(lines.contains { $0.hasPrefix("wire-limited rows: ") })
  }

  @Test func `strict fails it, and names the rows that the CSV has`() throws {
    let outcome = try scratch.mmioscope(["validate", "--csv", "--strict"])
    // Sources hold commas, so cells are counted around the class, which no text before it repeats.
    let wire = outcome.lines.filter { $0.contains(",wire,") }
    let missed = wire.filter { line in
      // unit, published_low, published_high, predicted, error_ratio
      let cells = line.components(separatedBy: ",wire,")[1].split(
        separator: ",", omittingEmptySubsequences: false)
      return abs(Double(cells[4]) ?? 0) > 0.1
    }.map { String($0.prefix { $0 != "," }) }
    #expect(wire.count == 23 && !missed.isEmpty)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "wire-limited and off by more than 10 %: \(missed.joined(separator: ", "))\n")
  }

  @Test func `one form at a time`() throws {
    try scratch.failing(["validate", "--csv", "--markdown"], saying: ["exclude each other"])
  }

  @Test func `the committed page is current`() throws {
    let text = try scratch.quietly(["validate", "--markdown"]).output
    let name = "Reports/validation.md"
    if Repository.updatesGoldens {
      try scratch.write(Repository.path(name), text)
      Issue.record("rewrote \(name)")
    }
    #expect(try Repository.text(name) == text, "\(name) is not what validate writes: make reports")
  }
}
