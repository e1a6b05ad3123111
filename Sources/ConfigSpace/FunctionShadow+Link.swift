/// How the bus below a bridge comes back after a reset.
enum LinkBelow: Equatable {
  /// A link of 5 GT/s at most, or one that does not report its state: by time alone.
  case slow
  /// A faster link: the time runs from the end of its training.
  case fast
  /// A PCIe link whose speed the capture does not show.
  case unknown
  /// A conventional PCI bus.
  case conventional
}

extension FunctionShadow {
  /// The bus below a bridge.
  ///
  /// Max Link Speed is Link Capabilities 3:0, 1 = 2.5 and 2 = 5 GT/s; bit 20 says whether Data
  /// Link Layer Link Active is reported (PCIe Base 5.0, section 7.5.3.6). Type 7 is a bridge from
  /// PCIe to PCI; a bridge without a PCIe capability has a conventional bus too.
  var linkBelow: LinkBelow {
    guard let express = layout[.express] else {
      return headerType == 1 && layout.isComplete(for: 0x40) ? .conventional : .unknown
    }
    if portType == 7 { return .conventional }
    guard let speed = bytes[express + 0x0c] else { return .unknown }
    let isReported = bytes.bit(express + 0x0c, 20) ?? true
    return speed & 15 > 2 && isReported ? .fast : .slow
  }

  /// Data Link Layer Link Active: Link Status bit 13 (PCIe Base 5.0, section 7.5.3.8).
  ///
  /// - Parameter range: Bytes that an access covered.
  /// - Returns: nil where it does not cover the bit.
  func linkIsActive(ifIn range: Range<Int>) -> Bool? {
    guard let express = layout[.express], range.contains(express + 0x13) else { return nil }
    return bytes.bit(express + 0x13, 5)
  }

  /// What holds something in reset or away, of the bits that an access covered.
  ///
  /// - Parameter range: Bytes that the access covered.
  /// - Returns: Whether each is on; nil where its bit is not known.
  func holds(ifIn range: Range<Int>) -> [(category: ResetCategory, isOn: Bool?)] {
    var holds: [(ResetCategory, Bool?)] = []
    if headerType == 1, range.contains(0x3e) {
      holds.append((.secondaryBus, bytes.bit(0x3e, 6)))
    }
    if let express = layout[.express] {
      if range.contains(express + 0x10) { holds.append((.link, bytes.bit(express + 0x10, 4))) }
      if range.contains(express + 0x19) { holds.append((.slot, bytes.bit(express + 0x19, 2))) }
    }
    if let containment = layout[.downstreamPortContainment], range.contains(containment + 8) {
      holds.append((.containment, bytes.bit(containment + 8, 0)))
    }
    if let power = layout[.powerManagement], range.contains(power + 4) {
      holds.append((.power, powerState.map { $0 == 3 }))
    }
    if let virtual = layout[.singleRootIO], range.contains(virtual + 8) {
      holds.append((.virtual, bytes.bit(virtual + 8, 0).map { !$0 }))
    }
    return holds
  }

  /// Immediate Readiness: Status bit 0 (PCIe Base 5.0, section 7.5.1.1.4).
  var isImmediatelyReady: Bool { bytes.bit(0x06, 0) == true }

  /// DPC RP Busy: DPC Status bit 4, on ports with RP extensions (capability bit 5).
  var containmentIsBusy: Bool {
    guard let containment = layout[.downstreamPortContainment],
      bytes.bit(containment + 4, 5) == true
    else { return false }
    return bytes.bit(containment + 8, 4) == true
  }

  /// ARI Forwarding Enable of a downstream port: Device Control 2 bit 5; false where not known.
  ///
  /// The register exists from version 2 of the capability (PCIe Base 5.0, section 7.5.3.16).
  var forwardsARI: Bool {
    guard let express = layout[.express], let version = bytes[express + 2], version & 15 >= 2
    else { return false }
    return bytes.bit(express + 0x28, 5) == true
  }
}

/// What config reads showed of a function since its last reset.
struct Readiness: Equatable {
  /// A reset of the function was seen.
  var isSinceReset = false
  /// The first read that returned a value of the function.
  var record: UInt64?
  var timeNs: UInt64?
  /// Reads before it that returned all ones or asked for a retry.
  var failedReads: UInt64 = 0
  /// The function has been counted as slow.
  var isCountedSlow = false
}
