public import TraceCore

/// Configuration space of every function, learnt from the accesses themselves.
///
/// Feed it the config accesses in trace order; it returns what they did to the devices. Where the
/// capture does not show enough, no reset is invented and a counter says so.
///
/// It does not see what no access tells: hot plug, resets by firmware, the memory enable of
/// bridges on the way to a function.
public final class ConfigSpace {
  private var shadows: [FunctionShadow] = []
  private var index: [PCIFunction: Int] = [:]
  private var last = 0
  private var windows = WindowTable()
  private var counts = [UInt64](repeating: 0, count: ConfigOddity.allCases.count)
  private let times: RecoveryTimes
  private let limit: Int
  /// Rises with every event and every memory enable that becomes known: ``window(for:)`` may have
  /// another answer then.
  public private(set) var generation: UInt64 = 0

  /// Starts with what is known of the functions.
  ///
  /// - Parameters:
  ///   - images: Configuration space by function, from its first byte; up to 4096 bytes each.
  ///   - times: Recovery times by kind of reset.
  ///   - functionLimit: Functions tracked at most, some 8 KiB each.
  public init(
    images: [PCIFunction: [UInt8]] = [:], times: RecoveryTimes = .standard,
    functionLimit: Int = 4096
  ) {
    self.times = times
    limit = functionLimit
    for (function, image) in images.sorted(by: { $0.key < $1.key }) {
      guard image.prefix(4).contains(where: { $0 != 0xff }) else { continue }
      learn(function, image.prefix(ConfigBytes.size))
    }
  }

  // MARK: Accesses

  /// Takes one access.
  ///
  /// Allocates nothing where nothing happens to a function already seen.
  ///
  /// - Parameter access: The access, in trace order.
  /// - Returns: What it did, in a fixed order of rules.
  public func access(_ access: ConfigAccess) -> [ConfigEvent] {
    let end = Int(access.register) + Int(access.size)
    guard access.size == 1 || access.size == 2 || access.size == 4, end <= ConfigBytes.size else {
      count(.malformedAccess)
      return []
    }
    if isAbsent(access) {
      count(.allOnesRead)
      return []
    }
    guard let shadow = shadow(of: access.function) else {
      count(.functionLimit)
      return []
    }
    return access.isWrite ? write(access, shadow) : read(access, shadow)
  }

  /// A read of all ones from a function never seen: nobody is there, as in most of a bus scan.
  private func isAbsent(_ access: ConfigAccess) -> Bool {
    guard !access.isWrite, let value = access.value, index[access.function] == nil else {
      return false
    }
    let ones = UInt32.max >> UInt32(32 - 8 * Int(access.size))
    return value & ones == ones
  }

  private func read(_ access: ConfigAccess, _ shadow: FunctionShadow) -> [ConfigEvent] {
    guard let value = access.value else { return [] }
    let ones = UInt32.max >> UInt32(32 - 8 * Int(access.size))
    guard value & ones != ones else {
      count(.allOnesRead)
      return []
    }
    let (register, size) = (Int(access.register), Int(access.size))
    if register < 2 {
      // 0x0001 as Vendor ID: the function asks for a retry.
      if register == 0, size >= 2, value & 0xffff == 0x0001 { return [] }
      if isReplaced(value & ones, size, shadow) {
        count(.deviceReplaced)
        drop(shadow)
        return read(access, shadows[last])
      }
    }
    let trigger = containmentTrigger(shadow)
    let memory = shadow.memory
    shadow.learn(value, at: register, size: size, record: access.record)
    count(oddities: shadow.refreshLayout())
    if shadow.memory != memory { generation += 1 }
    guard trigger != true, containmentTrigger(shadow) == true else { return [] }
    return apply([.dpcTrigger], access, shadow)
  }

  /// A full Vendor and Device ID that differs from the known one.
  private func isReplaced(_ value: UInt32, _ size: Int, _ shadow: FunctionShadow) -> Bool {
    guard size == 4, let vendor = shadow.bytes.word(0), let device = shadow.bytes.word(2)
    else { return false }
    return value != UInt32(vendor) | UInt32(device) << 16
  }

  private func containmentTrigger(_ shadow: FunctionShadow) -> Bool? {
    shadow.layout[.downstreamPortContainment].flatMap { shadow.bytes.bit($0 + 8, 0) }
  }

