import ArmMemory
import ResetProof
import Resets
import Testing

/// A capture that lost events before a reset: what it does not show may have been under way.
///
/// By hand: no access before is shown, so that nothing is proven and nothing is refuted; an access
/// that is not kept in order stays so, whatever else was lost.
@Suite struct HoleTests {
  private func holed(_ reset: ResetCase) -> ResetCase {
    var reset = reset
    reset.hole = 90
    return reset
  }

  private func answers(_ reset: ResetCase) throws -> [Answer] {
    var prover = Prover(HostReading(serialisation: .rootComplex))
    let verdict = try prover.judge(reset)
    let proof = try prover.prove(reset)
    #expect(verdict.before == proof.before && verdict.after == proof.after)
    #expect(verdict.verdict == proof.verdict)
    #expect(verdict.natural == (try prover.naturalOrder(reset)))
    return [verdict.natural, verdict.before, verdict.after, verdict.verdict]
  }

  @Test func `without MMIO before it the order is not shown`() throws {
    let nothing = ProverTests.flr()
    #expect(try answers(nothing) == Array(repeating: .doesNotArise, count: 4))
    #expect(try answers(holed(nothing)) == [.notShown, .notShown, .doesNotArise, .notShown])
  }

  @Test func `MMIO after the reset keeps its own verdict`() throws {
    let kept = holed(ProverTests.after(completed: 110))
    #expect(try answers(kept) == [.notShown, .notShown, .yes, .notShown])
    let early = holed(ProverTests.after(completed: nil))
    #expect(try answers(early) == [.notShown, .notShown, .no, .no])
  }

  @Test func `nor is MMIO that the capture lost after it`() throws {
    var reset = ProverTests.flr()
    reset.holeAfter = 110
    #expect(try answers(reset) == [.doesNotArise, .doesNotArise, .notShown, .notShown])
  }

  // Without stamps no time is known to have passed, nor not to have; a reset that lasts has none to
  // pass, and one without a recovery time needs none.
  @Test(arguments: [(150, .notShown), (nil, .no), (0, .yes)] as [(UInt64?, Answer)])
  func `without time stamps the wait is not shown`(end: UInt64?, answer: Answer) throws {
    var reset = ProverTests.after(completed: 110, end: end)
    reset.firstAfter?.isTimed = false
    #expect(try answers(reset)[2] == answer)
    var prover = Prover(HostReading(serialisation: .rootComplex))
    let rows = try prover.prove(reset).accesses.flatMap(\.rows).filter {
      $0.rule.id == "linux.wait"
    }
    #expect(rows.map(\.answer) == [end == 150 ? .notShown : end == nil ? .no : .doesNotArise])
  }

  @Test func `what is shown of the MMIO before weighs more where it is not in order`() throws {
    let bad = holed(ProverTests.store(.normalNC))
    #expect(try answers(bad) == [.no, .no, .doesNotArise, .no])
    let kept = holed(ProverTests.store(.normalNC, dsb: true))
    #expect(try answers(kept) == [.no, .notShown, .doesNotArise, .notShown])
  }

  // A bridge whose bus numbers the capture does not show: any MMIO may have been to what it resets.
  @Test func `whom a bridge resets is not shown, so neither is the order before and after`() throws
  {
    var reset = ProverTests.flr()
    reset.mayResetOthers = true
    #expect(try answers(reset) == Array(repeating: .notShown, count: 4))
    var prover = Prover(HostReading())
    #expect(try prover.prove(reset).upstream.answer == .notShown)
    #expect(try prover.prove(ProverTests.flr()).upstream.answer == .no)
    var bad = ProverTests.store(.normalNC)
    bad.mayResetOthers = true
    #expect(try answers(bad) == [.no, .no, .notShown, .no])
  }
}
