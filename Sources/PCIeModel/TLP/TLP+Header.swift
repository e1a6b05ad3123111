/// The header in non-flit form.
extension TLP {
  /// The header's DWs; bit 31 of each is the first on the wire (byte 0, bit 7).
  ///
  /// PCI Express Base Specification 5.0, sections 2.2.1 (the first DW), 2.2.4 (addresses and IDs),
  /// 2.2.5 (byte enables), 2.2.7 (memory and configuration requests), 2.2.9 (completions). TH, LN, EP,
  /// AT, PH and BCM are 0; there are no prefixes.
  public var headerWords: [UInt32] {
    switch route {
    case .address(let address):
      return [firstWord, requestWord] + Self.addressWords(address, header: type.headerDwords)
    case .config(let function, let register):
      return [firstWord, requestWord, UInt32(function) << 16 | UInt32(register & 0xffc)]
    case .completion(let fields):
      let status = UInt32(fields.status.rawValue) << 13
      return [
        firstWord, UInt32(fields.completer) << 16 | status | UInt32(fields.byteCount & 0xfff),
        UInt32(label.requester) << 16 | UInt32(label.tag & 0xff) << 8
          | UInt32(fields.lowerAddress & 0x7f),
      ]
    }
  }

  /// Fmt, Type, T9, TC, T8, Attr[2], TD, Attr[1:0], Length.
  private var firstWord: UInt32 {
    var word = UInt32(type.formatAndType) << 24 | lengthField
    word |= UInt32(label.trafficClass) << 20
    word |= UInt32(label.tag >> 9 & 1) << 23 | UInt32(label.tag >> 8 & 1) << 19
    word |= UInt32(label.attributes.rawValue >> 2 & 1) << 18
    word |= UInt32(label.attributes.rawValue & 3) << 12
    return digest ? word | 1 << 15 : word
  }

  /// Requester ID, Tag[7:0], Last and First DW BE.
  private var requestWord: UInt32 {
    UInt32(label.requester) << 16 | UInt32(label.tag & 0xff) << 8 | enableBits
  }

  /// Last DW BE in bits 7:4, First in 3:0.
  var enableBits: UInt32 { UInt32(enables.last) << 4 | UInt32(enables.first) }

  /// Length[9:0]: 0 is 1024 DWs, and reserved in a Cpl.
  var lengthField: UInt32 { UInt32(dwords & 0x3ff) }

  /// The address in one DW, or its upper half in a DW of its own.
  static func addressWords(_ address: UInt64, header dwords: Int) -> [UInt32] {
    let low = UInt32(truncatingIfNeeded: address) & ~3
    return dwords == 3 ? [low] : [UInt32(truncatingIfNeeded: address >> 32), low]
  }
}

/// The header in flit mode.
extension TLP {
  /// The header base's DWs and the orthogonal header content (OHC) behind them.
  ///
  /// PCI Express Base Specification 6.0, sections 2.2.1.2 (the first DW: Type, TC, OHC, TS, Attr,
  /// Length), 2.2.5 (OHC-A1), 2.2.7 (OHC-A3 in every configuration request) and 2.2.9. EP and AT are 0.
  ///
  /// Left out, here and in ``WireCost``: OHC-A5, one more DW of a completion whose status is not SC or
  /// whose Lower Address[1:0] is not 0, which has no other place for them; OHC-B, OHC-C and OHC-E; and
  /// segments.
  public var flitHeaderWords: [UInt32] {
    var words = [flitFirstWord]
    let tag = UInt32(label.tag & 0x3fff)
    switch route {
    case .address(let address):
      words.append(UInt32(label.requester) << 16 | tag)
      words += Self.addressWords(address, header: type.headerDwords)
    case .config(let function, let register):
      words.append(UInt32(label.requester) << 16 | tag)
      words.append(UInt32(function) << 16 | UInt32(register & 0xffc))
    case .completion(let fields):
      let lower = UInt32(fields.lowerAddress)
      words.append(UInt32(fields.completer) << 16 | (lower >> 6 & 1) << 14 | tag)
      words.append(
        UInt32(label.requester) << 16 | (lower >> 2 & 0xf) << 12 | UInt32(fields.byteCount & 0xfff))
    }
    if hasOHC { words.append(enableBits) }
    return words
  }

  /// OHC-A1 or OHC-A3, both of which have the byte enables in bits 7:0.
  private var hasOHC: Bool { isPartial || type.isConfig }

  private var flitFirstWord: UInt32 {
    var word = UInt32(type.flitType) << 24 | lengthField
    word |= UInt32(label.trafficClass) << 21
    word |= hasOHC ? 1 << 16 : 0
    word |= digest ? 1 << 13 : 0
    return word | UInt32(label.attributes.rawValue & 7) << 10
  }
}
