/// Forming memory writes.
extension TLP {
  /// The memory writes of a set of enabled bytes of one line.
  ///
  /// - Parameters:
  ///   - mask: Enabled bytes; as for ``TLPSplitter/split(mask:address:lineBytes:)``.
  ///   - address: Byte address of bit 0.
  ///   - lineBytes: Bytes of a full line.
  ///   - policy: How bytes are grouped.
  ///   - label: Requester ID, tag, traffic class, attributes.
  /// - Returns: Writes in address order; none for an empty mask.
  public static func memoryWrites(
    mask: UInt128, address: UInt64, lineBytes: Int, policy: SplitPolicy, label: Label = Label()
  ) -> [TLP] {
    var splitter = TLPSplitter(policy: policy)
    return memoryWrites(
      mask: mask, address: address, lineBytes: lineBytes, by: &splitter, label: label)
  }

  /// The same for many lines: the splitter remembers patterns that come again.
  public static func memoryWrites(
    mask: UInt128, address: UInt64, lineBytes: Int, by splitter: inout TLPSplitter,
    label: Label = Label()
  ) -> [TLP] {
    splitter.split(mask: mask, address: address, lineBytes: lineBytes)
    return splitter.result.map {
      let start = address &+ UInt64($0.offset)
      return memoryWrite(
        at: start, dwords: $0.dwords, enables: ByteEnables(of: $0, mask: mask, address: address),
        payloadBytes: $0.payloadBytes, label: label)
    }
  }

  /// The memory writes of consecutive bytes that the root complex has at once, of any length.
  ///
  /// `runs` and `minimal` fill each TLP to Max_Payload_Size; `aligned` makes naturally aligned powers
  /// of two up to Max_Payload_Size; `qword` sends every full line as one, else aligned 8 bytes. None
  /// crosses 4 KiB.
  ///
  /// - Parameters:
  ///   - address: Byte address of the first byte.
  ///   - bytes: 1 or more; the last lies below 2^64.
  ///   - lineBytes: Bytes of a full line: a power of two, 16 to 128.
  ///   - policy: How bytes are grouped.
  ///   - link: Says Max_Payload_Size.
  ///   - label: Requester ID, tag, traffic class, attributes.
  /// - Returns: Writes in address order.
  public static func memoryWrites(
    address: UInt64, bytes: Int, lineBytes: Int = 64, policy: SplitPolicy,
    link: LinkConfiguration, label: Label = Label()
  ) -> [TLP] {
    precondition(bytes > 0, "a write of no bytes")
    var writes: [TLP] = []
    var start = address
    var rest = bytes
    while rest > 0 {
      let length: Int
      switch policy {
      case .runs, .minimal:
        length = DwordCut.length(at: start, rest: rest, limit: link.maxPayload)
      case .aligned: length = naturalLength(at: start, rest: rest, limit: link.maxPayload)
      case .qword: length = qwordLength(at: start, rest: rest, line: lineBytes)
      }
      writes.append(memoryWrite(at: start, bytes: length, label: label))
      start &+= UInt64(length)
      rest -= length
    }
    return writes
  }

  /// A write of one DW without an enabled byte, which has no effect at its completer.
  ///
  /// - Parameters:
  ///   - address: Byte address; its DW is named.
  ///   - label: Requester ID, tag, traffic class, attributes.
  /// - Returns: The write.
  public static func zeroLengthWrite(address: UInt64, label: Label = Label()) -> TLP {
    memoryWrite(at: address, dwords: 1, enables: .none, payloadBytes: 0, label: label)
  }

  /// A write of consecutive bytes that keeps all limits.
  private static func memoryWrite(at address: UInt64, bytes: Int, label: Label) -> TLP {
    memoryWrite(
      at: address, dwords: (Int(address & 3) + bytes + 3) >> 2,
      enables: ByteEnables(address: address, bytes: bytes), payloadBytes: bytes, label: label)
  }

  private static func memoryWrite(
    at address: UInt64, dwords: Int, enables: ByteEnables, payloadBytes: Int, label: Label
  ) -> TLP {
    let isShort = WireCost.headerDwords(address: address) == 3
    return TLP(
      isShort ? .memoryWrite32 : .memoryWrite64, .address(address & ~3), dwords: dwords,
      enables: enables, payloadBytes: payloadBytes, label: label)
  }

  /// The largest naturally aligned power of two.
  private static func naturalLength(at start: UInt64, rest: Int, limit: Int) -> Int {
    let alignment = min(start.trailingZeroBitCount, 12)
    return min(1 << alignment, TLPSplitter.powerOfTwo(atMost: min(rest, limit)))
  }

  /// A full line, else to the end of the aligned 8 bytes.
  private static func qwordLength(at start: UInt64, rest: Int, line: Int) -> Int {
    if start & UInt64(line - 1) == 0, rest >= line { return line }
    return min(rest, 8 - Int(start & 7))
  }
}

/// Where a request of consecutive bytes must end.
enum DwordCut {
  /// Bytes of the next request: to the end of its page, or as many as fill a limit of whole DWs.
  ///
  /// - Parameters:
  ///   - start: Byte address of its first byte.
  ///   - rest: Bytes left, 1 or more.
  ///   - limit: Max_Payload_Size or Max_Read_Request_Size in bytes.
  /// - Returns: 1 to `rest`.
  static func length(at start: UInt64, rest: Int, limit: Int) -> Int {
    let skew = Int(start & 3)
    let room = min(limit, 4096 - Int(start & 4095) + skew)
    return min(rest, room - skew)
  }
}
