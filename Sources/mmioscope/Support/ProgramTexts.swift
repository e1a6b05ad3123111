import ConfigSpace
import Litmus
import Ordering
import ResetProof
import Resets

/// The programs of an audit as litmus texts, each once, named after the first reset that asks it.
struct ProgramTexts {
  private(set) var texts: [String] = []
  private var known: [AskedProgram] = []

  mutating func add(_ proof: CaseProof, _ reset: ResetCase, number: Int, scenario: String) {
    for access in proof.accesses {
      for asked in access.programs where !known.contains(asked) {
        known.append(asked)
        var program = asked.program.program
        program.name = "R\(number)-\(scenario.split(separator: " ")[0])-\(access.role.rawValue)"
        if access.programs.count > 1 {
          program.name += "-\((access.programs.firstIndex(of: asked) ?? 0) + 1)"
        }
        let removed = asked.program.withoutRules
        program.title =
          "reset at record \(reset.event.record), \(access.role.rawValue) at record "
          + "\(access.access.record)"
          + (removed.isEmpty ? "" : "; without " + removed.joined(separator: " and "))
        let test = LitmusTest(
          program, sources: ["mmioscope reset"], options: asked.program.options,
          claims: [Claim(asked.isKept ? .forbidden : .allowed, asked.program.overtaking)])
        texts.append(test.text)
      }
    }
  }
}
