import ArmMemory
import ConfigSpace
import ResetProof
import Resets
import Testing

/// Captures that hold no barriers at all: what one could have ordered is not shown.
///
/// By hand from the table of segments: a DSB empties the CPU's buffers; what it is worth beyond the
/// interconnect hangs on the serialisation point; at a bridge only data of a read behind it helps.
@Suite struct NoBarrierTests {
  private func proof(_ reset: ResetCase, _ reading: HostReading) throws -> CaseProof {
    var prover = Prover(reading, showsBarriers: false)
    let proof = try prover.prove(reset)
    let verdict = try prover.judge(reset)
    #expect(verdict.before == proof.before && verdict.after == proof.after)
    return proof
  }

  private func before(
    _ reset: ResetCase, _ reading: HostReading = HostReading(serialisation: .rootComplex)
  ) throws -> Answer { try proof(reset, reading).before }

  private static func withRead(_ reset: ResetCase, isLoose: Bool) -> ResetCase {
    var reset = reset
    reset.lastStore?.laterRead = 70
    reset.lastStore?.laterReadIsLoose = isLoose
    return reset
  }

  @Test(arguments: [HostReading(), HostReading(serialisation: .rootComplex)])
  func `a store that a DSB would order is not shown to be ordered or not`(
    reading: HostReading
  )
    throws
  {
    let proof = try proof(ProverTests.store(.normalNC), reading)
    #expect(proof.before == .notShown)
    let rows = proof.accesses[0].rows
    #expect(rows.prefix(2).map(\.answer) == [.notShown, .notShown])
    #expect(rows.dropFirst(2).allSatisfy { $0.answer == .yes })
    #expect(rows[0].rule.id == "arm.completion.dsb")
    #expect(rows[0].reason.hasPrefix("the capture holds no barriers; with a DSB: "))
    #expect(rows[0].reason.contains("without: normal-nc gathers"))
    // The mapping and PCIe alone need no barrier: that stays an answer.
    var prover = Prover(reading, showsBarriers: false)
    #expect(try prover.naturalOrder(ProverTests.store(.normalNC)) == .no)
  }

  @Test func `what no barrier would order is not ordered`() throws {
    let interconnect = HostReading(serialisation: .interconnect)
    #expect(try before(ProverTests.store(.deviceNGnRE), interconnect) == .no)
    let bridge = ProverTests.store(.normalNC, .ecam, dsb: false, .busResetAssert)
    let proof = try proof(bridge, HostReading(serialisation: .rootComplex))
    #expect(proof.before == .no)
    // The CPU's part is open all the same.
    #expect(proof.accesses[0].rows[0].answer == .notShown)
    #expect(proof.accesses[0].rows[3].answer == .no)
  }

  // A DSB ahead of the read would have made it push the store; one of another vCPU, or of config
  // space, pushes what has come to the root complex.
  @Test(arguments: [
    (false, HostReading.Serialisation.interconnect, Answer.notShown),
    (true, .interconnect, .no), (true, .rootComplex, .notShown),
  ])
  func `a read behind the store is worth what a DSB ahead of it makes it`(
    isLoose: Bool, point: HostReading.Serialisation, expected: Answer
  ) throws {
    let bridge = Self.withRead(
      ProverTests.store(.deviceNGnRE, .ecam, dsb: false, .busResetAssert), isLoose: isLoose)
    #expect(try before(bridge, HostReading(serialisation: point)) == expected)
  }

  @Test func `what needs no barrier is ordered as ever`() throws {
    #expect(try before(ProverTests.store(.deviceNGnRE, read: true)) == .yes)
    #expect(try before(ProverTests.store(.normalNC, .vfio)) == .yes)
    #expect(
      try before(ProverTests.store(.deviceNGnRE), HostReading(ecamSharesRegion: true)) == .yes)
    #expect(try before(ProverTests.flr()) == .doesNotArise)
  }

  // A DMB that is taken for granted behind a load is no DSB, which alone ends a Normal load.
  @Test func `a load with a DMB taken for granted is ordered only as a DMB does it`() throws {
    #expect(try before(ProverTests.load(.normalNC, ordered: 60)) == .notShown)
    #expect(try before(ProverTests.load(.deviceNGnRE, ordered: 60)) == .yes)
    #expect(try before(ProverTests.load(.deviceNGnRE)) == .notShown)
  }

  @Test func `MMIO after the reset is not shown where only a DSB would tell, and early is early`()
    throws
  {
    let reading = HostReading(serialisation: .rootComplex)
    #expect(try proof(ProverTests.after(completed: nil), reading).after == .notShown)
    #expect(try proof(ProverTests.after(completed: nil, end: 201), reading).after == .no)
    #expect(try proof(ProverTests.after(completed: nil, memory: .off), reading).after == .no)
    #expect(try proof(ProverTests.after(completed: 110), reading).after == .yes)
  }
}
