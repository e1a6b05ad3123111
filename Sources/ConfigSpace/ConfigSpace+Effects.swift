public import TraceCore

extension ConfigSpace {
  // MARK: Notices

  /// Takes a reset that the capture reports by itself.
  ///
  /// - Parameters:
  ///   - kind: The source's word: `vfio_pci_reset_flr`, `vfio_pci_reset_pm`,
  ///     `vfio_pci_hot_reset`, `flr`, `bus`, ...
  ///   - function: The function that it is about; nil where the source does not say.
  ///   - time: Time in ns.
  ///   - record: Index of the trace record.
  /// - Returns: One event; none without a function.
  public func resetNotice(
    kind: String, function: PCIFunction?, time: UInt64, record: UInt64
  ) -> [ConfigEvent] {
    let known = ResetNotice.kind(named: kind)
    if known == nil { count(.unknownResetNotice) }
    guard let function else { return [] }
    let shadow = shadow(of: function)
    // Of a bridge, what it does to the buses below; else what its own bus goes through.
    let isBelow = known == .hotReset && isBridge(function) && ResetNotice.isBridges(named: kind)
    let port = isBelow ? shadow : releasedPort(known ?? .unknownReset, shadow)
    var event = event(
      known ?? .unknownReset, function, shadow, port, time: time, record: record)
    if event.kind.issuesReset { event.repeatedRecord = windows.repeated(by: event) }
    if shadow == nil {
      // Windows are bounded as functions are.
      count(.functionLimit)
    } else {
      finish(event, shadow, port, category: .notice, commandKnown: false)
    }
    return [event]
  }

  // MARK: Effects

  func apply(
    _ kinds: [ConfigEvent.Kind], _ access: ConfigAccess, _ shadow: FunctionShadow
  ) -> [ConfigEvent] {
    kinds.map { kind in
      let port = releasedPort(kind, shadow)
      let event = event(
        kind, access.function, shadow, port, time: access.timeNs, record: access.record)
      noteOddTiming(event, shadow)
      finish(event, shadow, port, category: Self.category(kind), commandKnown: true)
      if kind == .dpcTrigger, let containment = shadow.layout[.downstreamPortContainment] {
        shadow.bytes.merge(containment + 8, 1, mask: 1)
      }
      if kind == .dpcRelease, let containment = shadow.layout[.downstreamPortContainment] {
        shadow.bytes.merge(containment + 8, 0, mask: 1)
      }
      return event
    }
  }

  private func noteOddTiming(_ event: ConfigEvent, _ shadow: FunctionShadow) {
    if event.kind.issuesReset, windows.isResetting(event) { count(.resetWhileResetting) }
    if event.kind == .dpcRelease, shadow.containmentIsBusy { count(.releaseWhileBusy) }
    if event.kind == .busResetRelease, isTimed,
      let start = windows.openSince(event.function, .secondaryBus),
      event.timeNs >= start, event.timeNs - start < times.busResetHold.nanoseconds ?? 0
    {
      count(.shortBusReset)
    }
  }

  private func event(
    _ kind: ConfigEvent.Kind, _ function: PCIFunction, _ shadow: FunctionShadow?,
    _ port: FunctionShadow?, time: UInt64, record: UInt64
  ) -> ConfigEvent {
    let scope = scope(kind, function, shadow, port)
    switch scope {
    case .belowBridge: count(.unknownBusRange)
    case .virtualFunctions(nil), .functionAndVirtual(nil):
      // D3hot begins what its end counts; VF MSE resets nothing.
      let isReset = kind != .pmResetStart && kind != .vfMemoryDisable && kind != .vfMemoryEnable
      if isReset { count(.unknownVirtualFunctions) }
    default: break
    }
    var event = ConfigEvent(
      kind: kind, function: function, scope: scope,
      window: window(kind, shadow, port),
      record: record, timeNs: time, pendingClearRecord: shadow?.pendingClearRecord)
    event.isTimed = isTimed
    return event
  }

  private func scope(
    _ kind: ConfigEvent.Kind, _ function: PCIFunction, _ shadow: FunctionShadow?,
    _ port: FunctionShadow?
  ) -> ConfigEvent.Scope {
    switch kind {
    case .hotReset where port?.function != function:
      return .buses(function.bus...lastBus(below: function))
    case .cxlReset: return usesARI(function) ? .ariDevice : .device
    case .vfDisable, .vfEnable, .vfMemoryDisable, .vfMemoryEnable:
      return .virtualFunctions(shadow?.virtualFunctions)
    case .functionLevelReset, .pmResetStart, .pmResetDone, .pmReset:
      // VF Enable is cleared with the rest (PCIe Base 5.0, section 9.2.2.3).
      guard let shadow, shadow.virtualFunctionsAreEnabled == true, !shadow.hasNoVirtualFunctions
      else { return .function }
      return .functionAndVirtual(shadow.virtualFunctions)
    default:
      guard kind.isAtBridge else { return .function }
      return shadow?.busesBelow.map { .buses($0) } ?? .belowBridge
    }
  }

  /// The highest bus behind the bridges on a function's bus, as far as they are known.
  private func lastBus(below function: PCIFunction) -> UInt8 {
    var last = function.bus
    for place in bridges
    where shadows[place].function.rawValue >> 8 == function.rawValue >> 8 {
      last = max(last, shadows[place].busesBelow?.upperBound ?? last)
    }
    return last
  }

