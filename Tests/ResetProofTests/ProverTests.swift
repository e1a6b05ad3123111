import ArmMemory
import ConfigSpace
import Litmus
import Ordering
import ResetProof
import Resets
import Testing
import TraceCore

/// Proofs of whole cases; the expected answers are the ordering tables', by hand.
@Suite struct ProverTests {
  static let function = PCIFunction(bus: 1, device: 0, function: 0)

  static func access(_ record: UInt64, _ type: MemoryType, isStore: Bool = true) -> MMIOAccess {
    MMIOAccess(
      record: record, timeNs: record, vcpu: 0, region: 0, function: function, isStore: isStore,
      type: type)
  }

  static func flr(
    _ path: ConfigPath = .ecam, _ kind: ConfigEvent.Kind = .functionLevelReset
  )
    -> ResetCase
  {
    ResetCase(
      event: ConfigEvent(
        kind: kind, function: function,
        scope: kind.isAtBridge ? .buses(1...1) : .function, record: 100, timeNs: 100),
      vcpu: 0, path: path, functions: [function])
  }

  static func store(
    _ type: MemoryType, _ path: ConfigPath = .ecam, dsb: Bool = false, read: Bool = false,
    _ kind: ConfigEvent.Kind = .functionLevelReset
  ) -> ResetCase {
    var reset = flr(path, kind)
    reset.lastStore = MMIOBefore(
      access: access(50, type), isGathered: type.gathers && !dsb,
      synchronized: dsb ? 60 : nil, readBack: read ? 70 : nil)
    return reset
  }

  private func before(
    _ reset: ResetCase, _ reading: HostReading = HostReading()
  ) throws -> CaseProof {
    var prover = Prover(reading)
    return try prover.prove(reset)
  }

  // Arm ARM B2.10.2.2: ECAM is another peripheral, so no type is ordered by itself.
  @Test(arguments: [MemoryType.deviceNGnRnE, .deviceNGnRE, .deviceNGRE, .deviceGRE, .normalNC])
  func `no type orders a store and a reset by itself`(type: MemoryType) throws {
    let proof = try before(Self.store(type))
    #expect(proof.before == .no)
    let rows = proof.accesses[0].rows
    #expect(rows[1].answer == .no && rows[1].rule == .nothing)
    // PCIe's part is kept: C2a.
    #expect(rows[3].answer == .yes && rows[3].rule.id == "pcie.C2a")
    // What only gathering types have in the CPU.
    #expect(rows[0].answer == (type.gathers ? .no : .doesNotArise))
  }

  @Test func `a DSB is enough where the root complex serialises, and hangs on it where unknown`()
    throws
  {
    let reset = Self.store(.normalNC, dsb: true)
    #expect(try before(reset, HostReading(serialisation: .rootComplex)).before == .yes)
    #expect(try before(reset, HostReading(serialisation: .interconnect)).before == .no)
    let open = try before(reset)
    #expect(open.before == .hostDependent)
    #expect(open.accesses[0].hangsOn == [.serialisation])
    #expect(open.accesses[0].rows[0].reason.contains("record 60"))
    #expect(open.accesses[0].programs.map(\.isKept).sorted { !$0 && $1 } == [false, true])
  }

  // PCIe 5.0, 7.5.1.3.13: the port consumes the write; what it holds is discarded.
  @Test func `a reset at the bridge takes more than a DSB`() throws {
    let known = HostReading(serialisation: .rootComplex)
    let proof = try before(Self.store(.deviceNGnRE, dsb: true, .busResetAssert), known)
    #expect(proof.before == .no)
    #expect(proof.accesses[0].rows[3].answer == .no)
    let read = try before(
      Self.store(.deviceNGnRE, dsb: true, read: true, .busResetAssert), HostReading())
    #expect(read.before == .yes)
  }

  @Test func `VFIO's unmap orders what its wait reaches`() throws {
    let reset = Self.store(.normalNC, .vfio)
    let known = HostReading(serialisation: .rootComplex)
    #expect(try before(reset, known).before == .yes)
    #expect(try before(reset, known).accesses[0].rows[0].rule.id == "vfio.zap")
    #expect(try before(Self.store(.normalNC, .trapped), known).before == .no)
    let doubtful = HostReading(serialisation: .rootComplex, zapDrains: nil)
    #expect(try before(reset, doubtful).before == .hostDependent)
  }

  @Test func `one interconnect region keeps nGnR types, not Normal-NC`() throws {
    let shared = HostReading(ecamSharesRegion: true)
    #expect(try before(Self.store(.deviceNGnRE), shared).before == .yes)
    #expect(try before(Self.store(.normalNC), shared).before == .no)
  }

  @Test func `an early answer of the bridge makes a DSB doubtful`() throws {
    let early = HostReading(serialisation: .rootComplex, acknowledgesEarly: true)
    let proof = try before(Self.store(.normalNC, dsb: true), early)
    #expect(proof.before == .hostDependent)
    #expect(proof.accesses[0].hangsOn == [.bridgeOrder])
  }

  // MARK: Loads

