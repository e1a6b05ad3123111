import ConfigSpace
import TraceCore

/// What a function's config accesses of late could be the beginning of.
struct Prelude {
  /// Accesses remembered to find polls and reads of the control register.
  private static let memory = 24

  private(set) var steps = StepList()
  private var recent: [ConfigAccess] = []
  /// Next double word of a run of header reads, and its first record.
  private var run: (next: UInt16, first: UInt64)?

  /// The function's memory was turned off, and nothing has turned it on.
  var isArmed: Bool { steps[.commandOff] != nil || steps[.commandClear] != nil }

  /// Takes an access that resets nothing.
  mutating func take(_ access: ConfigAccess) {
    if recent.count == Self.memory { recent.removeFirst() }
    recent.append(access)
    access.isWrite ? write(access) : read(access)
  }

  private mutating func read(_ access: ConfigAccess) {
    guard access.size == 4, access.register < 0x40, access.register & 3 == 0 else { return }
    if access.register == 0 {
      run = (4, access.record)
    } else if let (next, first) = run, next == access.register {
      run = (next + 4, first)
      guard access.register == 0x3c else { return }
      run = nil
      // A later save replaces an earlier one, and what came before it.
      steps = StepList()
      steps.add(SeenStep(.save, first: first, last: access.record, count: 16))
    } else {
      run = nil
    }
  }

  private mutating func write(_ access: ConfigAccess) {
    run = nil
    let isCommand = access.register == 0x04 && access.size >= 2
    guard isCommand, let value = access.value else {
      // A save is of a reset only where nothing is written before Command is.
      if !isArmed, steps[.save] != nil { steps = StepList() }
      return
    }
    let command = value & 0xffff
    switch command {
    case 0x0400:
      steps.add(.commandOff, access.record)
    case _ where command & 0x0407 == 0 && !isArmed:
      steps = StepList()
      steps.add(.commandClear, access.record)
    case _ where command & 0x0002 == 0:
      break
    case _ where command & 0x0004 == 0:
      steps = StepList()
      steps.add(.busMasterOff, access.record)
    default:
      steps = StepList()
    }
  }

  /// What the accesses before an event were.
  ///
  /// - Parameters:
  ///   - kind: The event.
  ///   - register: Where it was written; nil of a notice.
  /// - Returns: The steps, polls and reads of the control register among them.
  func steps(before kind: ConfigEvent.Kind, register: UInt16?) -> StepList {
    var steps = self.steps
    guard let register else { return steps }
    // The capability's control double word; Bridge Control lies in the upper half of its own.
    let control = register & ~3
    let pending: UInt16? =
      switch kind {
      case .functionLevelReset: control + 2
      case .advancedFeaturesReset: control + 1
      default: nil
      }
    let target: UInt16 = kind == .busResetAssert ? 0x3e : control
    for access in recent where !access.isWrite {
      let bytes = Int(access.register)..<Int(access.register) + Int(access.size)
      if let pending, bytes.contains(Int(pending)) { steps.add(.pendingPoll, access.record) }
      if bytes.contains(Int(target)) { steps.add(.controlRead, access.record) }
    }
    return steps
  }
}
