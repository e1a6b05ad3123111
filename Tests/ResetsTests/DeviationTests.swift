import ArmMemory
import ConfigSpace
import Resets
import Testing
import TraceCore

/// The safe recipe, step by step: each case leaves out one thing, which is then the only deviation.
@Suite struct DeviationTests {
  static let function = Stream.endpoint

  static func access(
    _ record: UInt64, ms: UInt64, isStore: Bool = true, vcpu: UInt16 = 0
  ) -> MMIOAccess {
    MMIOAccess(
      record: record, timeNs: ms * 1_000_000, vcpu: vcpu, region: 0, function: function,
      isStore: isStore, type: .normalNC)
  }

  /// The recipe kept in full.
  static func kept() throws -> (ResetCase, ResetSequence) {
    var stream = Stream()
    stream.record = 10
    stream.time = 1_000_000
    stream.save()
    stream.commandOff()
    stream.read(0x6a, 2, 0)
    stream.read(0x68, 2, 0)
    stream.write(0x68, 2, 0x8000)
    stream.sleep(ms: 100)
    stream.deviceWait()
    stream.restore()
    let sequence = try #require(stream.finish().first)
    let event = try #require(stream.events.first { $0.kind == .functionLevelReset })
    var reset = ResetCase(event: event, vcpu: 0, path: .ecam, functions: [function])
    reset.lastStore = MMIOBefore(
      access: access(5, ms: 0), synchronized: 6, readBack: 7)
    reset.firstAfter = MMIOAfter(
      access: access(200, ms: 300), completed: event.record + 1, readBack: event.record + 2,
      windowEndNs: 101_000_000, memory: .on)
    return (reset, sequence)
  }

  @Test func `the recipe in full has no deviation`() throws {
    let (reset, sequence) = try Self.kept()
    #expect(Deviation.all(reset, sequence) == [])
  }

  /// What one step's absence looks like in a case.
  enum Omission: CaseIterable {
    case dsb, read, pending, completion, release, wait, memory, stop, poll

    /// Deviations in the order of the recipe; without a DSB no read can show anything either, and
    /// MMIO before the poll comes before the restore too.
    var codes: [Deviation.Kind] {
      switch self {
      case .dsb: [.noDSB, .noReadback]
      case .read: [.noReadback]
      case .pending: [.pendingNotPolled]
      case .completion: [.noCompletion]
      case .release, .wait: [.noWait]
      case .memory: [.memoryOff]
      // The poll came before that store, and shows nothing of it.
      case .stop: [.stillIssuing, .pendingNotPolled]
      case .poll: [.noPoll, .noRestore]
      }
    }

    func apply(_ reset: inout ResetCase) {
      switch self {
      case .dsb:
        reset.lastStore?.synchronized = nil
        reset.lastStore?.readBack = nil
      case .read: reset.lastStore?.readBack = nil
      case .pending: reset.event.pendingClearRecord = nil
      case .completion: reset.firstAfter?.completed = nil
      case .release: reset.firstAfter?.windowEndNs = nil
      case .wait: reset.firstAfter?.windowEndNs = 400_000_000
      case .memory: reset.firstAfter?.memory = .off
      case .stop: reset.lastStore?.access.record = 29
      case .poll: reset.firstAfter?.access.record = 30
      }
    }
  }

  @Test(arguments: Omission.allCases)
  func `what is left out is named`(omission: Omission) throws {
    let (kept, sequence) = try Self.kept()
    var reset = kept
    omission.apply(&reset)
    #expect(Deviation.all(reset, sequence).map(\.kind) == omission.codes)
  }

  // Where a capture holds no barriers, a missing one is no fact, and neither is a read that needs
  // one to push the store; that no read came at all is.
  @Test(arguments: Omission.allCases, [nil, 8] as [UInt64?])
  func `what only a barrier would show is no deviation without barriers`(
    omission: Omission, laterRead: UInt64?
  ) throws {
    let (kept, sequence) = try Self.kept()
    var reset = kept
    omission.apply(&reset)
    reset.lastStore?.laterRead = laterRead
    let expected = omission.codes.filter {
      $0 != .noDSB && $0 != .noCompletion && ($0 != .noReadback || laterRead == nil)
    }
    #expect(Deviation.all(reset, sequence, showsBarriers: false).map(\.kind) == expected)
  }

