public import Ordering
public import TraceCore

/// What the explorer found out about a test.
public struct LitmusResult: Sendable {
  public var test: LitmusTest
  /// What the claims observe, each combination once.
  public var states: [ObservedState]
  /// One a claim, in their order.
  public var judgements: [Judgement]

  /// Every claim holds.
  public var holds: Bool { judgements.allSatisfy(\.holds) }

  /// The claims that do not hold, each with the reason.
  public var failures: [String] {
    judgements.filter { !$0.holds }.map { "\($0.claim.text): \($0.verdict)" }
  }
}

extension LitmusTest {
  /// Explores the program and checks every claim.
  ///
  /// - Parameter rules: The rules in force.
  /// - Returns: States and judgements.
  /// - Throws: ``TraceError`` at the program's header where it cannot be explored.
  public func run(rules: RuleSet = .all) throws(TraceError) -> LitmusResult {
    do throws(ProgramError) {
      let explorer = try Explorer(program, rules: rules, options: options)
      let states = try explorer.states(observing: claims.map(\.condition))
      var judgements: [Judgement] = []
      for claim in claims { judgements.append(try explorer.judge(claim)) }
      return LitmusResult(test: self, states: states, judgements: judgements)
    } catch {
      throw refusal(error)
    }
  }

  /// Whether every claim holds; nothing is said of the rules that decide.
  ///
  /// - Returns: All hold.
  /// - Throws: ``TraceError`` at the program's header where it cannot be explored.
  public func isConfirmed() throws(TraceError) -> Bool {
    do throws(ProgramError) {
      let explorer = try Explorer(program, options: options)
      for claim in claims where try !explorer.holds(claim) { return false }
      return true
    } catch {
      throw refusal(error)
    }
  }

  /// Lists outcomes.
  ///
  /// - Parameters:
  ///   - rules: The rules in force.
  ///   - limit: Most outcomes to list.
  /// - Returns: The outcomes, and whether they are all.
  /// - Throws: ``TraceError`` at the program's header where it cannot be explored.
  public func outcomes(rules: RuleSet = .all, limit: Int) throws(TraceError) -> OutcomeList {
    do throws(ProgramError) {
      return try Explorer(program, rules: rules, options: options).outcomes(limit: limit)
    } catch {
      throw refusal(error)
    }
  }

  /// A reason of the explorer, with the place of the program.
  func refusal(_ error: ProgramError) -> TraceError {
    TraceError(
      .configuration, "program '\(clipped(program.name))': \(error.message)", file: file,
      line: line, column: line == nil ? nil : 1)
  }
}

extension Judgement {
  /// `allowed`, `forbidden`, `required`, or of a condition that only some outcomes satisfy where
  /// all should: `not required`.
  public var verdict: String {
    guard claim.quantifier == .required, isReachable else {
      return isReachable ? "allowed" : "forbidden"
    }
    return holds ? "required" : "not required"
  }
}
