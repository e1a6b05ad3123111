import TraceCore

/// Reads accesses as QEMU prints them: one blank where its format has one.
struct QEMULexer: LineLexer {
  /// Of the last line's `mr`.
  private var head = AddressHead()

  var blank: QEMUToken { QEMUToken() }

  // Texts as words, first byte lowest; the comment holds the text.
  @inline(__always)
  mutating func lex(from start: Int, in text: TextWords, into token: inout QEMUToken) -> Int {
    var position = start
    token.hasTime = false
    token.hasThread = false
    guard prefix(text, &position, &token) else { return -1 }
    let word = text[position]
    // memory_r
    if word == 0x725f_7972_6f6d_656d { return memory(text, position, &token) }
    // vfio_reg
    return word == 0x6765_725f_6f69_6676 ? vfio(text, position, &token) : -1
  }

  // MARK: Prefix

  /// Nothing, `TID@SEC.USEC:`, or a time of ISO 8601 with microseconds.
  @inline(__always)
  private func prefix(
    _ text: TextWords, _ position: inout Int, _ token: inout QEMUToken
  ) -> Bool {
    let word = text[position]
    guard word & 0xff &- 0x30 < 10 else { return true }
    let thread = PlainDigits(decimal: word)
    // @
    guard thread.count < 8, text.byte(position &+ thread.count) == 0x40 else {
      return isoTime(text, &position, &token)
    }
    token.thread = thread.decimal
    token.hasThread = true
    position &+= thread.count &+ 1
    guard let time = text.microseconds(&position, before: 0x3a) else { return false }
    token.time = time
    token.hasTime = true
    return true
  }

  /// `YYYY-MM-DDTHH:MM:SS.ffffffZ ` from 1970 on.
  private func isoTime(
    _ text: TextWords, _ position: inout Int, _ token: inout QEMUToken
  ) -> Bool {
    // Digits become their values, everything else 0.
    let date = text[position] ^ 0x2d30_302d_3030_3030
    let day = text[position &+ 8] ^ 0x3030_3a30_3054_3030
    let second = text[position &+ 16] ^ 0x3030_3030_2e30_303a
    let end = text[position &+ 24]
    let fraction = end & 0xffff ^ 0x3030
    let all = date | day | second | fraction
    let over = date.tens | day.tens | second.tens | fraction.tens
    // In these lanes stand no digits.
    let others = date & 0xff00_00ff_0000_0000 | day & 0x0000_ff00_00ff_0000 | second & 0xff00_00ff
    guard (all | over) & 0xf0f0_f0f0_f0f0_f0f0 == 0, others == 0,
      end &>> 16 & 0xffff == 0x205a
    else { return false }
    let year = date.pair(0) &* 100 &+ date.pair(2)
    let (month, hour, minute) = (date.pair(5), day.pair(3), day.pair(6))
    guard year >= 1970, month &- 1 < 12, day.pair(0) &- 1 < 31, hour < 24, minute < 60,
      second.pair(1) < 61, day.pair(0) < 29 || day.pair(0) <= QEMUPrefix.days(of: month, in: year)
    else { return false }
    let days = QEMUPrefix.daysSince1970(year, month, day.pair(0))
    let seconds = days &* 86_400 &+ hour &* 3600 &+ minute &* 60 &+ second.pair(1)
    let micros = second.pair(4) &* 10_000 &+ second.pair(6) &* 100 &+ fraction.pair(0)
    // 2554 is the last year that fits 64 bits.
    guard year < 2500, text.byte(position &+ 28) != 0x20 else { return false }
    token.time = seconds &* 1_000_000_000 &+ micros &* 1000
    token.hasTime = true
    position &+= 28
    return true
  }

  // MARK: memory_region_ops_*

  /// `memory_region_ops_write cpu 1 mr 0x55 addr 0x115 value 0x6c size 4 name 'nvme'`.
  @inline(__always)
  private mutating func memory(
    _ text: TextWords, _ start: Int, _ token: inout QEMUToken
  ) -> Int {
    token.event = .memory
    var position = start &+ 16
    let word = text[position]
    // egion_op, then s_write or s_read
    token.isWrite = word & 0xff_ffff_ffff_ffff == 0x0065_7469_7277_5f73
    guard text[start &+ 8] == 0x706f_5f6e_6f69_6765,
      token.isWrite || word & 0xffff_ffff_ffff == 0x6461_6572_5f73
    else { return -1 }
    position &+= token.isWrite ? 7 : 6
    // cpu, mr
    guard text[position] & 0xff_ffff_ffff == 0x0020_7570_6320 else { return -1 }
    position &+= 5
    guard let cpu = text.decimal(&position), cpu <= 65_535,
      text[position] & 0xffff_ffff_ffff == 0x7830_2072_6d20
    else { return -1 }
    token.cpu = Int32(truncatingIfNeeded: cpu)
    position &+= 6
    // addr
    guard let memoryRegion = text.hex(&position, after: &head),
      text[position] == 0x7830_2072_6464_6120
    else { return -1 }
    token.memoryRegion = memoryRegion
    position &+= 8
    // value, in two words
    guard let address = text.hex(&position), text[position] == 0x3020_6575_6c61_7620,
      text.byte(position &+ 8) == 0x78
    else { return -1 }
    token.address = address
    position &+= 9
    // size
    guard let value = text.hex(&position), text[position] & 0xffff_ffff_ffff == 0x2065_7a69_7320
    else { return -1 }
    token.value = value
    let size = text.byte(position &+ 6) &- 0x30
    guard size &- 1 < 9, !address.addingReportingOverflow(size).overflow else { return -1 }
    token.size = UInt8(truncatingIfNeeded: size)
    return name(text, position &+ 7, &token)
  }

