import ArmMemory
import Profiles
import Results
import TestSupport
import Testing

@testable import Containment

/// What must hold on every platform.
@Suite struct InvariantTests {
  static let cases: [FaultCase] = FaultKind.allCases.flatMap { fault in
    AccessKind.allCases.flatMap { access in
      MemoryType.allCases.map { FaultCase(fault, access, $0) }
    }
  }

  /// Every field at random.
  static func platform(_ random: inout SplitMix64) -> Platform {
    func pick<Value: CaseIterable>(_ type: Value.Type) -> Value {
      let all = Array(Value.allCases)
      return all[Int(random.next() % UInt64(all.count))]
    }
    var platform = Platform()
    platform.attachment = pick(Platform.Attachment.self)
    platform.failedRead = pick(Platform.ReadAnswer.self)
    platform.timedOutRead = pick(Platform.ReadAnswer.self)
    platform.poisonedRead = pick(Platform.PoisonAnswer.self)
    platform.failedWrite = pick(Platform.WriteAnswer.self)
    platform.errorReporting = pick(Platform.ErrorReporting.self)
    platform.portContainment = pick(Platform.PortContainment.self)
    platform.firmwarePanics = pick(Platform.FirmwareLimit.self)
    platform.externalAborts = pick(Platform.AbortRouting.self)
    platform.deviceLoadAbort = pick(Platform.LoadAbort.self)
    platform.normalLoadAbort = pick(Platform.LoadAbort.self)
    platform.speculativeAbort = pick(Platform.SpeculativeAbort.self)
    platform.storeAbort = pick(Platform.StoreAbort.self)
    platform.strictStoreAbort = pick(Platform.LoadAbort.self)
    platform.ras = random.next() % 2 == 0
    platform.errorClass = pick(ErrorClass.self)
    platform.serrorTaken = pick(Platform.Context.self)
    return platform
  }