  private func write(_ access: ConfigAccess, _ shadow: FunctionShadow) -> [ConfigEvent] {
    let register = Int(access.register)
    let range = register..<register + Int(access.size)
    guard shadow.bytes.isWatched(range) else {
      if register >= 0x40, !shadow.layout.isComplete(for: register),
        !shadow.bytes.isAttributed(range)
      {
        count(.unknownCapability)
      }
      return []
    }
    guard let value = access.value else {
      count(.unknownValue)
      shadow.forgetWritten(range)
      generation += 1
      return []
    }
    let kinds = recognise(value, register, Int(access.size), shadow)
    shadow.merge(value, at: register, size: Int(access.size))
    guard !kinds.isEmpty else { return [] }
    return apply(kinds, access, shadow)
  }

  private func recognise(
    _ value: UInt32, _ register: Int, _ size: Int, _ shadow: FunctionShadow
  ) -> [ConfigEvent.Kind] {
    var kinds: [ConfigEvent.Kind] = []
    for rule in Recogniser.all {
      guard let base = rule.location.register(in: shadow),
        register < base + rule.width * rule.count, register + size > base
      else { continue }
      for index in 0..<rule.count {
        var write = RegisterWrite(
          value: value, at: register, size: size, register: base + rule.width * index,
          width: rule.width)
        guard write.mask != 0 else { continue }
        write.index = index
        switch rule.check(write, shadow) {
        case .nothing: break
        case .event(let kind): kinds.append(kind)
        case .unknown(let oddity): count(oddity)
        case .eventAndUnknown(let kind, let oddity):
          kinds.append(kind)
          count(oddity)
        }
      }
    }
    return kinds
  }

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
    let event = event(
      known ?? .unknownReset, function, shadow(of: function), time: time, record: record)
    finish(event, category: .notice, commandKnown: false)
    return [event]
  }

  // MARK: Effects

  private func apply(
    _ kinds: [ConfigEvent.Kind], _ access: ConfigAccess, _ shadow: FunctionShadow
  ) -> [ConfigEvent] {
    kinds.map { kind in
      let event = event(
        kind, access.function, shadow, time: access.timeNs, record: access.record)
      finish(event, category: Self.category(kind), commandKnown: true)
      if kind == .dpcTrigger, let containment = shadow.layout[.downstreamPortContainment] {
        shadow.bytes.merge(containment + 8, 1, mask: 1)
      }
      if kind == .dpcRelease, let containment = shadow.layout[.downstreamPortContainment] {
        shadow.bytes.merge(containment + 8, 0, mask: 1)
      }
      return event
    }
  }

  private func event(
    _ kind: ConfigEvent.Kind, _ function: PCIFunction, _ shadow: FunctionShadow?, time: UInt64,
    record: UInt64
  ) -> ConfigEvent {
    let scope = scope(kind, function, shadow)
    if scope == .belowBridge { count(.unknownBusRange) }
    return ConfigEvent(
      kind: kind, function: function, scope: scope, window: window(kind, shadow), record: record,
      timeNs: time, pendingClearRecord: shadow?.pendingClearRecord)
  }

  private func scope(
    _ kind: ConfigEvent.Kind, _ function: PCIFunction, _ shadow: FunctionShadow?
  ) -> ConfigEvent.Scope {
    switch kind {
    case .hotReset: .buses(function.bus...lastBus(below: function))
    case .cxlReset: .device
    case .vfDisable: .virtualFunctions
    default:
      if kind.isAtBridge {
        shadow?.busesBelow.map { .buses($0) } ?? .belowBridge
      } else {
        .function
      }
    }
  }

  /// The highest bus behind the bridges on a function's bus, as far as they are known.
  private func lastBus(below function: PCIFunction) -> UInt8 {
    var last = function.bus
    for shadow in shadows
    where shadow.function.segment == function.segment && shadow.function.bus == function.bus {
      last = max(last, shadow.busesBelow?.upperBound ?? last)
    }
    return last
  }

  private func window(_ kind: ConfigEvent.Kind, _ shadow: FunctionShadow?) -> QuietWindow? {
    switch kind {
    case .functionLevelReset: times.functionLevelReset
    case .advancedFeaturesReset: times.advancedFeaturesReset
    case .pmResetStart, .powerDown: .open("in D3hot: " + times.powerState.source)
    case .pmResetDone, .powerUp, .pmReset: times.powerState
    case .busResetAssert, .linkDisable, .dpcTrigger, .slotPowerOff:
      .open("held in reset: " + times.conventionalReset.source)
    case .busResetRelease, .linkEnable, .dpcRelease, .slotPowerOn, .hotReset:
      times.conventionalReset
    case .cxlReset: cxlTimeout(shadow)
    case .cxlBusResetUnmask, .memoryDisable, .memoryEnable, .barSizing, .barMove, .vfDisable,
      .resetRequested, .unknownReset:
      nil
    }
  }

  /// By the timeout code in DVSEC Capability bits 10:8; the longest where it is not known.
  private func cxlTimeout(_ shadow: FunctionShadow?) -> QuietWindow? {
    let code = shadow?.layout[.cxlDevice].flatMap { shadow?.bytes[$0 + 0x0b] }.map { Int($0 & 7) }
    guard let code, times.cxlReset.indices.contains(code) else { return times.cxlReset.last }
    return times.cxlReset[code]
  }

  private static func category(_ kind: ConfigEvent.Kind) -> ResetCategory {
    switch kind {
    case .pmResetStart, .pmResetDone, .powerDown, .powerUp: .power
    case .busResetAssert, .busResetRelease: .secondaryBus
    case .linkDisable, .linkEnable: .link
    case .dpcTrigger, .dpcRelease: .containment
    case .cxlReset: .cxl
    case .slotPowerOff, .slotPowerOn: .slot
    default: .function
    }
  }

  private func finish(_ event: ConfigEvent, category: ResetCategory, commandKnown: Bool) {
    generation += 1
    windows.set(event, category: category)
    switch event.kind {
    case .functionLevelReset, .advancedFeaturesReset, .pmResetDone, .busResetAssert, .linkDisable,
      .dpcTrigger, .cxlReset, .slotPowerOff, .hotReset, .pmReset, .unknownReset:
      windows.close(within: event)
      for shadow in shadows where event.scope.contains(shadow.function, cause: event.function) {
        shadow.forgetAfterReset(commandKnown: commandKnown)
      }
    default: break
    }
  }

  // MARK: Questions

  /// Whether a function answers MMIO.
  ///
  /// - Parameter function: Any function.
  /// - Returns: nil where nothing at all is known of it.
  public func window(for function: PCIFunction) -> RecoveryWindow? {
    let memory = index[function].map { shadows[$0].memory } ?? .unknown
    let cause = windows.latest(covering: function)
    return cause == nil && memory == .unknown ? nil : RecoveryWindow(cause: cause, memory: memory)
  }

  /// Whether a memory BAR is prefetchable and 64 bits wide (PCI Express Base Specification 5.0,
  /// 7.5.1.2.1), as reads of it showed.
  ///
  /// - Parameters:
  ///   - function: Any function.
  ///   - bar: BAR number, 0 to 5.
  /// - Returns: nil where no read showed it, and for I/O BARs.
  public func memoryBAR(
    of function: PCIFunction, _ bar: Int
  ) -> (prefetchable: Bool, is64Bit: Bool)? {
    guard (0..<6).contains(bar), let kind = index[function].map({ shadows[$0].barKinds[bar] }),
      kind & 16 != 0, kind & 1 == 0
    else { return nil }
    return (kind & 8 != 0, kind >> 1 & 3 == 2)
  }

  /// Secondary to subordinate bus of a bridge; nil where not known.
  public func busesBelow(_ bridge: PCIFunction) -> ClosedRange<UInt8>? {
    index[bridge].flatMap { shadows[$0].busesBelow }
  }

  /// How often something was met.
  public func count(of oddity: ConfigOddity) -> UInt64 { counts[oddity.rawValue] }

  /// Adds the counts to a trace's counters.
  public func report(into counters: inout TraceCounters) {
    for oddity in ConfigOddity.allCases {
      counters.add(
        oddity.name, counts[oddity.rawValue], severity: oddity.severity, meaning: oddity.meaning)
    }
  }

  // MARK: Storage

  private func shadow(of function: PCIFunction) -> FunctionShadow? {
    if last < shadows.count, shadows[last].function == function { return shadows[last] }
    if let known = index[function] {
      last = known
      return shadows[known]
    }
    guard shadows.count < limit else { return nil }
    last = shadows.count
    index[function] = last
    shadows.append(FunctionShadow(function))
    return shadows[last]
  }

  /// Forgets a function; the last one asked for.
  private func drop(_ shadow: FunctionShadow) {
    shadows[last] = FunctionShadow(shadow.function)
    generation += 1
  }

  private func learn(_ function: PCIFunction, _ image: ArraySlice<UInt8>) {
    guard let shadow = shadow(of: function) else { return count(.functionLimit) }
    for start in stride(from: 0, to: image.count & ~3, by: 4) {
      var value: UInt32 = 0
      for offset in 0..<4 { value |= UInt32(image[start + offset]) << UInt32(8 * offset) }
      shadow.learn(value, at: start, size: 4, record: nil)
    }
    count(oddities: shadow.refreshLayout())
  }

  private func count(_ oddity: ConfigOddity) { counts[oddity.rawValue] += 1 }

  private func count(oddities: UInt32) {
    guard oddities != 0 else { return }
    for oddity in ConfigOddity.allCases where oddities >> UInt32(oddity.rawValue) & 1 == 1 {
      count(oddity)
    }
  }
}
