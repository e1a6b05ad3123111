import TraceCore

/// What a plain `R` or `W` says.
struct MmiotraceToken: BitwiseCopyable {
  var isWrite = false
  var size: UInt8 = 0
  var time: UInt64 = 0
  var address: UInt64 = 0
  var value: UInt64 = 0
  /// 0 where `trace_pc` is not set.
  var code: UInt64 = 0
}

/// Reads `R 4 19.080190 1 0xfeb4411c 0x0 0x0 0`, with one blank between fields.
struct MmiotraceLexer: LineLexer {
  var blank: MmiotraceToken { MmiotraceToken() }

  @inline(__always)
  func lex(from start: Int, in text: TextWords, into token: inout MmiotraceToken) -> Int {
    var position = start
    let word = text[position]
    // "W " or "R ", a digit, a blank.
    token.isWrite = word & 0xffff == 0x2057
    let size = word &>> 16 & 0xff &- 0x30
    guard token.isWrite || word & 0xffff == 0x2052, TextWords.isWidth(size),
      word &>> 24 & 0xff == 0x20
    else { return -1 }
    token.size = UInt8(truncatingIfNeeded: size)
    position &+= 4
    // The mapping's number; one below 0 is not plain.
    guard let time = text.microseconds(&position, before: 0x20), text.decimal(&position) != nil,
      text.takeBlank(&position),
      let address = text.prefixedHex(&position), text.takeBlank(&position),
      !address.addingReportingOverflow(size).overflow,
      let value = text.prefixedHex(&position), text.takeBlank(&position),
      let code = text.prefixedHex(&position), text.takeBlank(&position),
      text.decimal(&position) != nil
    else { return -1 }
    token.time = time
    token.address = address
    token.value = value
    token.code = code
    return text.end(at: position)
  }
}

extension MmiotraceParser {
  var lexer: MmiotraceLexer? { MmiotraceLexer() }

  @inline(__always)
  mutating func resolve(
    _ token: MmiotraceToken, line: UInt64, in bytes: Span<UInt8>,
    into builder: inout BlockAppender
  ) -> Bool {
    let access = MmiotraceAccess(
      size: token.size, time: token.time, address: token.address, value: token.value,
      codeAddress: token.code == 0 ? nil : token.code)
    append(access, isWrite: token.isWrite, line, &builder)
    return true
  }
}