  static func load(
    _ type: MemoryType, _ path: ConfigPath = .ecam, vcpu: UInt16 = 0, ordered: UInt64? = nil,
    synchronized: UInt64? = nil, time: UInt64 = 100
  ) -> ResetCase {
    var reset = flr(path)
    reset.event.timeNs = time
    var access = access(50, type, isStore: false)
    access.vcpu = vcpu
    reset.lastLoad = MMIOBefore(access: access, ordered: ordered, synchronized: synchronized)
    return reset
  }

  // Arm ARM, "Data Synchronization Barrier": the loads before it have completed, whatever their type.
  @Test(arguments: MemoryType.allCases, [UInt16(0), 1])
  func `a DSB ends a load of any type`(type: MemoryType, vcpu: UInt16) throws {
    let proof = try before(Self.load(type, vcpu: vcpu, ordered: 55, synchronized: 60))
    #expect(proof.before == .yes)
    for row in proof.accesses[0].rows {
      #expect(row.rule.id == "arm.completion.dsb" && row.reason.contains("(record 60)"))
      #expect(!row.reason.contains("DMB"))
    }
    #expect(try before(Self.load(type, vcpu: vcpu)).before == .no)
  }

  @Test func `a DMB ends a Device load of the same CPU only`() throws {
    #expect(try before(Self.load(.deviceNGnRE, ordered: 60)).before == .yes)
    #expect(try before(Self.load(.deviceNGnRE, vcpu: 1, ordered: 60)).before == .no)
    let normal = try before(Self.load(.normalNC, ordered: 60))
    #expect(normal.before == .no)
    #expect(normal.accesses[0].rows[1].reason.contains("a DMB or an acquire does not end it"))
  }

  // PCIe 5.0, 2.8: 50 ms at most. The load is at 50 ns.
  @Test(arguments: [(nil, nil), (60, nil), (60, 70), (nil, 70)] as [(UInt64?, UInt64?)])
  func `the completion timeout comes before any barrier`(
    ordered: UInt64?, synchronized: UInt64?
  ) throws {
    let late = Self.load(
      .normalNC, vcpu: 1, ordered: ordered, synchronized: synchronized, time: 50_000_050)
    let proof = try before(late)
    #expect(proof.before == .yes)
    #expect(proof.accesses[0].rows.allSatisfy { $0.rule.id == "request.over" })
    #expect(proof.accesses[0].rows.allSatisfy { !$0.reason.contains("record") })
    let early = Self.load(
      .normalNC, vcpu: 1, ordered: ordered, synchronized: synchronized, time: 50_000_049)
    #expect(try before(early).before == (synchronized == nil ? .no : .yes))
  }

  // The reset's own trap ends what its vCPU has loaded; the unmap ends what another one has.
  @Test func `under VFIO no barrier that is not there is named`() throws {
    let own = try before(Self.load(.normalNC, .vfio, ordered: 100))
    #expect(own.before == .yes && own.accesses[0].rows[0].rule.id == "request.over")
    let other = try before(Self.load(.deviceNGnRE, .vfio, vcpu: 1, ordered: 100))
    #expect(other.before == .yes && other.accesses[0].rows[0].rule.id == "vfio.zap")
  }

  // MARK: Verdicts alone

  @Test func `a verdict without words is the proof's`() throws {
    let cases = [
      Self.flr(), Self.store(.normalNC), Self.store(.deviceNGnRE, dsb: true),
      Self.store(.normalNC, .vfio), Self.store(.normalNC, dsb: true, .busResetAssert),
      Self.load(.normalNC, ordered: 60), Self.load(.normalNC, synchronized: 60),
      Self.after(completed: nil), Self.after(completed: 110), Self.after(completed: 110, end: nil),
      Self.after(completed: 110, end: 201), Self.after(completed: 110, memory: .off),
      Self.after(completed: 110, memory: .unknown), Self.after(completed: 110, byRead: true),
    ]
    var prover = Prover(HostReading())
    var seen: Set<Answer> = []
    for reset in cases {
      let verdict = try prover.judge(reset)
      let proof = try prover.prove(reset)
      #expect(verdict.before == proof.before && verdict.after == proof.after)
      #expect(verdict.verdict == proof.verdict)
      #expect(verdict.natural == (try prover.naturalOrder(reset)))
      #expect(!(try prover.judge(reset).isNew))
      // The verdict is the worst of what the rows say together.
      let rows = proof.accesses.flatMap(\.rows)
      #expect((verdict.verdict == .no) == proof.accesses.contains { $0.verdict == .no })
      #expect(rows.isEmpty == (verdict.verdict == .doesNotArise))
      seen.insert(verdict.verdict)
    }
    #expect(seen == Set(Answer.allCases))
  }

  // The end is 85.621 ms behind the access; grouped and rounded half up, as the reports write times.
  @Test(
    arguments: [
      (85_621_000, "85.621 ms"), (999, "999.000 ns"), (1_500, "1.500 µs"),
      (1_000_500, "1.001 ms"), (2_345_000_000_000, "2,345.000 s"),
    ] as [(UInt64, String)])
  func `time that is left is written as the reports write it`(left: UInt64, text: String) throws {
    let proof = try before(Self.after(completed: 110, end: 200 + left))
    #expect(proof.accesses[0].rows.contains { $0.reason.contains("it comes \(text) before") })
  }

