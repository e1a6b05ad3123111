import Foundation
import Measurements

/// Runs cases and keeps a row for each run.
struct Runner {
  let options: BenchOptions
  var table: RawTable

  /// Runs cases in turn, several rounds of them, so that a slow minute of the machine does not hit
  /// one case alone.
  mutating func run(_ cases: [Case]) throws {
    var left = cases.filter { !skip($0) }
    var spent = [Double](repeating: 0, count: left.count)
    var rows = [[RawRow]](repeating: [], count: left.count)
    let rounds = left.map { $0.runs ?? options.runs }.max() ?? 0
    for round in 1...max(rounds, 1) {
      for index in left.indices where round <= (left[index].runs ?? options.runs) {
        // Three runs give a median.
        if round > 3, spent[index] > options.budget { continue }
        let row = try measure(left[index], run: round)
        spent[index] += row.wall
        rows[index].append(row)
      }
    }
    table.rows += rows.joined()
    left.removeAll()
  }

  /// Runs each case once.
  mutating func runOnce(_ cases: [Case]) throws {
    for one in cases where !skip(one) { table.rows.append(try measure(one, run: 1)) }
  }

  /// Keeps a row that says why a case is not run, where it is not.
  private mutating func skip(_ one: Case) -> Bool {
    guard let missing = one.missing else { return false }
    var row = one.row(run: 0)
    row.note = missing
    table.rows.append(row)
    say("\(one.command) \(one.input.name): not run, \(missing)")
    return true
  }

  private func measure(_ one: Case, run: Int) throws -> RawRow {
    let usage = try Child(one.arguments, producer: one.producer).run()
    var row = one.row(run: run)
    row.wall = usage.wall
    row.cpu = usage.cpu
    row.peakKiB = usage.peakKiB
    if one.part == .instructions {
      guard let count = InstructionReport.collected(usage.errors) else {
        throw Child.Failure(description: "callgrind counted nothing:\n\(usage.errors)")
      }
      row.instructions = count
    }
    let cores = one.cores == 1 ? "1 core" : "\(one.cores) cores"
    let time = String(format: "%.4f s, %.1f MiB", usage.wall, Double(usage.peakKiB) / 1024)
    say("\(one.part.rawValue): \(one.command), \(one.input.name), \(cores), run \(run): \(time)")
    return row
  }
}