  // PCIe 5.0, 6.6.2: what the poll rules out must not begin anew behind it.
  @Test func `a poll of Transactions Pending before the last store shows nothing`() throws {
    var (reset, sequence) = try Self.kept()
    let clear = try #require(reset.event.pendingClearRecord)
    reset.lastStore?.access.record = clear - 1
    #expect(!Deviation.all(reset, sequence).contains { $0.kind == .pendingNotPolled })
    reset.lastStore?.access.record = clear + 1
    let found = Deviation.all(reset, sequence).first { $0.kind == .pendingNotPolled }
    #expect(found?.detail.contains("(\(clear)) before store \(clear + 1)") == true)
    // A store to another function that the reset takes along sets off nothing in this one.
    reset.lastStore?.access.function = PCIFunction(bus: 9, device: 0, function: 0)
    #expect(!Deviation.all(reset, sequence).contains { $0.kind == .pendingNotPolled })
    reset.path = .vfio
    reset.lastStore?.access.function = Self.function
    #expect(!Deviation.all(reset, sequence).contains { $0.kind == .pendingNotPolled })
  }

  // pci_dev_wait (Linux drivers/pci/pci.c) asks before anything is restored. Records are counted by
  // hand: the FLR is record n, its first read n + 1, and so on.
  @Test func `a poll that is missing is missed up to the restore, and an answer is told`() throws {
    func detail(_ make: (inout Stream) -> Void) throws -> (text: String?, reset: UInt64) {
      var stream = Stream()
      stream.save()
      stream.commandOff()
      stream.read(0x6a, 2, 0)
      let record = stream.write(0x68, 2, 0x8000)
      stream.sleep(ms: 100)
      make(&stream)
      let sequence = try #require(stream.finish().first)
      let event = try #require(stream.events.first { $0.kind == .functionLevelReset })
      var reset = ResetCase(event: event, vcpu: 0, path: .ecam, functions: [Self.function])
      reset.firstAfter = MMIOAfter(
        access: Self.access(200, ms: 300), completed: 199, readBack: nil,
        windowEndNs: 101_000_000, memory: .on)
      let found = Deviation.all(reset, sequence).first { $0.kind == .noPoll }
      return (found?.detail, record)
    }
    let words = "no read of Vendor ID or Command by a double word before "
    // As pci_restore_config_space does it: each double word read, and written where it differs.
    let early = try detail {
      $0.read(0x10, 4, 0)
      $0.restore()
      $0.read(0x00, 4, 0x0010_1b36)
    }
    #expect(
      early.text == words + "the restore (\(early.reset + 2)), though it had answered by then "
        + "(\(early.reset + 1))")
    // All ones are no answer.
    let late = try detail {
      $0.read(0x10, 4, .max)
      $0.write(0x10, 4, 0xc000_0000)
      $0.read(0x04, 4, 0x0010_0000)
    }
    #expect(
      late.text == words + "the restore (\(late.reset + 2)); it first answered at "
        + "\(late.reset + 3)")
    let memory = try detail {
      $0.write(0x04, 2, 0x0406)
      $0.read(0x00, 4, 0x0010_1b36)
    }
    #expect(memory.text == words + "Command.MEM is set (\(memory.reset + 1))")
    let again = try detail {
      $0.write(0x68, 2, 0x8000)
      $0.deviceWait()
    }
    #expect(again.text == words + "the next reset (\(again.reset + 1))")
    #expect(try detail { _ in }.text == words + "access 200")
    #expect(try detail { $0.deviceWait() }.text == nil)
  }

  @Test func `under VFIO the kernel does what the guest leaves out`() throws {
    var (reset, _) = try Self.kept()
    reset.path = .vfio
    reset.event.pendingClearRecord = nil
    reset.lastStore?.synchronized = nil
    reset.firstAfter?.completed = nil
    #expect(Deviation.all(reset, nil) == [])
  }

  @Test func `every deviation says what it risks`() throws {
    for kind in Deviation.Kind.allCases { #expect(!kind.risk.isEmpty) }
  }
}
