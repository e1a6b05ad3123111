import TraceCore

/// What a plain `r` or `w` of this package's plugin says.
struct PluginToken: BitwiseCopyable {
  var isStore = false
  var size: UInt8 = 0
  var attribute: UInt8 = 0
  var vcpu: UInt16 = 0
  var word: UInt32 = 0
  /// The region's name.
  var name = TextPlace()
  var time: UInt64 = 0
  var code: UInt64 = 0
  var address: UInt64 = 0
  var value: UInt64 = 0
}

/// Reads `w 0 16932619581 0x210ffc 0x80001000 8 0x1 0x00 0xf900016d RAM`: an access with a value of
/// up to 8 bytes and a memory type.
struct PluginLexer: LineLexer {
  var blank: PluginToken { PluginToken() }

  @inline(__always)
  func lex(from start: Int, in text: TextWords, into token: inout PluginToken) -> Int {
    var position = start
    let head = text[position] & 0xffff
    // "w " or "r ".
    token.isStore = head == 0x2077
    guard token.isStore || head == 0x2072 else { return -1 }
    position &+= 2
    guard let vcpu = text.decimal(&position), vcpu < 65_536, text.takeBlank(&position),
      let time = text.decimal(&position), text.takeBlank(&position),
      let code = text.prefixedHex(&position), text.takeBlank(&position),
      let address = text.prefixedHex(&position), text.takeBlank(&position),
      let size = text.decimal(&position), size &- 1 < 64, text.takeBlank(&position),
      !address.addingReportingOverflow(size &- 1).overflow,
      let value = text.prefixedHex(&position), text.takeBlank(&position),
      let attribute = text.prefixedHex(&position), attribute < 256, text.takeBlank(&position),
      let word = text.prefixedHex(&position), word >> 32 == 0, text.takeBlank(&position)
    else { return -1 }
    let end = text.first(0x0a, 0x0d, 0x0a, from: position)
    guard end > position else { return -1 }
    token.size = UInt8(truncatingIfNeeded: size)
    token.attribute = UInt8(truncatingIfNeeded: attribute)
    token.vcpu = UInt16(truncatingIfNeeded: vcpu)
    token.word = UInt32(truncatingIfNeeded: word)
    token.name = TextPlace(from: position, to: end)
    token.time = time
    token.code = code
    token.address = address
    token.value = value
    return text.end(at: end)
  }
}

extension PluginParser {
  var lexer: PluginLexer? { dialect == .own ? PluginLexer() : nil }

  @inline(__always)
  mutating func resolve(
    _ token: PluginToken, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) -> Bool {
    let access = Access(
      isStore: token.isStore, vcpu: token.vcpu, time: token.time, code: token.code,
      address: token.address, size: UInt64(token.size), value: (high: 0, low: token.value),
      attribute: token.attribute, word: token.word,
      region: token.name.range)
    try append(access, at: access.region.lowerBound, bytes, line, &builder)
    return true
  }
}
