import ArmMemory
import Litmus
import Ordering
import Testing
import TraceCore

/// Texts for the tests, and what they are read as.
enum Fixture {
  /// A text around cells of one vCPU, with two locations in one BAR and a flag.
  static func text(
    _ cells: [String], locations: String = "", claims: String = "allowed (true)"
  ) -> String {
    """
    MMIO T
    {
      d: function below rp0; bar: mmio of d;
      X: bar+0x00 size 64 stage1 normal-nc; Y: bar+0x40 size 8 stage1 device-ngnre;
      F: memory; \(locations)
    }
     P0 ;
    \(cells.map { " " + $0 + ";" }.joined(separator: "\n"))
    \(claims)
    """
  }

  static func parse(_ text: String) throws(TraceError) -> LitmusTest {
    try LitmusTest.parse(Array(text.utf8), file: "t.litmus")[0]
  }

  /// What one cell is read as.
  static func instructions(_ cell: String) throws -> [Instruction] {
    try parse(text([cell])).program.agents[0].instructions
  }

  static func condition(_ condition: String) throws -> Condition {
    let cells = ["a: STR.X #1,[X]", "b: STR.W #1,[Y]", "c: LDR.W r0,[Y]"]
    return try parse(text(cells, claims: "allowed (\(condition))")).claims[0].condition
  }

  /// The error that a text must give.
  static func failure(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  )
    -> TraceError?
  {
    do throws(TraceError) {
      _ = try LitmusTest.parse(Array(text.utf8), file: "t.litmus")
      Issue.record("no error", sourceLocation: sourceLocation)
      return nil
    } catch {
      return error
    }
  }
}
