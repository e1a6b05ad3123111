public import TraceCore

/// Configuration space of every function, learnt from the accesses themselves.
///
/// Feed it the config accesses in trace order; it returns what they did to the devices. Where the
/// capture does not show enough, no reset is invented and a counter says so.
///
/// It does not see what no access tells: hot plug, resets by firmware, the memory enable of
/// bridges on the way to a function.
public final class ConfigSpace {
  private(set) var shadows: [FunctionShadow] = []
  private(set) var index: [PCIFunction: Int] = [:]
  private var last = 0
  /// Places of the functions with an SR-IOV capability, and of the bridges.
  private(set) var physical: [Int] = []
  private(set) var bridges: [Int] = []
  var windows = WindowTable()
  private var counts = [UInt64](repeating: 0, count: ConfigOddity.allCases.count)
  let times: RecoveryTimes
  private let limit: Int
  /// Rises with every event and every memory enable that becomes known: ``window(for:)`` may have
  /// another answer then.
  public internal(set) var generation: UInt64 = 0
  /// Times are the capture's own; while they are not, no end of a window is told by them.
  public var isTimed = true
  /// Functions never seen whose Vendor and Device ID were read as all ones: absent, or VFs.
  private var withoutID: Set<PCIFunction> = []
  /// As many as a segment has.
  private static let withoutIDLimit = 1 << 16