  // MARK: Windows

  /// The port whose bus comes back with an event; nil for other events.
  private func releasedPort(
    _ kind: ConfigEvent.Kind, _ shadow: FunctionShadow?
  ) -> FunctionShadow? {
    switch kind {
    case .busResetRelease, .linkEnable, .dpcRelease, .slotPowerOn: shadow
    case .hotReset: shadow.flatMap { bridge(above: $0.function) }
    default: nil
    }
  }

  private func window(
    _ kind: ConfigEvent.Kind, _ shadow: FunctionShadow?, _ port: FunctionShadow?
  ) -> QuietWindow? {
    switch kind {
    case .functionLevelReset: atOnce(shadow) ?? times.functionLevelReset
    case .advancedFeaturesReset: atOnce(shadow) ?? times.advancedFeaturesReset
    case .pmResetStart, .powerDown: .open("in D3hot: " + times.powerState.source)
    case .pmResetDone, .powerUp, .pmReset: times.powerState
    case .busResetAssert, .linkDisable, .dpcTrigger, .slotPowerOff:
      .open("held in reset: " + times.conventionalReset.source)
    case .busResetRelease, .linkEnable, .dpcRelease, .slotPowerOn, .hotReset:
      afterRelease(port)
    case .cxlReset: cxlTimeout(shadow)
    case .vfDisable: .open("VF Enable is 0: " + times.virtualFunctionEnable.source)
    case .vfEnable: times.virtualFunctionEnable
    case .cxlBusResetUnmask, .memoryDisable, .memoryEnable, .barSizing, .barMove,
      .resetRequested, .unknownReset, .vfMemoryDisable, .vfMemoryEnable:
      nil
    }
  }

  /// What the bus below a port takes when it is let go.
  private func afterRelease(_ port: FunctionShadow?) -> QuietWindow {
    port?.linkBelow == .conventional ? times.conventionalBus : times.conventionalReset
  }

  /// What a window that nothing has ended takes when its hold is over.
  private func afterHold(_ category: ResetCategory, _ shadow: FunctionShadow?) -> QuietWindow {
    switch category {
    case .power: times.powerState
    case .virtual: times.virtualFunctionEnable
    default: afterRelease(shadow)
    }
  }

  /// No wait after an FLR of a function that says it needs none.
  private func atOnce(_ shadow: FunctionShadow?) -> QuietWindow? {
    guard shadow?.isImmediatelyReady == true else { return nil }
    return QuietWindow(
      nanoseconds: 0, source: "PCIe Base 5.0, section 7.5.1.1.4: Immediate Readiness is set")
  }

  /// By the timeout code in DVSEC Capability bits 10:8; the longest where it is not known.
  private func cxlTimeout(_ shadow: FunctionShadow?) -> QuietWindow? {
    let code = shadow?.layout[.cxlDevice].flatMap { shadow?.bytes[$0 + 0x0b] }.map { Int($0 & 7) }
    let times = RecoveryTimes.cxlReset
    guard let code, times.indices.contains(code) else { return times.last }
    return times[code]
  }

  private static func category(_ kind: ConfigEvent.Kind) -> ResetCategory {
    switch kind {
    case .pmResetStart, .pmResetDone, .powerDown, .powerUp: .power
    case .busResetAssert, .busResetRelease: .secondaryBus
    case .linkDisable, .linkEnable: .link
    case .dpcTrigger, .dpcRelease: .containment
    case .cxlReset: .cxl
    case .slotPowerOff, .slotPowerOn: .slot
    case .vfDisable, .vfEnable, .vfMemoryDisable, .vfMemoryEnable: .virtual
    default: .function
    }
  }

  private func finish(
    _ event: ConfigEvent, _ shadow: FunctionShadow?, _ port: FunctionShadow?,
    category: ResetCategory, commandKnown: Bool
  ) {
    generation += 1
    if let port, port.linkBelow == .unknown { count(.unknownLinkSpeed) }
    windows.set(
      event, category: category, port: port?.linkBelow == .fast ? port?.function : nil,
      wait: afterHold(category, shadow).nanoseconds ?? 0)
    switch event.kind {
    case .functionLevelReset, .advancedFeaturesReset, .pmResetDone, .busResetAssert, .linkDisable,
      .dpcTrigger, .cxlReset, .slotPowerOff, .hotReset, .pmReset, .unknownReset:
      windows.close(within: event)
      for shadow in shadows where event.scope.contains(shadow.function, cause: event.function) {
        shadow.forgetAfterReset(commandKnown: commandKnown)
      }
    case .vfDisable:
      shadow?.loseVirtualFunctions()
      for shadow in shadows where event.scope.contains(shadow.function, cause: event.function) {
        shadow.forgetAfterReset(commandKnown: true)
      }
    case .busResetRelease, .linkEnable, .dpcRelease, .slotPowerOn, .vfEnable:
      if event.kind == .vfEnable { shadow?.regainVirtualFunctions() }
      for shadow in shadows where event.scope.contains(shadow.function, cause: event.function) {
        shadow.readiness = Readiness(isSinceReset: true)
      }
    default: break
    }
  }
}
