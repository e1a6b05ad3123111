import TraceCore

/// Everything known of one function.
///
/// A class, so that a change costs no copy of the 4 KiB.
final class FunctionShadow {
  let function: PCIFunction
  var bytes = ConfigBytes()
  private(set) var layout: CapabilityLayout
  /// Oddities of the capability lists already counted.
  private var countedOddities: UInt32 = 0
  /// Addresses that the BARs were given, by double word: known bits and value.
  private(set) var placement = [BARPlacement](repeating: BARPlacement(), count: 6)
  /// What reads of each BAR showed in its low four bits, which no write changes; 0x10 = a read.
  private(set) var barKinds = [UInt8](repeating: 0, count: 6)
  /// Record of the last read that showed no transactions pending.
  private(set) var pendingClearRecord: UInt64?
  /// What config reads showed since the function's last reset.
  var readiness = Readiness()
  /// A reset cleared Command.MEM, and nothing has set it since.
  private(set) var isBeforeInit = false
  /// VFs that a reset or VF Enable := 0 took away; those that VF Enable brings back are back.
  private(set) var vanished: VirtualFunctions?
  /// Software wrote to it what only means something to a bridge, and nothing shows its header type.
  private var isTakenForBridge = false
  /// Its Vendor and Device ID were read as all ones while other registers had values, as those of a
  /// VF are (PCIe Base 5.0, section 9.3.4.1.1), and never as anything else.
  var hasNoID = false
  /// Power state last written: known even where the rest of PMCSR never was.
  private var writtenPowerState: UInt8?
  /// A write without a value, or lost events, may have changed the power state; No_Soft_Reset
  /// beside it cannot be written.
  private var powerStateIsDoubtful = false

  init(_ function: PCIFunction) {
    self.function = function
    layout = CapabilityLayout(walking: &bytes)
    markWatched()
  }

  /// Header layout 0 or 1 (or another), nil where not known.
  ///
  /// A Device/Port Type tells it too (PCIe Base 5.0, section 7.5.3.2).
  var headerType: UInt8? {
    if let layout = bytes[0x0e] { return layout & 0x7f }
    switch portType {
    case 0, 1, 9, 10: return 0
    case .some(4...8): return 1
    default: return isTakenForBridge ? 1 : nil
    }
  }

  /// Device/Port Type of the PCIe capability, nil where not known.
  var portType: UInt8? { layout[.express].flatMap { bytes[$0 + 2] }.map { $0 >> 4 } }

  /// Endpoints (0, 1, 9) and event collectors (10) can do FLR; nil where not known.
  var isEndpoint: Bool? {
    if let portType { return [0, 1, 9, 10].contains(portType) }
    return headerType.map { $0 == 0 }
  }

  /// Root ports (4), switch downstream ports (6) and bridges from PCI to PCIe (8) own the link and
  /// slot below; nil where not known.
  var isDownstreamPort: Bool? { portType.map { $0 == 4 || $0 == 6 || $0 == 8 } }

  /// PMCSR power state 0 to 3, nil where not known.
  var powerState: UInt8? {
    if powerStateIsDoubtful { return nil }
    return writtenPowerState ?? layout[.powerManagement].flatMap { bytes[$0 + 4] }.map { $0 & 3 }
  }

  /// Secondary to subordinate bus of a bridge, nil where not known or not configured.
  var busesBelow: ClosedRange<UInt8>? {
    guard headerType == 1, let secondary = bytes[0x19], let subordinate = bytes[0x1a],
      secondary > 0, subordinate >= secondary
    else { return nil }
    return secondary...subordinate
  }

  /// Command.MEM; not known of a VF, which has none (PCIe Base 5.0, section 9.3.4.1.3).
  var memory: RecoveryWindow.MemoryState {
    if hasNoID, bytes.word(0) == nil { return .unknown }
    guard let isOn = bytes.bit(0x04, 1) else { return .unknown }
    return isOn ? .on : .off
  }