  /// Starts with what is known of the functions.
  ///
  /// - Parameters:
  ///   - images: Configuration space by function, from its first byte; up to 4096 bytes each.
  ///   - times: Recovery times by kind of reset, as the device profile gives them.
  ///   - functionLimit: Functions tracked at most, some 8 KiB each.
  public init(
    images: [PCIFunction: [UInt8]] = [:], times: RecoveryTimes,
    functionLimit: Int = 4096
  ) {
    self.times = times
    limit = functionLimit
    for (function, image) in images.sorted(by: { $0.key < $1.key }) {
      // A VF has no Vendor and Device ID of its own (PCIe Base 5.0, section 9.3.4.1.1).
      guard image.contains(where: { $0 != 0xff }) else { continue }
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
      if access.asksForID, withoutID.count < Self.withoutIDLimit {
        withoutID.insert(access.function)
      }
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
    !access.isWrite && access.isAllOnes && index[access.function] == nil
  }

  private func read(_ access: ConfigAccess, _ shadow: FunctionShadow) -> [ConfigEvent] {
    guard let value = access.value else { return [] }
    let (register, size) = (Int(access.register), Int(access.size))
    guard !access.isAllOnes else {
      count(.allOnesRead)
      if access.asksForID, shadow.bytes.word(0) == nil { shadow.hasNoID = true }
      // A virtual function has no Vendor and Device ID of its own: all ones (PCIe 9.3.4.1.1).
      if register + size > 4 || physicalFunction(of: access.function) == nil {
        notReady(access, shadow)
      }
      return []
    }
    if access.asksForRetry {
      count(.retryRead)
      notReady(access, shadow)
      return []
    }
    if register < 2 {
      if isReplaced(value, size, shadow) {
        count(.deviceReplaced)
        drop(shadow)
        return read(access, shadows[last])
      }
    }
    let trigger = containmentTrigger(shadow)
    let memory = shadow.memory
    let virtualMemory = shadow.virtualFunctionsDecode
    let buses = shadow.busesBelow
    shadow.learn(value, at: register, size: size, record: access.record)
    refreshLayout(last)
    ready(access, shadow)
    look(atHolds: register..<register + size, access, shadow)
    if let isActive = shadow.linkIsActive(ifIn: register..<register + size),
      windows.link(of: access.function, isActive: isActive, at: access.timeNs)
    {
      generation += 1
    }
    if shadow.memory != memory || shadow.virtualFunctionsDecode != virtualMemory
      || shadow.busesBelow != buses
    {
      generation += 1
    }
    var kinds: [ConfigEvent.Kind] = []
    if trigger != true, containmentTrigger(shadow) == true { kinds.append(.dpcTrigger) }
    if losesStateInD3(shadow) { kinds.append(.pmResetStart) }
    return kinds.isEmpty ? [] : apply(kinds, access, shadow)
  }

  /// A function in D3hot turns out to lose its state there.
  private func losesStateInD3(_ shadow: FunctionShadow) -> Bool {
    guard windows.openKind(shadow.function, .power) == .powerDown,
      let power = shadow.layout[.powerManagement]
    else { return false }
    return shadow.bytes.bit(power + 4, 3) == false && shadow.powerState == 3
  }

  // MARK: Holds that end unseen

  /// What a read shows of the holds whose bits it covers.
  private func look(atHolds range: Range<Int>, _ access: ConfigAccess, _ shadow: FunctionShadow) {
    guard windows.hasOpen else { return }
    for (category, isOn) in shadow.holds(ifIn: range)
    where windows.openKind(shadow.function, category) != nil {
      guard isOn != true else {
        windows.held(shadow.function, category, at: access.timeNs)
        continue
      }
      letGo(by: access.timeNs) { cause, other in
        other == category && cause.function == shadow.function
      }
    }
  }

  /// Ends holds of which only that they are over is known, or not even that: nor is it known what
  /// software did to the functions since.
  private func letGo(
    by timeNs: UInt64?, where isMeant: (RecoveryWindow.Cause, ResetCategory) -> Bool
  ) {
    for cause in windows.letGo(by: timeNs, where: isMeant) {
      generation += 1
      count(.unseenRelease)
      for shadow in shadows where cause.scope.contains(shadow.function, cause: cause.function) {
        if !cause.kind.isPowerChange { shadow.forgetCommand() }
      }
      if cause.kind == .vfDisable { index[cause.function].map { shadows[$0].regainAll() } }
    }
  }

  /// The capture lost events: what config accesses may have changed is not known any more.
  ///
  /// A window that a known event began lasts as it would; one that nothing had ended lasts as long
  /// as it does at least.
  public func forgetAfterHole() {
    letGo(by: nil) { _, _ in true }
    for shadow in shadows { shadow.forgetAfterHole() }
    generation += 1
  }

  /// A full Vendor and Device ID that differs from the known one.
  private func isReplaced(_ value: UInt32, _ size: Int, _ shadow: FunctionShadow) -> Bool {
    guard size == 4, let vendor = shadow.bytes.word(0), let device = shadow.bytes.word(2)
    else { return false }
    return value != UInt32(vendor) | UInt32(device) << 16
  }

  /// A read that shows the function not ready.
  private func notReady(_ access: ConfigAccess, _ shadow: FunctionShadow) {
    guard shadow.readiness.record == nil else { return }
    shadow.readiness.failedReads += 1
    guard shadow.readiness.isSinceReset, !shadow.readiness.isCountedSlow,
      let cause = window(for: access.function)?.cause, let end = cause.releaseNs,
      access.timeNs > cause.untilNs ?? .max,
      access.timeNs - end > times.deviceReady.nanoseconds ?? .max
    else { return }
    shadow.readiness.isCountedSlow = true
    count(.slowToBeReady)
  }

  /// A read that returned something of the function.
  private func ready(_ access: ConfigAccess, _ shadow: FunctionShadow) {
    guard shadow.readiness.record == nil else { return }
    shadow.readiness.record = access.record
    shadow.readiness.timeNs = access.timeNs
    if shadow.readiness.isSinceReset { generation += 1 }
  }

  private func containmentTrigger(_ shadow: FunctionShadow) -> Bool? {
    shadow.layout[.downstreamPortContainment].flatMap { shadow.bytes.bit($0 + 8, 0) }
  }

  private func write(_ access: ConfigAccess, _ shadow: FunctionShadow) -> [ConfigEvent] {
    let register = Int(access.register)
    let range = register..<register + Int(access.size)
    // The port answers for it (PCIe Base 5.0, section 2.9.1).
    if windows.isCutOff(access.function) {
      count(.cutOffWrite)
      return []
    }
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
      let covered = shadow.holds(ifIn: range).map(\.category)
      shadow.forgetWritten(range)
      letGo(by: nil) { $0.function == shadow.function && covered.contains($1) }
      generation += 1
      return []
    }
    let kinds = recognise(value, register, Int(access.size), shadow)
    if shadow.headerType == nil, kinds.contains(.busResetAssert) {
      shadow.takeForBridge()
      keep(last, in: &bridges, if: true)
    }
    let secondary = shadow.headerType == 1 ? shadow.bytes[0x19] ?? 0 : 0
    let virtualMemory = shadow.virtualFunctionsDecode
    let buses = shadow.busesBelow
    shadow.merge(value, at: register, size: Int(access.size))
    if secondary != 0, shadow.bytes[0x19] != secondary { count(.busRenumbered) }
    if shadow.virtualFunctionsDecode != virtualMemory || shadow.busesBelow != buses {
      generation += 1
    }
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

  // MARK: Storage

  func shadow(of function: PCIFunction) -> FunctionShadow? {
    if last < shadows.count, shadows[last].function == function { return shadows[last] }
    if let known = index[function] {
      last = known
      return shadows[known]
    }
    guard shadows.count < limit else { return nil }
    last = shadows.count
    index[function] = last
    shadows.append(FunctionShadow(function))
    if withoutID.remove(function) != nil { shadows[last].hasNoID = true }
    return shadows[last]
  }

  /// Forgets a function; the last one asked for.
  private func drop(_ shadow: FunctionShadow) {
    shadows[last] = FunctionShadow(shadow.function)
    shadows[last].readiness = shadow.readiness
    physical.removeAll { $0 == last }
    bridges.removeAll { $0 == last }
    letGo(by: nil) { cause, _ in cause.function == shadow.function }
    generation += 1
  }

  /// Walks changed capability lists again.
  private func refreshLayout(_ place: Int) {
    let shadow = shadows[place]
    count(oddities: shadow.refreshLayout())
    keep(place, in: &physical, if: shadow.layout[.singleRootIO] != nil)
    keep(place, in: &bridges, if: shadow.headerType == 1)
  }

  private func keep(_ place: Int, in list: inout [Int], if isMember: Bool) {
    if isMember == list.contains(place) { return }
    if isMember { list.append(place) } else { list.removeAll { $0 == place } }
  }

  private func learn(_ function: PCIFunction, _ image: ArraySlice<UInt8>) {
    guard let shadow = shadow(of: function) else { return count(.functionLimit) }
    for start in stride(from: 0, to: image.count & ~3, by: 4) {
      var value: UInt32 = 0
      for offset in 0..<4 { value |= UInt32(image[start + offset]) << UInt32(8 * offset) }
      shadow.learn(value, at: start, size: 4, record: nil)
    }
    refreshLayout(last)
  }

  func count(_ oddity: ConfigOddity) { counts[oddity.rawValue] += 1 }

  /// How often something was met.
  public func count(of oddity: ConfigOddity) -> UInt64 {
    counts[oddity.rawValue] + (oddity == .linkNeverSeen ? windows.unseenLinks : 0)
  }

  private func count(oddities: UInt32) {
    guard oddities != 0 else { return }
    for oddity in ConfigOddity.allCases where oddities >> UInt32(oddity.rawValue) & 1 == 1 {
      count(oddity)
    }
  }
}
