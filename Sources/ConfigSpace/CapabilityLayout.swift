/// Capabilities that the recognisers look at.
enum Capability: Int, CaseIterable {
  case powerManagement, express, advancedFeatures
  case downstreamPortContainment, singleRootIO, alternativeRouting, cxlDevice, cxlPort
}

/// Where a function's capabilities lie, as far as the capture shows the lists.
struct CapabilityLayout: Equatable {
  /// Offset by ``Capability``; 0 = not found.
  private var offsets = [Int](repeating: 0, count: Capability.allCases.count)
  /// The list was seen to its end, or is known to be absent or broken.
  private(set) var conventionalComplete = false
  private(set) var extendedComplete = false
  /// Bit set over ``ConfigOddity``.
  private(set) var oddities: UInt32 = 0

  /// Offset of a capability, nil where it was not found.
  subscript(capability: Capability) -> Int? {
    let offset = offsets[capability.rawValue]
    return offset == 0 ? nil : offset
  }

  /// The part of the space that holds a register was seen completely.
  func isComplete(for register: Int) -> Bool {
    register < 0x100 ? conventionalComplete : extendedComplete
  }

  /// Follows both lists; see ``CapabilityWalk``.
  ///
  /// - Parameter bytes: The function's space; bytes looked at and capabilities found are marked.
  init(walking bytes: inout ConfigBytes) {
    bytes.clearMarks()
    conventionalComplete = walk(.conventional, &bytes)
    extendedComplete = walk(.extended, &bytes)
  }

  /// Enters a list's capabilities; true where it was seen to its end.
  private mutating func walk(
    _ list: CapabilityWalk.List, _ bytes: inout ConfigBytes
  ) -> Bool {
    var walk = CapabilityWalk(list)
    while true {
      switch walk.next({ bytes.structural($0) }) {
      case .entry(let id, let offset):
        switch list {
        case .conventional: enter(conventional: id, at: offset, &bytes)
        case .extended: enter(extended: id, at: offset, &bytes)
        }
      case .end(let oddity):
        if let oddity { note(oddity) }
        return true
      case .unknown: return false
      }
    }
  }

  private mutating func enter(conventional id: UInt16, at offset: Int, _ bytes: inout ConfigBytes) {
    var length = 2
    switch id {
    case 0x01:
      found(.powerManagement, offset)
      length = 8
    case 0x10:
      found(.express, offset)
      length = 0x3c
    case 0x13:
      found(.advancedFeatures, offset)
      length = 6
    case 0x05: length = 24
    case 0x11: length = 12
    default: break
    }
    bytes.attribute(offset, count: length)
  }

  private mutating func enter(extended id: UInt16, at offset: Int, _ bytes: inout ConfigBytes) {
    switch id {
    case 0x0e:
      found(.alternativeRouting, offset)
      bytes.attribute(offset, count: 8)
    case 0x10:
      found(.singleRootIO, offset)
      bytes.attribute(offset, count: 0x40)
    case 0x1d:
      found(.downstreamPortContainment, offset)
      bytes.attribute(offset, count: 0x30)
    case 0x23: enterDVSEC(at: offset, &bytes)
    default: bytes.attribute(offset, count: 4)
    }
  }

  /// Designated vendor-specific: CXL has vendor 0x1e98, devices id 0, ports id 3 (CXL 3.0, 8.1).
  private mutating func enterDVSEC(at offset: Int, _ bytes: inout ConfigBytes) {
    let fields = [4, 5, 8, 9].map { bytes.structural(offset + $0) }
    bytes.attribute(offset, count: 10)
    guard fields[0] == 0x98, fields[1] == 0x1e, let id = fields[2], fields[3] == 0 else { return }
    if id == 0 {
      found(.cxlDevice, offset)
      bytes.attribute(offset, count: 0x3c)
    }
    if id == 3 {
      found(.cxlPort, offset)
      bytes.attribute(offset, count: 0x28)
    }
  }

  /// The first entry of a kind counts, as operating systems do.
  private mutating func found(_ capability: Capability, _ offset: Int) {
    if offsets[capability.rawValue] == 0 { offsets[capability.rawValue] = offset }
  }

  private mutating func note(_ oddity: ConfigOddity) { oddities |= 1 << UInt32(oddity.rawValue) }
}
