import Litmus
import Ordering
import Testing

/// The committed verdict table lists the suite as it is: every claim, once, with its verdict.
///
/// That the verdicts are right is the suite's own business: each program names its source.
struct VerdictTableTests {
  @Test func `the verdict table lists every claim of the suite`() throws {
    let rows = LitmusSuite.verdicts.split(separator: "\n").map(String.init)
    let claims = try LitmusSuite.tests().flatMap { test in
      test.claims.map { (test.program.name, $0.quantifier) }
    }
    try #require(rows.count == claims.count + 1)
    for (row, (name, quantifier)) in zip(rows.dropFirst(), claims) {
      let word =
        switch quantifier {
        case .allowed: ",allowed,allowed,"
        case .forbidden: ",forbidden,forbidden,"
        case .required: ",required,required,"
        }
      #expect(row.hasPrefix(name + ",") && row.contains(word), "\(row)")
    }
    // Both verdicts are represented.
    #expect(claims.filter { $0.1 == .allowed }.count > 30)
    #expect(claims.filter { $0.1 != .allowed }.count > 30)
  }
}
