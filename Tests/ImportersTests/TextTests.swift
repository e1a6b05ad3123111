import TestSupport
import Testing
import TraceCore
import TraceIO

@testable import Importers

/// Scanning of lines, digits and names.
struct TextTests {
  @Test func `digit words agree with digit by digit reading`() {
    // Every byte in every lane behind every number of digits.
    for lane in 0..<8 {
      for byte in 0..<256 as Range<UInt64> {
        var word: UInt64 = 0
        for index in 0..<8 {
          let digit = UInt64("1fA9b0C7".utf8.map(\.self)[index])
          word |= (index == lane ? byte : digit) << UInt64(8 * index)
        }
        check(word)
        check(word & 0x0f0f_0f0f_0f0f_0f0f | 0x3030_3030_3030_3030)
      }
    }
    var generator = SplitMix64(seed: 2)
    for _ in 0..<20_000 { check(generator.next()) }
  }

  private func check(_ word: UInt64) {
    for radix in [10, 16] as [UInt64] {
      var count = 0
      var value: UInt64 = 0
      while count < 8,
        let digit = Character(Unicode.Scalar(UInt8(word >> UInt64(8 * count) & 255)))
          .hexDigitValue, digit < radix, word >> UInt64(8 * count) & 255 < 128
      {
        value = value * radix + UInt64(digit)
        count += 1
      }
      let found = radix == 10 ? DigitWord(decimal: word) : DigitWord(hex: word)
      #expect(found.count == count)
      if count > 0 { #expect(found.value == value) }
    }
  }

  @Test(arguments: 0...17)
  func `digits of a plain line end at any byte that is none`(digits: Int) {
    var random = SplitMix64(seed: 23)
    let kinds = (decimal: Array("0123456789".utf8), hex: Array("0123456789abcdefABCDEF".utf8))
    for byte in UInt8.min...UInt8.max {
      for isHex in [false, true] {
        let alphabet = isHex ? kinds.hex : kinds.decimal
        let text = (0..<digits).compactMap { _ in alphabet.randomElement(using: &random) } + [byte]
        // What the standard library reads of it.
        let count = text.firstIndex { !alphabet.contains($0) } ?? text.count
        let taken = String(decoding: text.prefix(isHex ? 16 : count), as: UTF8.self).prefix(count)
        let expected = UInt64(taken, radix: isHex ? 16 : 10)
        let chunk = text + [UInt8](repeating: 0x0a, count: 1 + TextWords.room)
        unsafe chunk.withUnsafeBytes { buffer in
          let words = unsafe TextWords(buffer)
          var position = 0
          let found = isHex ? words.hex(&position) : words.decimal(&position)
          #expect(found == expected, "\(text)")
          if found != nil { #expect(position == taken.count, "\(text)") }
        }
      }
    }
  }

  @Test func `an address is read the same, whatever address was read before`() {
    var random = SplitMix64(seed: 29)
    var head = AddressHead()
    var shared = 0
    var last: [UInt8] = Array("0000000000000000".utf8)
    for _ in 0..<20_000 {
      // Some digits of the last one, others behind, and a byte that ends them.
      let kept = last.prefix(Int(random.next() % 18))
      let more = (0..<Int(random.next() % 10)).compactMap { _ in
        Array("0123456789abcdefABCDEF".utf8).randomElement(using: &random)
      }
      let text = kept + more
      let ends: [UInt8] = [0x2c, 0x00, 0x47, 0x67, 0x60, 0x40, 0x2f, 0x3a, 0xb0, 0x0a]
      guard let end = ends.randomElement(using: &random) else { return }
      if text.count > 8, text.prefix(8) == last.prefix(8) { shared += 1 }
      // The standard library's own reading.
      let taken = String(decoding: text.prefix(16), as: UTF8.self)
      let chunk = text + [end] + [UInt8](repeating: 0x0a, count: 1 + TextWords.room)
      unsafe chunk.withUnsafeBytes { buffer in
        let words = unsafe TextWords(buffer)
        var position = 0
        #expect(words.hex(&position, after: &head) == UInt64(taken, radix: 16), "\(taken)")
        #expect(position == taken.utf8.count, "\(taken)")
      }
      last = Array(text)
    }
    #expect(shared > 2000)
  }

  @Test(arguments: [
    "0", "7", "10", "99999999", "100000000", "9223372036854775807", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "00000000000000000000000000018",
    "184467440737095516150", "99999999999999999999",
  ])
  func `decimal numbers are exact up to 2^64 - 1 and out of range behind`(_ text: String) {
    let bytes = Array(text.utf8)
    var cursor = TextCursor(0, end: bytes.count)
    // Standard library's own reading.
    if let value = UInt64(text) {
      let found = try? cursor.decimal(bytes.span, "a number")
      #expect(found == value && cursor.isAtEnd)
    } else {
      #expect(throws: LineFault(.outOfRange, at: 0, "a number")) {
        try cursor.decimal(bytes.span, "a number")
      }
    }
  }

  @Test func `a byte is found at every place and not behind the end`() {
    for place in 0..<100 {
      var bytes = [UInt8](repeating: 0x0b, count: 100)
      bytes[place] = 0x0a
      for end in 0...100 {
        #expect(bytes.span.first(0x0a, from: 0, to: end) == (place < end ? place : nil))
        #expect(
          bytes.span.first(0x0a, from: min(place, end), to: end) == (place < end ? place : nil))
      }
    }
  }

