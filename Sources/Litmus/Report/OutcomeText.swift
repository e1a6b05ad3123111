public import Ordering
import TraceCore

/// An outcome in one line: what arrives in which order, then registers, values and faults.
public struct OutcomeText {
  private let program: Program

  /// - Parameter program: What the outcome is one of.
  public init(_ program: Program) { self.program = program }

  /// `b W4 bar+0x40 -> a W8 bar+0x00 | P0:r0=1; X=1; fault(c,2)`.
  ///
  /// A transaction is the labels of its accesses, its kind with its bytes (`W`, `R`, config `CW`,
  /// `CR`), and where its bytes lie.
  ///
  /// - Parameter outcome: The outcome.
  /// - Returns: One line.
  public func line(_ outcome: Outcome) -> String {
    let arrivals =
      outcome.arrivals.isEmpty
      ? "nothing arrives" : outcome.arrivals.map(text).joined(separator: " -> ")
    let rest = facts(outcome)
    return rest.isEmpty ? arrivals : arrivals + " | " + rest.joined(separator: "; ")
  }

  /// One transaction.
  func text(_ transaction: Transaction) -> String {
    var labels: [String] = []
    for part in transaction.parts where !labels.contains(part.label) { labels.append(part.label) }
    let kind =
      switch transaction.kind {
      case .write: "W"
      case .read: "R"
      case .configWrite: "CW"
      case .configRead: "CR"
      }
    let runs = Self.runs(transaction.parts)
    let bytes = runs.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) }
    let places = runs.map { "0x" + hex($0.lowerBound, width: 2) }.joined(separator: ",")
    return labels.joined(separator: "+") + " " + kind + String(bytes) + " "
      + transaction.peripheral + "+" + places + (transaction.isLost ? " lost" : "")
      + (transaction.isSpeculative ? " speculative" : "")
  }

  /// The bytes of all parts as ascending runs.
  private static func runs(_ parts: [Transaction.Part]) -> [Range<UInt64>] {
    var runs: [Range<UInt64>] = []
    for part in parts.sorted(by: { $0.address < $1.address }) {
      let end = part.address + UInt64(part.size)
      if let last = runs.last, part.address <= last.upperBound {
        runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, end)
      } else {
        runs.append(part.address..<end)
      }
    }
    return runs
  }

  /// Registers, final values, and what became of accesses that did not simply arrive.
  private func facts(_ outcome: Outcome) -> [String] {
    let registers = outcome.registers.sorted { $0.key < $1.key }
    var facts = registers.map { $0.key + "=" + number($0.value) }
    for (index, location) in program.locations.enumerated() where isData(index) {
      guard let value = outcome.values[location.name] else { continue }
      facts.append(name(location.name) + "=" + number(value))
    }
    facts += outcome.faults.sorted { $0.key < $1.key }.map { "fault(\(name($0.key)),\($0.value))" }
    facts += outcome.forwarded.map { "forwarded(\(name($0)))" }
    return facts + outcome.blocked.map { "blocked(\(name($0)))" }
  }

  /// The location is accessed, and is no config space.
  private func isData(_ location: Int) -> Bool {
    program.peripherals[program.locations[location].peripheral].kind != .ecam
      && program.accesses.contains { $0.location == location }
  }
}
