import Litmus
import Ordering
import Testing

/// The built-in programs: what they claim is taken from the sources that each one names.
struct SuiteTests {
  private static func holds(_ claim: Claim, _ test: LitmusTest) throws -> Bool {
    let explorer = try Explorer(test.program, options: test.options)
    switch claim.quantifier {
    case .allowed: return try explorer.witness(claim.condition) != nil
    case .forbidden: return try explorer.witness(claim.condition) == nil
    case .required:
      return try explorer.witness(claim.condition) != nil
        && explorer.witness(.not(claim.condition)) == nil
    }
  }

  @Test func `every claim of the suite holds`() throws {
    let tests = try LitmusSuite.tests()
    #expect(tests.count >= 60)
    for test in tests {
      #expect(!test.claims.isEmpty && !test.sources.isEmpty, "\(test.program.name)")
      for claim in test.claims {
        #expect(try Self.holds(claim, test), "\(test.program.name): \(claim.condition.text)")
      }
    }
  }

  @Test func `names are unique`() throws {
    let names = try LitmusSuite.tests().map(\.program.name)
    #expect(Set(names).count == names.count)
  }
}