  @Test func `names keep their numbers as the table grows`() {
    var table = NameTable(limit: 1000)
    for round in 0..<2 {
      for number in 0..<1100 {
        let text = Array("name-\(number * 7919)".utf8)
        let found = table.index(of: 0..<text.count, in: text.span)
        #expect(found == (number < 1000 ? number : nil), "round \(round)")
      }
    }
    #expect(table.count == 1000)
    #expect(table.text(999) == "name-\(999 * 7919)")
  }

  @Test func `chunks of any size give the same lines`() throws {
    let text = "a\r\n\nbb\r\r\n\rccc\nd\n" + String(repeating: "x", count: 30) + "\r\nlast"
    let expected = [
      "1 0 a", "2 3 ", "3 4 bb\r", "4 9 \rccc", "5 14 d",
      "6 16 " + String(repeating: "x", count: 30), "7 48 last!",
    ]
    for size in 1...text.utf8.count + 1 {
      for read in [1, 7, 1000] {
        let reader = ChunkReader(
          MemorySource(Array(text.utf8), chunk: read), size: size, longest: 33)
        let chunk = TextChunk<NoLexer>()
        var lines: [String] = []
        var number: UInt64 = 1
        while try reader.fill(chunk) {
          let bytes = chunk.bytes
          #expect(bytes[chunk.filled...].prefix(1 + TextWords.room).allSatisfy { $0 == 0x0a })
          #expect(bytes.count > chunk.filled + TextWords.room)
          var cursor = LineCursor(
            position: 0, number: number, filled: chunk.filled, isFinal: chunk.isFinal)
          while let line = cursor.next(in: bytes.span) {
            lines.append(
              "\(line.number) \(chunk.offset + UInt64(line.start)) "
                + bytes.span.text(line.start..<line.end) + (line.isTerminated ? "" : "!"))
          }
          number = cursor.number
        }
        #expect(lines == expected)
      }
    }
  }

  @Test func `a line longer than the bound is an error with its place`() throws {
    let line = "7@1.000000:x_y " + String(repeating: "z", count: 100)
    #expect(
      place(importError("a_b\n" + line + "\n", as: .qemuLog, longestLine: 64)) == "bad-record 2:1")
    #expect(
      place(importError("a_b\n" + line, as: .qemuLog, longestLine: 64)) == "bad-record 2:1")
    #expect(
      try importText(line + "\n", as: .qemuLog, longestLine: 120).counter("unknown_line") == 0)
  }

  /// The long line is the second of four: the others are records 0, 1 and 2, of lines 2, 4 and 5
  /// behind a header, whatever chunks the long one is cut into.
  @Test func `a line longer than the bound is a bad record where those are skipped`() throws {
    for length in [65, 66, 100, 1000] {
      let long = "store,0,0x1000,4," + String(repeating: "9", count: length - 18) + "\n"
      let text =
        "op,vcpu,addr,size,value\nstore,0,0x1000,4,\n" + long
        + "store,0,0x2000,4,\nstore,0,0x3000,4,\n"
      #expect(long.utf8.count == length)
      for chunkSize in [1, 7, 40, 64, 4096] {
        let result = try importText(
          text, as: .canonicalCSV, skip: true, longestLine: 64, chunkSize: chunkSize)
        #expect(result.records.map { $0.suffix(2) } == ["l2", "l4", "l5"])
        #expect(result.counter("bad_record_skipped") == 1)
      }
    }
  }
}

/// Which format a content is.
struct ImportFormatTests {
  @Test(
    arguments: [
      ("op,vcpu,addr,size\n", "csv"), ("t_ns,\"op\",\"vcpu\",addr,pc,colour", "csv"),
      ("\u{feff}vcpu,op,x\r\n", "csv"),
      ("memory_region_ops_read cpu 0", "qemu-log"),
      ("noise\n\n7@1.000000:vfio_region_read  (", "qemu-log"),
      ("2026-06-26T21:56:52Z pci_cfg_read x\n", "qemu-log"),
      (
        "2026-07-03 04:48:26.124+0000: starting\n-trace 'vfio_region_*'\npci_cfg_write x",
        "qemu-log"
      ),
      ("op\n", nil), ("hello, world\n", nil), ("vfio_region_readx (", nil), ("\u{0}\u{1}", nil),
      ("x vfio_region_read (", nil),
    ] as [(String, String?)])
  func `content tells the format`(_ text: String, _ expected: String?) {
    let found = try? ImportFormat.recognize(Array(text.utf8), path: "t")
    #expect(found?.name == expected)
  }

  @Test func `unknown content and unknown names list the formats`() {
    let content = importError("hello\n")
    #expect(content?.code == .unknownFormat && content?.file == "t")
    #expect(content?.message.contains("csv, mmiotrace, qemu-log") == true)
    #expect(importError("")?.code == .empty)
    do throws(TraceError) {
      _ = try ImportFormat.named("pcap")
      Issue.record("there is no such format")
    } catch {
      #expect(error.code == .unknownFormat && error.message.contains("csv, mmiotrace, qemu-log"))
    }
  }

  @Test func `every format is found by its name and names differ`() throws {
    for format in ImportFormat.all {
      #expect(try ImportFormat.named(format.name).name == format.name)
    }
    #expect(Set(ImportFormat.all.map(\.name)).count == ImportFormat.all.count)
  }
}
