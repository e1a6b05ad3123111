import Litmus
import Ordering
import Testing

/// The built-in programs: what they claim is taken from the sources that each one names.
struct SuiteTests {
  @Test func `every claim of the suite holds`() throws {
    let tests = try LitmusSuite.tests()
    #expect(tests.count >= 60)
    for test in tests {
      #expect(!test.claims.isEmpty && !test.sources.isEmpty, "\(test.program.name)")
      for claim in test.claims {
        let explorer = try Explorer(test.program, options: test.options)
        #expect(try explorer.holds(claim), "\(test.program.name): \(claim.condition.text)")
      }
    }
  }

  @Test func `names are unique`() throws {
    let names = try LitmusSuite.tests().map(\.program.name)
    #expect(Set(names).count == names.count)
  }
}