  // MARK: After

  static func after(
    _ path: ConfigPath = .ecam, completed: UInt64?, byRead: Bool = false, end: UInt64? = 150,
    memory: RecoveryWindow.MemoryState = .on
  ) -> ResetCase {
    var reset = flr(path)
    var after = MMIOAfter(
      access: access(200, .deviceNGnRE), completed: completed, windowEndNs: end, memory: memory)
    after.completedByRead = byRead
    reset.firstAfter = after
    return reset
  }

  @Test func `MMIO before the completion may overtake: A4`() throws {
    let proof = try before(Self.after(completed: nil))
    #expect(proof.after == .no)
    #expect(proof.accesses[0].rows[3].rule.id == "pcie.A4")
    #expect(try before(Self.after(completed: 110)).after == .yes)
    // Posted, it is complete at the serialisation point: behind it A2a keeps the order.
    #expect(try before(Self.after(.posted, completed: 110)).after == .hostDependent)
    let near = HostReading(serialisation: .interconnect)
    #expect(try before(Self.after(.posted, completed: 110), near).after == .no)
    #expect(try before(Self.after(.posted, completed: 110, byRead: true)).after == .yes)
    #expect(try before(Self.after(.vfio, completed: nil)).after == .yes)
  }

  // B4 lets a config read pass a config write: the host has to hold it back.
  @Test func `a read of config space shows a completion where the host has one request at a time`()
    throws
  {
    let reset = Self.after(completed: 110, byRead: true)
    #expect(try before(reset).after == .hostDependent)
    #expect(try before(reset, HostReading(serialisesConfig: true)).after == .yes)
    #expect(try before(reset, HostReading(serialisesConfig: false)).after == .no)
  }

  @Test func `time and Command.MEM decide besides the order`() throws {
    #expect(try before(Self.after(completed: 110, end: nil)).after == .no)
    #expect(try before(Self.after(completed: 110, end: 201)).after == .no)
    #expect(try before(Self.after(completed: 110, end: 200)).after == .yes)
    #expect(try before(Self.after(completed: 110, memory: .off)).after == .no)
    #expect(try before(Self.after(completed: 110, memory: .unknown)).after == .notShown)
  }

  @Test func `a completion timeout ends the wait for a config write`() throws {
    var reset = Self.after(completed: nil)
    reset.firstAfter?.access.timeNs = 50_000_100
    #expect(try before(reset).after == .yes)
    reset.firstAfter?.access.timeNs = 50_000_099
    #expect(try before(reset).after == .no)
  }

  // D2b: the completion of a config write may pass upstream writes; a read's data may not (D2a).
  @Test func `a read since pushes DMA, a completion does not`() throws {
    var reset = Self.after(completed: 110)
    #expect(try before(reset).upstream.rule.id == "pcie.D2b")
    reset.firstAfter?.readBack = 120
    #expect(try before(reset).upstream.rule.id == "pcie.D2a")
  }

  @Test func `a reset without MMIO has nothing to order`() throws {
    let proof = try before(Self.flr())
    #expect(proof.verdict == .doesNotArise)
    var prover = Prover(HostReading())
    #expect(try prover.naturalOrder(Self.flr()) == .doesNotArise)
  }

  @Test func `the natural order leaves the capture's help out`() throws {
    var prover = Prover(HostReading())
    #expect(try prover.naturalOrder(Self.store(.deviceNGnRE, dsb: true, read: true)) == .no)
    #expect(try prover.naturalOrder(Self.store(.normalNC, .vfio)) == .no)
    var shared = Prover(HostReading(ecamSharesRegion: true))
    #expect(try shared.naturalOrder(Self.store(.deviceNGnRE)) == .yes)
  }

  @Test func `hundreds of equal resets cost one exploration a host`() throws {
    var prover = Prover(HostReading(serialisation: .rootComplex, serialisesConfig: true))
    for record in 0..<300 as Range<UInt64> {
      var reset = Self.store(.normalNC, dsb: true)
      reset.event.record = 100 + record
      _ = try prover.prove(reset)
    }
    #expect(prover.explored == 1)
  }

  // The text that --litmus writes is the program that was asked.
  @Test func `a program's text reads as the program`() throws {
    let proof = try before(Self.store(.normalNC, dsb: true))
    for asked in proof.accesses[0].programs {
      let test = LitmusTest(
        asked.program.program, options: asked.program.options,
        claims: [Claim(asked.isKept ? .forbidden : .allowed, asked.program.overtaking)])
      let read = try #require(LitmusTest.parse(Array(test.text.utf8), file: "t").first)
      #expect(read.program == test.program && read.options == test.options)
      let explorer = try Explorer(read.program, options: read.options)
      #expect(try explorer.holds(read.claims[0]))
    }
  }
}