  static func platforms(_ count: Int, seed: UInt64) -> [Platform] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in platform(&random) }
  }

  @Test func `every possible failure has an outcome, by one step a stage`() {
    for platform in Self.platforms(60, seed: 1) {
      for failed in Self.cases {
        let chains = Containment.chains(failed, on: platform)
        #expect(chains.isEmpty == (failed.impossible(on: platform) != nil))
        for chain in chains { #expect(chain.steps.map(\.stage) == ContainmentStage.allCases) }
      }
    }
  }

  /// A request that waits is answered by the port, one that was sent gets no completion: the outcomes
  /// are those of a platform that does the one, and those of one that does the other.
  @Test func `a read that the link's end catches may have been sent or not`() {
    for platform in Self.platforms(60, seed: 12) where platform.attachment != .soc {
      for failed in Self.cases where failed.fault == .linkDown && failed.access != .write {
        func outcomes(_ change: (inout Platform) -> Void) -> Set<ContainmentOutcome> {
          var changed = platform
          change(&changed)
          return Set(Containment.chains(failed, on: changed).map(\.outcome))
        }
        let waiting = outcomes { $0.timedOutRead = $0.failedRead }
        let sent = outcomes { $0.failedRead = $0.timedOutRead }
        #expect(outcomes { _ in } == waiting.union(sent))
      }
    }
  }

  @Test func `no rule is dead, and none has another's name`() {
    var seen: Set<String> = []
    for platform in Self.platforms(120, seed: 2) {
      for failed in Self.cases {
        for chain in Containment.chains(failed, on: platform) {
          seen.formUnion(chain.steps.map(\.rule))
        }
      }
    }
    let names = Containment.rules.map { $0.stage.rawValue + "." + $0.name }
    #expect(Set(names).count == names.count)
    #expect(seen == Set(names))
  }

  /// The seed's claim, with what it rests on: no error answers, no firmware that panics.
  @Test func `where the root complex answers no errors the type plays no part and the host stays`()
  {
    for original in Self.platforms(150, seed: 3) {
      var platform = original
      platform.attachment = .pcie
      if platform.failedRead == .slaveError { platform.failedRead = .allOnes }
      if platform.timedOutRead == .slaveError { platform.timedOutRead = .zeros }
      platform.poisonedRead = .data
      platform.failedWrite = .drop
      platform.firmwarePanics = .never
      for fault in FaultKind.allCases {
        for access in [AccessKind.read, .write] {
          let outcomes = MemoryType.allCases.map {
            Containment.outcomes(FaultCase(fault, access, $0), on: platform)
          }
          #expect(Set(outcomes).count == 1, "\(fault) \(access)")
          #expect(outcomes.allSatisfy { !$0.contains(.hostDown) }, "\(fault) \(access)")
        }
      }
    }
  }

  @Test func `a worse class never gives a better outcome`() {
    for original in Self.platforms(40, seed: 4) {
      for failed in Self.cases where failed.impossible(on: original) == nil {
        let outcomes = ErrorClass.allCases.map { errorClass in
          var platform = original
          platform.errorClass = errorClass
          return Containment.outcomes(failed, on: platform)
        }
        for (better, worse) in zip(outcomes, outcomes.dropFirst()) {
          #expect(worse.min() ?? .hostDown >= better.min() ?? .contained)
          #expect(worse.max() ?? .hostDown >= better.max() ?? .contained)
        }
      }
    }
  }

  @Test func `Device types differ in nothing but a strict store to the SoC`() {
    for platform in Self.platforms(60, seed: 5) {
      for fault in FaultKind.allCases {
        for access in AccessKind.allCases where access != .write || platform.attachment == .pcie {
          let outcomes = MemoryType.allCases.filter(\.isDevice).map {
            Containment.outcomes(FaultCase(fault, access, $0), on: platform)
          }
          #expect(Set(outcomes).count == 1)
        }
      }
    }
  }

  @Test func `a lost link never leaves the device`() {
    for platform in Self.platforms(100, seed: 6) {
      for failed in Self.cases where failed.fault == .linkDown {
        #expect(!Containment.outcomes(failed, on: platform).contains(.contained))
      }
    }
  }

  /// What a rule does not declare to read must not decide.
  @Test func `values that were not looked at change nothing`() {
    let fields: [(key: String, set: (inout Platform, Platform) -> Void)] = [
      ("attachment", { $0.attachment = $1.attachment }),
      ("failed_read", { $0.failedRead = $1.failedRead }),
      ("timed_out_read", { $0.timedOutRead = $1.timedOutRead }),
      ("poisoned_read", { $0.poisonedRead = $1.poisonedRead }),
      ("failed_write", { $0.failedWrite = $1.failedWrite }),
      ("completion_timeout_us", { platform, _ in platform.completionTimeoutUs = 7 }),
      ("aer", { $0.errorReporting = $1.errorReporting }),
      ("dpc", { $0.portContainment = $1.portContainment }),
      ("firmware_panics", { $0.firmwarePanics = $1.firmwarePanics }),
      ("external_aborts", { $0.externalAborts = $1.externalAborts }),
      ("device_load_abort", { $0.deviceLoadAbort = $1.deviceLoadAbort }),
      ("normal_load_abort", { $0.normalLoadAbort = $1.normalLoadAbort }),
      ("speculative_abort", { $0.speculativeAbort = $1.speculativeAbort }),
      ("store_abort", { $0.storeAbort = $1.storeAbort }),
      ("strict_store_abort", { $0.strictStoreAbort = $1.strictStoreAbort }),
      ("ras", { $0.ras = $1.ras }), ("error_class", { $0.errorClass = $1.errorClass }),
      ("serror_taken", { $0.serrorTaken = $1.serrorTaken }),
    ]
    let platforms = Self.platforms(24, seed: 7)
    for (platform, other) in zip(platforms, platforms.dropFirst()) {
      for failed in Self.cases {
        var asked: Set<String> = []
        let chains = Containment.chains(failed, on: platform, asked: &asked)
        for field in fields where !asked.contains(field.key) {
          var changed = platform
          field.set(&changed, other)
          #expect(Containment.chains(failed, on: changed) == chains, "\(field.key)")
        }
      }
    }
  }

  /// Against the whole product of the alternatives, made here.
  @Test(arguments: ["rpi-cm4", "firmware-first"])
  func `a row has the outcomes of every combination`(name: String) throws {
    let settings = try ProfileLibrary().platform(name)
    var all = [settings.platform]
    for choice in settings.choices {
      all = all.flatMap { platform in
        choice.options.map { option in
          var changed = platform
          option.apply(&changed)
          return changed
        }
      }
    }
    #expect(all.count == settings.combinations)
    let matrix = ContainmentMatrix(settings)
    for (fault, access) in [
      (FaultKind.completionTimeout, AccessKind.read), (.poisoned, .read),
      (.poisoned, .speculativeRead), (.linkDown, .write),
    ] {
      let row = try #require(
        matrix.row(
          place: "BAR", fault: fault, access: access, before: .deviceNGnRE, after: .normalNC))
      let cases = [MemoryType.deviceNGnRE, .normalNC].map { FaultCase(fault, access, $0) }
      let sets = all.map { platform in
        cases.map { Containment.outcomes($0, on: platform) }
      }
      for (index, cell) in [row.before, row.after].enumerated() {
        let union = sets.reduce(into: Set<ContainmentOutcome>()) { $0.formUnion($1[index]) }
        #expect(cell.outcomes == union.sorted(), "\(fault) \(access) \(cell.memoryType)")
      }
      guard access != .speculativeRead else { continue }
      #expect((row.part == .none) == sets.allSatisfy { $0[0] == $0[1] }, "\(fault) \(access)")
    }
  }
}