  /// ` name 'nvme'`, or nothing.
  @inline(__always)
  private func name(
    _ text: TextWords, _ position: Int, _ token: inout QEMUToken
  ) -> Int {
    guard text[position] & 0xff_ffff_ffff_ffff == 0x0027_2065_6d61_6e20 else {
      let feed = text.end(at: position)
      token.text = TextPlace(from: position, to: position)
      return feed
    }
    let start = position &+ 7
    let feed = text.first(0x0a, 0x0a, 0x0a, from: start)
    guard feed > start else { return -1 }
    let end = text.byte(feed &- 1) == 0x0d ? feed &- 2 : feed &- 1
    guard end >= start, text.byte(end) == 0x27 else { return -1 }
    token.text = TextPlace(from: start, to: end)
    return feed
  }

  // MARK: vfio_region_*

  /// `vfio_region_read  (0000:09:00.0:region0+0x500, 4) = 0xff0000` or
  /// `vfio_region_write  (0000:00:05.0:region0+0x52b0, 0x0, 4)`.
  @inline(__always)
  private func vfio(
    _ text: TextWords, _ start: Int, _ token: inout QEMUToken
  ) -> Int {
    token.event = .vfio
    let word = text[start &+ 8]
    // ion_writ, or ion_read
    token.isWrite = word == 0x7469_7277_5f6e_6f69
    guard token.isWrite || word == 0x6461_6572_5f6e_6f69 else { return -1 }
    var position = start &+ 16
    // e, two blanks and a bracket
    guard
      text[position] & (token.isWrite ? 0xffff_ffff : 0xff_ffff)
        == (token.isWrite ? 0x2820_2065 : 0x0028_2020)
    else { return -1 }
    position &+= token.isWrite ? 4 : 3
    let plus = text.first(0x2b, 0x0a, 0x0a, from: position)
    // A device of one letter at least, then :region and a digit.
    guard plus &- position > 8, plus &- position < 256, text.byte(plus) == 0x2b else { return -1 }
    let place = text[plus &- 8]
    let number = place &>> 56 &- 0x30
    guard place & 0xff_ffff_ffff_ffff == 0x006e_6f69_6765_723a, number < 10 else { return -1 }
    token.number = UInt8(truncatingIfNeeded: number)
    token.text = TextPlace(from: position, to: plus)
    position = plus &+ 1
    guard let offset = text.prefixedHex(&position), text[position] & 0xffff == 0x202c
    else { return -1 }
    token.address = offset
    position &+= 2
    return token.isWrite ? vfioWrite(text, position, &token) : vfioRead(text, position, &token)
  }

  /// `0x0, 4)`.
  @inline(__always)
  private func vfioWrite(
    _ text: TextWords, _ start: Int, _ token: inout QEMUToken
  ) -> Int {
    var position = start
    guard let value = text.prefixedHex(&position) else { return -1 }
    token.value = value
    let word = text[position]
    let size = word &>> 16 & 0xff &- 0x30
    guard word & 0xffff == 0x202c, size &- 1 < 9, word &>> 24 & 0xff == 0x29 else { return -1 }
    token.size = UInt8(truncatingIfNeeded: size)
    return text.end(at: position &+ 4)
  }

  /// `4) = 0xff0000`.
  @inline(__always)
  private func vfioRead(
    _ text: TextWords, _ start: Int, _ token: inout QEMUToken
  ) -> Int {
    let word = text[start]
    let size = word & 0xff &- 0x30
    // A bracket, and an equals sign between blanks.
    guard size &- 1 < 9, word &>> 8 & 0xffff_ffff == 0x203d_2029 else { return -1 }
    token.size = UInt8(truncatingIfNeeded: size)
    var position = start &+ 5
    guard let value = text.prefixedHex(&position) else { return -1 }
    token.value = value
    return text.end(at: position)
  }
}

extension UInt64 {
  /// Lanes of 10 to 15 reach the upper half.
  fileprivate var tens: UInt64 { self &+ 0x0606_0606_0606_0606 }

  /// The number that two digits from a lane on make.
  fileprivate func pair(_ lane: UInt64) -> UInt64 {
    (self &>> (8 &* lane) & 0xff) &* 10 &+ (self &>> (8 &* lane &+ 8) & 0xff)
  }
}

extension QEMULogParser {
  var lexer: QEMULexer? { QEMULexer() }

  @inline(__always)
  mutating func resolve(
    _ token: QEMUToken, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) -> Bool {
    recorder.prefix = token.prefix
    recorder.line = line
    switch token.event {
    case .memory: try recorder.handle(token.memoryAccess, bytes, &builder)
    case .vfio:
      try recorder.handle(token.vfioAccess, isWrite: token.isWrite, bytes, &builder)
    }
    return true
  }
}
