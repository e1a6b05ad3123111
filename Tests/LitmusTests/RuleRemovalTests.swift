import Litmus
import Ordering
import Testing

/// The explorer is not too lax, nor too strict: no rule is without effect.
struct RuleRemovalTests {
  /// Entries of PCIe's table that no program here can turn on, and why; the table's own tests do.
  ///
  /// Downstream there are requests of one requester and no completions, upstream posted writes
  /// and completions alone, so that IDO and the other mixtures do not come up.
  private static let outOfReach: Set = [
    "pcie.A5a", "pcie.A5b", "pcie.B2b", "pcie.B5", "pcie.C2b", "pcie.C5", "pcie.D2b", "pcie.D3",
    "pcie.D4", "pcie.D5a", "pcie.D5b",
  ]

  private func changes(_ test: LitmusTest, without rule: String) -> Bool {
    for claim in test.claims {
      guard
        let all = try? Explorer(test.program, options: test.options),
        let fewer = try? Explorer(
          test.program, rules: RuleSet.all.without(rule), options: test.options),
        let before = try? all.states(observing: [claim.condition]),
        let after = try? fewer.states(observing: [claim.condition])
      else { continue }
      if before != after { return true }
    }
    return false
  }

  @Test func `taking any rule away changes what some program may do`() throws {
    // Programs with an element count that makes them slow without a rule come last.
    let slow: Set = ["L8", "L25", "L26"]
    let tests = try LitmusSuite.tests()
    let ordered =
      tests.filter { !slow.contains($0.program.name) }
      + tests.filter { slow.contains($0.program.name) }
    for rule in RuleSet.catalogue where !Self.outOfReach.contains(rule.id) {
      let isFelt = ordered.contains { changes($0, without: rule.id) }
      #expect(isFelt, "\(rule.id): \(rule.title)")
    }
  }

  @Test func `the rules have sources, titles and names of their own`() {
    let ids = RuleSet.catalogue.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(RuleSet.catalogue.allSatisfy { !$0.title.isEmpty && !$0.source.isEmpty })
    #expect(Self.outOfReach.isSubset(of: Set(ids)))
  }
}
