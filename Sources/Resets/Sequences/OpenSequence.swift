import ConfigSpace
import TraceCore

/// A sequence from its reset on, until memory is back or something else begins.
struct OpenSequence {
  let method: ResetMethod
  let event: ConfigEvent
  /// Register that resets; nil of a notice.
  let register: UInt16?
  private(set) var devices: [PCIFunction]
  private(set) var steps: StepList
  private(set) var events: [ConfigEvent]
  private(set) var isDone = false
  private let first: UInt64
  private var last: UInt64
  /// When the function may be asked again, in ns; nil while the reset lasts.
  private var readyNs: UInt64?
  private var hasWindow: Bool
  /// Record of the first access of a function that is reset.
  private var asked: UInt64?
  /// Record of the first read that such a function answers once it is let go.
  private var answered: UInt64?
  private var isReleased = false

  init(
    _ method: ResetMethod, _ event: ConfigEvent, register: UInt16?, devices: [PCIFunction],
    before: StepList
  ) {
    self.method = method
    self.event = event
    self.register = register
    self.devices = devices
    steps = before
    steps.add(.reset, event.record)
    events = [event]
    first = min(event.record, before.steps.map(\.first).min() ?? event.record)
    last = event.record
    hasWindow = event.window != nil
    readyNs = event.window?.nanoseconds.map { event.timeNs.addedSaturating($0) }
  }

  /// The sequence follows what is done to a function.
  func concerns(_ function: PCIFunction) -> Bool {
    function == event.function || devices.contains(function)
      || event.scope.contains(function, cause: event.function)
  }

  /// Takes an access and what it did.
  mutating func take(_ access: ConfigAccess, _ events: [ConfigEvent]) {
    for event in events { take(event, access) }
    guard !isDone else { return }
    if event.kind.isAtBridge, access.function == event.function {
      port(access)
    } else {
      device(access)
    }
  }

  private mutating func take(_ event: ConfigEvent, _ access: ConfigAccess) {
    if event.kind == self.event.kind.release, event.function == self.event.function {
      events.append(event)
      steps.add(.release, event.record)
      last = event.record
      isReleased = true
      readyNs = event.window?.nanoseconds.map { event.timeNs.addedSaturating($0) }
      hasWindow = event.window != nil
    } else if event.kind == .memoryEnable, isDevice(event.function) {
      if access.register == 0x04, access.size == 4 { steps.add(.restore, access.record) }
      steps.add(.memoryOn, event.record)
      last = event.record
      isDone = true
    }
  }

  /// The event's own function, or below the bridge that it is at.
  private func isDevice(_ function: PCIFunction) -> Bool {
    event.kind.isAtBridge ? function != event.function : function == event.function
  }

  private mutating func port(_ access: ConfigAccess) {
    guard isReleased, asked == nil, !access.isWrite, access.register >= 0x40, access.size >= 2
    else { return }
    steps.add(.linkWait, access.record)
    last = access.record
  }

  private mutating func device(_ access: ConfigAccess) {
    if event.kind.isAtBridge, !devices.contains(access.function) {
      devices.append(access.function)
    }
    let isRelease = events.contains { $0.record == access.record }
    guard !isRelease else { return }
    last = access.record
    if asked == nil {
      asked = access.record
      if hasWindow, let readyNs, access.timeNs >= readyNs { steps.add(.wait, access.record) }
    }
    access.isWrite ? restore(access) : poll(access)
    let isUp = event.kind.release == nil || isReleased
    if answered == nil, isUp, !access.isWrite, access.isAnswered { answered = access.record }
  }

  private mutating func poll(_ access: ConfigAccess) {
    let isPoll = access.size == 4 && (access.register == 0 || access.register == 4)
    if isPoll, steps[.restore] == nil { steps.add(.readyPoll, access.record) }
  }

  private mutating func restore(_ access: ConfigAccess) {
    let isHeader = access.size == 4 && (0x04..<0x40).contains(access.register)
    let isControl = register.map { access.register & ~3 == $0 & ~3 } ?? false
    if isHeader || isControl && access.register >= 0x40 {
      steps.add(.restore, access.record)
    }
  }

  /// What was seen of it.
  ///
  /// - Parameter next: Record of the reset that ends it, where one does.
  /// - Returns: The sequence as far as it came.
  func sequence(endedBy next: UInt64?) -> ResetSequence {
    ResetSequence(
      method: method, function: event.function, devices: devices.sorted(), first: first,
      last: last, events: events, seen: steps.steps.sorted { $0.first < $1.first },
      isNotice: register == nil, asked: asked, answered: answered, endedBy: next)
  }
}

extension ConfigEvent.Kind {
  /// The event that lets go what this one holds in reset.
  var release: ConfigEvent.Kind? {
    switch self {
    case .pmResetStart: .pmResetDone
    case .busResetAssert: .busResetRelease
    case .linkDisable: .linkEnable
    case .dpcTrigger: .dpcRelease
    case .slotPowerOff: .slotPowerOn
    default: nil
    }
  }
}
