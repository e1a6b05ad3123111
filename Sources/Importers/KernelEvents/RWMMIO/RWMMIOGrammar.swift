import TraceCore

/// An `rwmmio_*` event (Linux `include/trace/events/rwmmio.h`).
struct RWMMIOEvent {
  /// The events, in the order of ``RWMMIOEvents/names``.
  enum Kind: Int {
    case read, write, postRead, postWrite
  }

  var kind: Kind
  /// Bytes: 1, 2, 4 or 8.
  var size: UInt8
  /// Kernel virtual address.
  var address: UInt64
  /// 0 for `rwmmio_read`, which comes before the load.
  var value: UInt64
  /// Where the accessor was called, if that is a number.
  var codeAddress: UInt64?
  /// What stands in front of the width where it is no number; an index range of the chunk.
  var callers: Range<Int> { place.range }
  var place = TextPlace()
}

extension TextCursor {
  /// `[CALLER0 -> ]CALLER width=BITS [val=NUMBER] addr=NUMBER`.
  ///
  /// A caller is a symbol with an offset, maybe with its size and its module, or an address. The
  /// second caller came with a patch of October 2022 (Linux 6.2). The first drafts of the events
  /// (2021) name the accessor in the place of the width: `CALLER readl addr=NUMBER`.
  @inline(__always)
  mutating func rwmmioEvent(
    _ kind: RWMMIOEvent.Kind, _ bytes: Span<UInt8>
  ) throws(LineFault) -> RWMMIOEvent {
    let start = position
    let expected: StaticString = "width= behind the callers"
    guard let equals = bytes.first(UInt8(ascii: "="), from: start, to: end)
    else { throw LineFault(at: start, expected) }
    var callersEnd = max(start, equals - 5)
    position = callersEnd
    let bits: UInt64
    if skip("width=", bytes) {
      let widthStart = position
      bits = try decimal(bytes, "a width of 8, 16, 32 or 64 bits", limit: 64)
      guard bits == 32 || bits == 64 || bits == 16 || bits == 8 else {
        throw LineFault(.outOfRange, at: widthStart, "a width of 8, 16, 32 or 64 bits")
      }
    } else {
      guard let accessor = accessor(from: start, to: equals, bytes) else {
        throw LineFault(at: start, expected)
      }
      (bits, callersEnd, position) = (accessor.bits, accessor.start, accessor.end)
    }
    skipBlanks(bytes)
    var value: UInt64 = 0
    if kind != .read {
      try take("val=", bytes)
      value = try kernelHex(bytes, "a hexadecimal value with 0x")
      skipBlanks(bytes)
    }
    try take("addr=", bytes)
    let addressStart = position
    let address = try kernelHex(bytes, "a hexadecimal address with 0x")
    try takeEnd(bytes)
    let size = UInt8(truncatingIfNeeded: bits / 8)
    guard !address.addingReportingOverflow(UInt64(size)).overflow else {
      throw LineFault(.outOfRange, at: addressStart, "an access that ends below 2^64")
    }
    let code = caller(from: start, to: callersEnd, bytes)
    while callersEnd > start, bytes[callersEnd - 1] == 0x20 { callersEnd -= 1 }
    return RWMMIOEvent(
      kind: kind, size: size, address: address, value: value, codeAddress: code,
      place: TextPlace(code == nil ? start..<callersEnd : 0..<0))
  }

  /// The accessor that is the last word but that with the first `=`: `readl`, `writeq_relaxed`.
  @inline(never)
  private func accessor(
    from start: Int, to equals: Int, _ bytes: Span<UInt8>
  ) -> (bits: UInt64, start: Int, end: Int)? {
    var wordEnd = equals
    while wordEnd > start, bytes[wordEnd - 1] != 0x20 { wordEnd -= 1 }
    while wordEnd > start, bytes[wordEnd - 1] == 0x20 { wordEnd -= 1 }
    var wordStart = wordEnd
    while wordStart > start, bytes[wordStart - 1] != 0x20 { wordStart -= 1 }
    var word = TextCursor(wordStart, end: wordEnd)
    guard word.skip("read", bytes) || word.skip("write", bytes) else { return nil }
    let bits: UInt64
    switch word.peek(bytes) {
    case UInt8(ascii: "b"): bits = 8
    case UInt8(ascii: "w"): bits = 16
    case UInt8(ascii: "l"): bits = 32
    case UInt8(ascii: "q"): bits = 64
    default: return nil
    }
    word.position += 1
    guard word.isAtEnd || (word.skip("_relaxed", bytes) && word.isAtEnd) else { return nil }
    return (bits, wordStart, wordEnd)
  }

  /// The address behind the arrow, or behind nothing; nil for a symbol.
  @inline(__always)
  private func caller(from start: Int, to limit: Int, _ bytes: Span<UInt8>) -> UInt64? {
    var place = start
    if let arrow = bytes.first(UInt8(ascii: ">"), from: start, to: limit) { place = arrow + 2 }
    guard bytes.word(at: place) & 0xffff == 0x7830 else { return nil }
    var cursor = TextCursor(place, end: limit)
    guard let code = try? cursor.prefixedHex(bytes, "an address"),
      cursor.isAtEnd || cursor.peek(bytes) == 0x20, !CallerTable.range.contains(code)
    else { return nil }
    return code
  }

  /// A number in C's `%#x`: with 0x, but zero may be a bare 0 (C library) or `0x0` (kernel).
  @inline(__always)
  mutating func kernelHex(
    _ bytes: Span<UInt8>, _ expected: StaticString
  ) throws(LineFault) -> UInt64 {
    if peek(bytes) == 0x30, position + 1 == end || bytes[position + 1] == 0x20 {
      position += 1
      return 0
    }
    return try prefixedHex(bytes, expected)
  }
}
