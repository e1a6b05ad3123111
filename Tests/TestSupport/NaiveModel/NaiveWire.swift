/// Bytes of TLPs on the wire (PCIeModel's article Link, B2 and B3; PCIe Base 6.0, 2.2 and 4.2.3).
struct NaiveWire {
  let settings: NaiveSettings

  /// One TLP.
  ///
  /// Non-flit: 8 + header + ECRC + data. Flit: header, orthogonal header content, data, trailer.
  ///
  /// - Parameters:
  ///   - header: DWs of the header.
  ///   - orthogonal: DWs of orthogonal header content that flit mode adds.
  ///   - data: DWs of data.
  /// - Returns: Bytes.
  func tlp(header: Int, orthogonal: Int, data: Int) -> Int {
    let check = settings.ecrc ? 1 : 0
    if settings.usesFlits { return 4 * (header + orthogonal + data + check) }
    return 8 + 4 * (header + data + check)
  }

  /// A memory write of these bytes.
  func memoryWrite(_ bytes: [UInt64]) -> Int {
    tlp(
      header: memoryHeader(bytes[0]), orthogonal: hasPartialDword(bytes) ? 1 : 0,
      data: dwords(bytes))
  }

  /// A memory read request of consecutive bytes.
  func memoryRead(_ bytes: [UInt64]) -> Int {
    tlp(header: memoryHeader(bytes[0]), orthogonal: hasPartialDword(bytes) ? 1 : 0, data: 0)
  }

  /// The completions of a read of consecutive bytes.
  func completions(_ bytes: [UInt64]) -> Int {
    naiveCompletions(bytes, settings).reduce(0) {
      $0 + tlp(header: 3, orthogonal: 0, data: dwords($1))
    }
  }

  /// A config request: 3 DW header, byte enables in OHC-A3, a write with 1 DW.
  func configRequest(isWrite: Bool) -> Int {
    tlp(header: 3, orthogonal: 1, data: isWrite ? 1 : 0)
  }

  /// The completion of a config request: a read's carries 1 DW.
  func configCompletion(isWrite: Bool) -> Int {
    tlp(header: 3, orthogonal: 0, data: isWrite ? 0 : 1)
  }

  /// DWs from the first to the last byte.
  func dwords(_ bytes: [UInt64]) -> Int { Int(bytes[bytes.count - 1] / 4 - bytes[0] / 4) + 1 }

  private func memoryHeader(_ address: UInt64) -> Int { address < 0x1_0000_0000 ? 3 : 4 }

  /// Some DW of the TLP has a byte that is not enabled.
  private func hasPartialDword(_ bytes: [UInt64]) -> Bool { 4 * dwords(bytes) != bytes.count }
}

/// The bytes of each completion of a read: as few as RCB and MPS allow (PCIe Base 5.0,
/// 2.3.1.1).
///
/// - Parameters:
///   - bytes: Addresses asked for, consecutive, not empty.
///   - settings: The link's RCB and MPS.
/// - Returns: One list of addresses a completion, in address order.
public func naiveCompletions(_ bytes: [UInt64], _ settings: NaiveSettings) -> [[UInt64]] {
  var pieces: [[UInt64]] = []
  var rest = bytes[...]
  while let first = rest.first {
    var count = rest.count
    if count > settings.maxPayload {
      // Pieces but the last end at a multiple of RCB.
      let boundary = UInt64(settings.readCompletionBoundary)
      let end = (first + UInt64(settings.maxPayload)) / boundary * boundary
      count = Int(end - first)
    }
    pieces.append(Array(rest.prefix(count)))
    rest = rest.dropFirst(count)
  }
  return pieces
}