  /// Takes what a read returned, or an image.
  ///
  /// - Parameters:
  ///   - value: Little-endian.
  ///   - register: First byte.
  ///   - size: 1 to 4 bytes.
  ///   - record: Record of the read.
  func learn(_ value: UInt32, at register: Int, size: Int, record: UInt64?) {
    if register == 0, size == 4, value == .max {
      hasNoID = true
      return
    }
    for index in 0..<size {
      bytes.set(register + index, UInt8(truncatingIfNeeded: value >> UInt32(8 * index)))
    }
    if let power = layout[.powerManagement], (register..<register + size).contains(power + 4) {
      writtenPowerState = nil
      powerStateIsDoubtful = false
    }
    if memory == .on { isBeforeInit = false }
    learnPlacement(value, at: register, size: size)
    if size == 4, value != 0, (0x10..<0x28).contains(register), register & 3 == 0 {
      barKinds[(register - 0x10) / 4] = UInt8(value & 15) | 16
    }
    notePending(register..<register + size, record: record)
  }

  /// Walks the capability lists again if a byte of theirs changed.
  ///
  /// - Returns: Oddities seen for the first time, as a bit set over ``ConfigOddity``.
  func refreshLayout() -> UInt32 {
    guard bytes.needsWalk else { return 0 }
    bytes.needsWalk = false
    layout = CapabilityLayout(walking: &bytes)
    markWatched()
    let fresh = layout.oddities & ~countedOddities
    countedOddities |= fresh
    return fresh
  }

  /// Takes the writable bits of a write.
  func merge(_ value: UInt32, at register: Int, size: Int) {
    for index in 0..<size {
      let byte = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
      bytes.merge(register + index, byte, mask: writableMask(register + index))
    }
    if memory == .on { isBeforeInit = false }
    place(value, at: register, size: size)
    if let power = layout[.powerManagement], (register..<register + size).contains(power + 4) {
      writtenPowerState = UInt8(value >> UInt32(8 * (power + 4 - register)) & 3)
      powerStateIsDoubtful = false
    }
  }

  /// Takes the function for a bridge, until something shows its header type.
  func takeForBridge() { isTakenForBridge = true }

  /// A write without a value: what it covers is not known any more.
  func forgetWritten(_ range: Range<Int>) {
    let power = layout[.powerManagement].map { $0 + 4 }
    for register in range where writableMask(register) != 0 && register != power {
      bytes.forget(register)
    }
    if let power, range.contains(power) { powerStateIsDoubtful = true }
    if let containment = layout[.downstreamPortContainment], range.contains(containment + 8) {
      bytes.forget(containment + 8)
    }
  }

  /// Writes may have been missed: what software changes at run time is not known any more.
  ///
  /// Numbers of buses and VFs and places of BARs, which it restores after a reset, are taken to be
  /// as before.
  func forgetAfterHole() {
    forgetCommand()
    if headerType == 1 { bytes.forget(0x3e) }
    powerStateIsDoubtful = true
    if let express = layout[.express] {
      bytes.forget(express + 0x10)
      bytes.forget(express + 0x19)
    }
    if let containment = layout[.downstreamPortContainment] { bytes.forget(containment + 8) }
    if let virtual = layout[.singleRootIO] { bytes.forget(virtual + 8) }
    vanished = nil
  }

  /// Command.MEM may have been written.
  func forgetCommand() {
    bytes.forget(0x04)
    isBeforeInit = false
  }

  /// Registers after a reset of the function: defaults where the specification gives them.
  ///
  /// - Parameter commandKnown: false where the source may have restored the state by itself.
  func forgetAfterReset(commandKnown: Bool) {
    for register in [0x04, 0x05] {
      if commandKnown { bytes.set(register, 0) } else { bytes.forget(register) }
    }
    for register in 0x10..<0x28 { bytes.forget(register) }
    if headerType == 1 {
      bytes.merge(0x3e, 0, mask: 0xff)
      bytes.merge(0x3f, 0, mask: 0xff)
    }
    if let power = layout[.powerManagement] {
      bytes.merge(power + 4, 0, mask: 3)
      writtenPowerState = 0
      powerStateIsDoubtful = false
    }
    if let virtual = layout[.singleRootIO] {
      if virtualFunctionsAreEnabled == true { loseVirtualFunctions() }
      for register in [virtual + 8, virtual + 0x10, virtual + 0x11] {
        bytes.merge(register, 0, mask: 0xff)
      }
    }
    resetControls()
    pendingClearRecord = nil
    readiness = Readiness(isSinceReset: true)
    isBeforeInit = true
  }

