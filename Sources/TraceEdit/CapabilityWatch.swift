import ConfigSpace

/// Which registers of functions say whose device it is, beyond the header: serial numbers, vital
/// product data and what vendors define.
///
/// Follows each function's capability lists as the capture shows them, see `CapabilityWalk`: drivers
/// read a capability's header before what is in it. Registers of a list that the capture does not
/// show are not found.
struct CapabilityWatch {
  /// One function's bytes as captured, and the registers found in them.
  private struct Shadow {
    /// By register; nil where not seen.
    var bytes = [UInt8?](repeating: nil, count: 4096)
    var named: Set<Int> = []

    subscript(register: Int) -> Int? { bytes[register].map(Int.init) }

    func word(_ register: Int) -> Int? {
      guard let low = self[register], let high = self[register + 1] else { return nil }
      return low | high << 8
    }
  }

  private var shadows: [UInt32: Shadow] = [:]

  /// Takes in what a function's registers hold: what was read, as written bytes need not stay.
  ///
  /// - Parameters:
  ///   - bytes: As captured.
  ///   - register: First register; those beyond 4095 are passed over.
  ///   - function: Any number that tells functions apart.
  mutating func note(_ bytes: ArraySlice<UInt8>, register: Int, function: UInt32) {
    // All ones are the answer of a function that is not there.
    guard bytes.contains(where: { $0 != 0xff }) else { return }
    var isNew = false
    for (index, byte) in bytes.enumerated() where register + index < 4096 {
      let known = shadows[function, default: Shadow()].bytes[register + index]
      guard known != byte else { continue }
      shadows[function, default: Shadow()].bytes[register + index] = byte
      // Bytes that change are registers; lists stay.
      isNew = isNew || known == nil
    }
    if isNew { find(in: &shadows[function, default: Shadow()]) }
  }

  /// The register says whose device it is.
  func names(_ register: Int, of function: UInt32) -> Bool {
    shadows[function]?.named.contains(register) ?? false
  }

  /// The function was seen to be a bridge: its header is of type 1 (section 7.5.1.1.9).
  func isBridge(_ function: UInt32) -> Bool {
    shadows[function]?[0x0e].map { $0 & 0x7f == 1 } ?? false
  }

  private func find(in shadow: inout Shadow) {
    shadow.named = []
    for list in [CapabilityWalk.List.conventional, .extended] {
      var walk = CapabilityWalk(list)
      let bytes = shadow.bytes
      while case .entry(let id, let offset) = walk.next({ bytes[$0] }) {
        switch list {
        case .conventional: enter(conventional: id, offset, &shadow)
        case .extended: enter(extended: id, offset, &shadow)
        }
      }
    }
  }

  private func enter(conventional id: UInt16, _ place: Int, _ shadow: inout Shadow) {
    switch id {
    // Vital product data: its data register (PCI Local Bus 3.0, appendix I).
    case 0x03: shadow.named.formUnion(place + 4..<place + 8)
    // Vendor-specific: a byte of length, then what the vendor likes (section 7.9.4).
    case 0x09:
      let length = shadow[place + 2] ?? 0
      shadow.named.formUnion((place + 3)..<max(place + 3, min(place + length, 256)))
    // Subsystem IDs of a bridge (section 7.9.24).
    case 0x0d: shadow.named.formUnion(place + 4..<place + 8)
    default: break
    }
  }

  private func enter(extended id: UInt16, _ place: Int, _ shadow: inout Shadow) {
    switch id {
    // Device serial number (section 7.9.3).
    case 0x0003: shadow.named.formUnion(place + 4..<min(place + 12, 4096))
    // Vendor-specific: a header with its length, then what the vendor likes (section 7.9.5).
    case 0x000b:
      let length = shadow.word(place + 6).map { $0 >> 4 } ?? 8
      shadow.named.formUnion((place + 8)..<max(place + 8, min(place + length, 4096)))
    // Designated vendor-specific, of which CXL's are read by what recognises resets (section 7.9.6;
    // CXL 3.0, section 8.1).
    case 0x0023:
      guard let vendor = shadow.word(place + 4), vendor != 0x1e98 else { return }
      let length = shadow.word(place + 6).map { $0 >> 4 } ?? 10
      shadow.named.formUnion(place + 4..<place + 6)
      shadow.named.formUnion((place + 8)..<max(place + 8, min(place + length, 4096)))
    default: break
    }
  }
}
