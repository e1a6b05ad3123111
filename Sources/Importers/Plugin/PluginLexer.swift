import TraceCore

/// What a plain access says.
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

/// Reads an access with a value of up to 8 bytes and a memory type.
struct PluginLexer: LineLexer {
  let dialect: PluginDialect

  var blank: PluginToken { PluginToken() }

  @inline(__always)
  func lex(from start: Int, in text: TextWords, into token: inout PluginToken) -> Int {
    var position = start
    let isRead =
      switch dialect {
      case .own: blanks(text, &position, &token)
      case .commas: commas(text, &position, &token)
      }
    guard isRead, !token.address.addingReportingOverflow(UInt64(token.size)).overflow
    else { return -1 }
    let end = text.first(0x0a, 0x0d, 0x0a, from: position)
    guard end > position else { return -1 }
    token.name = TextPlace(from: position, to: end)
    return text.end(at: end)
  }

  /// `w 0 16932619581 0x210ffc 0x80001000 8 0x1 0x00 0xf900016d ` up to the region's name.
  @inline(__always)
  private func blanks(
    _ text: TextWords, _ position: inout Int, _ token: inout PluginToken
  ) -> Bool {
    let head = text[position] & 0xffff
    // "w " or "r ".
    token.isStore = head == 0x2077
    guard token.isStore || head == 0x2072 else { return false }
    position &+= 2
    guard let vcpu = text.decimal(&position), vcpu < 65_536, text.takeBlank(&position),
      let time = text.decimal(&position), text.takeBlank(&position),
      let code = text.prefixedHex(&position), text.takeBlank(&position),
      let address = text.prefixedHex(&position), text.takeBlank(&position),
      let size = text.decimal(&position), size &- 1 < 64, text.takeBlank(&position),
      let value = text.prefixedHex(&position), text.takeBlank(&position),
      let attribute = text.prefixedHex(&position), attribute < 256, text.takeBlank(&position),
      let word = text.prefixedHex(&position), word >> 32 == 0, text.takeBlank(&position)
    else { return false }
    token.set(vcpu, time, code, address, size, value, attribute, word)
    return true
  }

  /// `W,0,1000,16932,ffff800008021238,ffff80000a001000,80001000,8,1,io,nGnRE,f900016d,` up to the
  /// region's name.
  @inline(__always)
  private func commas(
    _ text: TextWords, _ position: inout Int, _ token: inout PluginToken
  ) -> Bool {
    let head = text[position] & 0xffff
    // "W," or "R,".
    token.isStore = head == 0x2c57
    guard token.isStore || head == 0x2c52 else { return false }
    position &+= 2
    // Behind the vCPU its instructions, behind the code address the virtual one.
    guard let vcpu = text.decimal(&position), vcpu < 65_536, text.takeComma(&position),
      text.decimal(&position) != nil, text.takeComma(&position),
      let time = text.decimal(&position), time <= .max / 1000, text.takeComma(&position),
      let code = text.hex(&position), text.takeComma(&position),
      text.hex(&position) != nil, text.takeComma(&position),
      let address = text.hex(&position), text.takeComma(&position),
      let size = text.decimal(&position), size &- 1 < 64, text.takeComma(&position),
      let value = text.hex(&position), text.takeComma(&position),
      takeKind(text, &position), let attribute = attribute(text, &position),
      let word = text.hex(&position), word >> 32 == 0, text.takeComma(&position)
    else { return false }
    token.set(vcpu, time &* 1000, code, address, size, value, attribute, word)
    return true
  }

  // Texts as words, first byte lowest; the comment holds the text.
  @inline(__always)
  private func takeKind(_ text: TextWords, _ position: inout Int) -> Bool {
    let word = text[position]
    // io,
    if word & 0xff_ffff == 0x2c_6f69 {
      position &+= 3
      return true
    }
    // ram,
    position &+= 4
    return word & 0xffff_ffff == 0x2c6d_6172
  }

  /// The names that nearly every access has.
  @inline(__always)
  private func attribute(_ text: TextWords, _ position: inout Int) -> UInt64? {
    let word = text[position]
    // nGnRE,
    if word & 0xffff_ffff_ffff == 0x2c45_526e_476e {
      position &+= 6
      return 0x04
    }
    // NC,
    position &+= 3
    return word & 0xff_ffff == 0x2c_434e ? 0x44 : nil
  }
}

extension PluginToken {
  /// Everything but the direction and the region; each fits its field.
  @inline(__always)
  fileprivate mutating func set(
    _ vcpu: UInt64, _ time: UInt64, _ code: UInt64, _ address: UInt64, _ size: UInt64,
    _ value: UInt64, _ attribute: UInt64, _ word: UInt64
  ) {
    self.vcpu = UInt16(truncatingIfNeeded: vcpu)
    self.time = time
    self.code = code
    self.address = address
    self.size = UInt8(truncatingIfNeeded: size)
    self.value = value
    self.attribute = UInt8(truncatingIfNeeded: attribute)
    self.word = UInt32(truncatingIfNeeded: word)
  }
}

extension PluginParser {
  var lexer: PluginLexer? { dialect.map(PluginLexer.init) }

  @inline(__always)
  mutating func resolve(
    _ token: PluginToken, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) -> Bool {
    accessLines &+= 1
    let access = Access(
      isStore: token.isStore, vcpu: token.vcpu, time: token.time, code: token.code,
      address: token.address, size: UInt64(token.size), value: (high: 0, low: token.value),
      attribute: token.attribute, word: token.word,
      region: token.name.range)
    try append(access, at: access.region.lowerBound, bytes, line, &builder)
    return true
  }
}