  /// Controls of ports that are not sticky: Link Disable (PCIe Base 5.0, section 7.5.3.7), ARI
  /// Forwarding Enable (7.5.3.16), Unmask SBR (CXL 3.0, section 8.1.5.2).
  private func resetControls() {
    if let express = layout[.express] {
      bytes.merge(express + 0x10, 0, mask: 0x10)
      bytes.merge(express + 0x28, 0, mask: 0x20)
      // Whether the slot has power after a reset of its port is the controller's business.
      bytes.forget(express + 0x19)
    }
    if let port = layout[.cxlPort] { bytes.merge(port + 0x0c, 0, mask: 1) }
  }

  /// VF Enable was cleared.
  func loseVirtualFunctions() {
    guard let numbers = virtualFunctions else { return }
    if vanished.map({ !$0.includes(numbers) }) ?? true { vanished = numbers }
  }
  /// VF Enable was set; of VFs whose numbers are not known any may be back.
  func regainVirtualFunctions() {
    if virtualFunctions == nil { vanished = nil }
  }

  /// Any VF may be back.
  func regainAll() { vanished = nil }

  private func notePending(_ range: Range<Int>, record: UInt64?) {
    guard let record else { return }
    if let express = layout[.express], range.contains(express + 0x0a) {
      pendingClearRecord = bytes.bit(express + 0x0a, 5) == false ? record : nil
    }
    if let features = layout[.advancedFeatures], range.contains(features + 5) {
      pendingClearRecord = bytes.bit(features + 5, 0) == false ? record : nil
    }
  }

  // MARK: BARs

  /// BARs of the header: six, two for a bridge.
  private var barCount: Int { headerType == 0 ? 6 : 2 }

  private func learnPlacement(_ value: UInt32, at register: Int, size: Int) {
    guard register < 0x28, register + size > 0x10, register & 3 == 0, size == 4 else { return }
    let index = (register - 0x10) / 4
    guard index < barCount else { return }
    placement[index].learn(value, isReset: readiness.isSinceReset)
  }

  /// Reads showed that the double word is an I/O BAR, and no upper half of a memory BAR of 64 bits.
  func isIOBAR(_ number: Int) -> Bool {
    var isUpper = false
    for index in 0..<number {
      let kind = barKinds[index]
      isUpper = !isUpper && kind & 1 == 0 && kind & 16 != 0 && kind >> 1 & 3 == 2
    }
    return !isUpper && barKinds[number] & 17 == 17
  }

  private func place(_ value: UInt32, at register: Int, size: Int) {
    guard register < 0x28, register + size > 0x10 else { return }
    for index in 0..<barCount {
      let write = RegisterWrite(
        value: value, at: register, size: size, register: 0x10 + 4 * index, width: 4)
      if write.mask != 0 { placement[index].write(write) }
    }
  }

  // MARK: Tracked registers

  /// A rule's state lives in these bits of the capabilities.
  private static let trackedBits: [(Capability, Int, UInt8)] = [
    (.powerManagement, 4, 0x03), (.express, 0x10, 0xff), (.express, 0x18, 0xff),
    (.express, 0x19, 0xff), (.express, 0x28, 0xff), (.singleRootIO, 0x08, 0xff),
    (.singleRootIO, 0x10, 0xff), (.singleRootIO, 0x11, 0xff), (.cxlPort, 0x0c, 0xff),
  ]

  /// Bits of a byte that keep what is written, among those that matter here.
  private func writableMask(_ register: Int) -> UInt8 {
    switch register {
    case 0x04, 0x05: return 0xff
    case 0x10..<0x18: return 0xff
    case 0x18..<0x28 where headerType == 0: return 0xff
    case 0x18...0x1a where headerType == 1: return 0xff
    case 0x3e, 0x3f: return headerType == 1 ? 0xff : 0
    case 0..<0x40: return 0
    default: break
    }
    for (capability, offset, mask) in Self.trackedBits
    where layout[capability].map({ $0 + offset == register }) ?? false { return mask }
    return 0
  }

  private func markWatched() {
    bytes.watch(0x04, count: 2)
    bytes.watch(0x10, count: 24)
    for recogniser in Recogniser.all {
      guard let register = recogniser.location.register(in: self) else { continue }
      bytes.watch(register, count: recogniser.width * recogniser.count)
    }
    for (capability, offset, _) in Self.trackedBits {
      if let start = layout[capability] { bytes.watch(start + offset, count: 1) }
    }
  }
}
