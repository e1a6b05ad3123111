/// What a TLP takes of the link and of the receiver's buffers.
extension TLP {
  /// Bytes on the wire.
  ///
  /// The same as ``WireCost`` has for its kind, counted from the header's own DWs.
  ///
  /// - Parameter flit: Flit mode.
  /// - Returns: Bytes, with framing, sequence number and LCRC where there are any.
  public func wireBytes(flit: Bool) -> Int {
    let header = flit ? flitHeaderWords.count : headerWords.count
    return (flit ? 0 : 8) + 4 * (header + dataDwords + (digest ? 1 : 0))
  }

  /// Header credits that it takes: always one.
  public var headerCredits: Int { 1 }

  /// Data credits that it takes, one each 16 bytes (PCI Express Base Specification 5.0, section
  /// 2.6.1).
  public var dataCredits: Int { (dataDwords + 3) / 4 }
}
