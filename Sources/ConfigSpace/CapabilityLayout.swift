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

  /// Follows both lists (PCIe Base 5.0, sections 7.5.1.1.11 and 7.6.3).
  ///
  /// Each list has a fixed number of possible entries and none is visited twice, so that the walk
  /// ends whatever the bytes say.
  ///
  /// - Parameter bytes: The function's space; bytes looked at and capabilities found are marked.
  init(walking bytes: inout ConfigBytes) {
    bytes.clearMarks()
    walkConventional(&bytes)
    walkExtended(&bytes)
  }

  private mutating func walkConventional(_ bytes: inout ConfigBytes) {
    if let status = bytes.structural(0x06), status & 0x10 == 0 {
      conventionalComplete = true
      return
    }
    guard var pointer = bytes.structural(0x34).map({ Int($0 & 0xfc) }) else { return }
    var visited: UInt64 = 0
    while pointer != 0 {
      guard isAcceptable(pointer, above: 0x40, visited: &visited) else { break }
      guard let id = bytes.structural(pointer), let next = bytes.structural(pointer + 1)
      else { return }
      guard id != 0xff else {
        note(.capabilityAllOnes)
        break
      }
      enter(conventional: id, at: pointer, &bytes)
      pointer = Int(next & 0xfc)
    }
    conventionalComplete = true
  }

  private mutating func enter(conventional id: UInt8, at offset: Int, _ bytes: inout ConfigBytes) {
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

  private mutating func walkExtended(_ bytes: inout ConfigBytes) {
    var pointer = 0x100
    // 960 double words lie above the first 256 bytes.
    var visited = [Bool](repeating: false, count: 1024)
    while pointer != 0 {
      guard pointer >= 0x100 else {
        note(.capabilityInHeader)
        break
      }
      guard !visited[pointer / 4] else {
        note(.capabilityLoop)
        break
      }
      visited[pointer / 4] = true
      guard let header = header(at: pointer, &bytes) else { return }
      if header == 0 { break }
      guard header != .max else {
        note(.capabilityAllOnes)
        break
      }
      enter(extended: UInt16(header & 0xffff), at: pointer, &bytes)
      pointer = Int(header >> 20 & 0xffc)
    }
    extendedComplete = true
  }

  private func header(at offset: Int, _ bytes: inout ConfigBytes) -> UInt32? {
    var header: UInt32 = 0
    var isKnown = true
    for index in 0..<4 {
      let byte = bytes.structural(offset + index)
      isKnown = isKnown && byte != nil
      header |= UInt32(byte ?? 0) << UInt32(8 * index)
    }
    return isKnown ? header : nil
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

  private mutating func isAcceptable(
    _ pointer: Int, above floor: Int, visited: inout UInt64
  ) -> Bool {
    if pointer < floor {
      note(.capabilityInHeader)
      return false
    }
    let bit = UInt64(1) << UInt64(pointer / 4)
    if visited & bit != 0 {
      note(.capabilityLoop)
      return false
    }
    visited |= bit
    return true
  }

  private mutating func note(_ oddity: ConfigOddity) { oddities |= 1 << UInt32(oddity.rawValue) }
}
