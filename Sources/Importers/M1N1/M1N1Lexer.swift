import TraceCore

/// What a plain access says.
struct M1N1Token: BitwiseCopyable {
  var isWrite = false
  var hasCode = false
  var size: UInt8 = 0
  var cpu: UInt16 = 0
  /// The device's name.
  var name = TextPlace()
  var code: UInt64 = 0
  var address: UInt64 = 0
  var offset: UInt64 = 0
  var value: UInt64 = 0

  var access: M1N1Access {
    M1N1Access(
      isWrite: isWrite, size: size, isPart: false, cpu: cpu, codeAddress: hasCode ? code : nil,
      address: address, name: name.range, offset: offset,
      value: value)
  }
}

/// Reads `[cpu0] [0xfffffe00] MMIO: R.4   0x23c54100c (dptx-phy[0], offset 0x100c) = 0xf00f` as the
/// hypervisor prints it, with or without what stands in front.
struct M1N1Lexer: LineLexer {
  var blank: M1N1Token { M1N1Token() }

  // Texts as words, first byte lowest; the comment holds the text.
  @inline(__always)
  func lex(from start: Int, in text: TextWords, into token: inout M1N1Token) -> Int {
    var position = start
    token.hasCode = false
    token.cpu = 0
    if text.byte(position) == 0x5b {
      guard prefix(text, &position, &token) else { return -1 }
    }
    // "MMIO: ", then "W." or "R.", then a digit and three blanks.
    let word = text[position]
    let width = text[position &+ 8]
    let size = width & 0xff &- 0x30
    token.isWrite = word == 0x2e57_203a_4f49_4d4d
    guard token.isWrite || word == 0x2e52_203a_4f49_4d4d, TextWords.isWidth(size),
      width &>> 8 & 0xff_ffff == 0x20_2020
    else { return -1 }
    token.size = UInt8(truncatingIfNeeded: size)
    position &+= 12
    guard let address = text.prefixedHex(&position), text[position] & 0xffff == 0x2820,
      !address.addingReportingOverflow(size).overflow
    else { return -1 }
    token.address = address
    return place(text, position &+ 2, &token)
  }

  /// `[cpu0] ` and `[0xfffffe00] `.
  @inline(__always)
  private func prefix(
    _ text: TextWords, _ position: inout Int, _ token: inout M1N1Token
  ) -> Bool {
    // [cpu
    if text[position] & 0xffff_ffff == 0x7570_635b {
      position &+= 4
      // A bracket and a blank.
      guard let cpu = text.decimal(&position), cpu <= 0xffff, text[position] & 0xffff == 0x205d
      else { return false }
      token.cpu = UInt16(truncatingIfNeeded: cpu)
      position &+= 2
    }
    guard text.byte(position) == 0x5b else { return true }
    position &+= 1
    guard let code = text.prefixedHex(&position), text[position] & 0xffff == 0x205d
    else { return false }
    token.code = code
    token.hasCode = true
    position &+= 2
    return true
  }

  /// `dptx-phy[0], offset 0x100c) = 0xf00f`.
  @inline(__always)
  private func place(
    _ text: TextWords, _ start: Int, _ token: inout M1N1Token
  ) -> Int {
    // A name with an equals sign or a comma is not plain.
    let comma = text.first(0x2c, 0x3d, 0x0a, from: start)
    // ", offset", then " 0x"
    guard comma >= 0, text[comma] == 0x7465_7366_666f_202c,
      text[comma &+ 8] & 0xff_ffff == 0x78_3020
    else { return -1 }
    token.name = TextPlace(from: start, to: comma)
    var position = comma &+ 11
    // ") = 0x"
    guard let offset = text.hex(&position), offset <= token.address,
      text[position] & 0xffff_ffff_ffff == 0x7830_203d_2029
    else { return -1 }
    token.offset = offset
    position &+= 6
    guard let value = text.hex(&position) else { return -1 }
    token.value = value
    return text.end(at: position)
  }
}

extension M1N1Parser {
  var lexer: M1N1Lexer? { M1N1Lexer() }

  @inline(__always)
  mutating func resolve(
    _ token: M1N1Token, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) -> Bool {
    try append(token.access, line, bytes, &builder)
    return true
  }
}
