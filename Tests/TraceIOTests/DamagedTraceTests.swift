import TestSupport
import Testing
import TraceCore
import TraceIO

/// Cut, flipped, strange and hostile traces.
struct DamagedTraceTests {
  let blocks: [Block]
  let contents: [BlockContent]
  let bytes: [UInt8]
  let naive: NaiveReader

  init() throws {
    // The first seed whose first block has an entry in every column.
    blocks =
      (UInt64(21)...).lazy.map { seed in
        var generator = TraceGenerator(seed: seed)
        generator.limit = 12
        return (0..<3).map { _ in generator.block() }
      }.first {
        !$0[0].values.isEmpty && !$0[0].configValues.isEmpty && !$0[0].lines.isEmpty
          && Set($0[0].codeAddresses).count > 1
      } ?? []
    contents = try blocks.map { try BlockContent($0) }
    bytes = try nativeTrace(blocks)
    naive = NaiveReader(bytes)
  }

  /// What reading gives: all blocks, or the error.
  private func outcome(
    _ bytes: [UInt8], isSeekable: Bool
  ) -> Result<([BlockContent], TraceContext), TraceError> {
    Result { () throws(TraceError) in
      let reader = try NativeTraceReader(MemorySource(bytes, isSeekable: isSeekable))
      return (try readBlocks(reader), reader.context)
    }
  }

  /// Any one byte of a block is wrong: the others are read, and its records counted.
  @Test func `a damaged block is left out where that is asked for`() throws {
    let places = naive.sections.filter { $0.kind == "BLCK" }
    for (number, place) in places.enumerated() {
      let size =
        8 + place.head.count + place.parts.reduce(0) { $0 + $1.frame.count }
      for offset in place.offset..<place.offset + size {
        for bit: UInt8 in [1, 0x40] {
          var damaged = bytes
          damaged[offset] ^= bit
          let reader = try NativeTraceReader(MemorySource(damaged, isSeekable: true))
          reader.skipsDamagedBlocks = true
          let read = try readBlocks(reader)
          // Zstandard's frames have bits that mean nothing.
          guard read != contents else { continue }
          #expect(
            read == contents.enumerated().filter { $0.offset != number }.map(\.element),
            "byte \(offset)")
          let row = try #require(
            reader.context.counters.rows.first { $0.name == "damaged_block" }, "byte \(offset)")
          #expect(row.count == UInt64(contents[number].count) && row.severity == .dataLoss)
        }
      }
      var damaged = bytes
      damaged[place.offset + size - 3] ^= 0x10
      #expect(throws: TraceError.self) {
        try readBlocks(NativeTraceReader(MemorySource(damaged, isSeekable: true)))
      }
    }
  }

  /// A reader that leaves out a damaged block goes to where the table has the next one.
  @Test(arguments: [-8, 0])
  func `a table of blocks that does not go forward in the file is refused`(step: Int) throws {
    let first = naive.sections[1].offset
    var trace = rebuilt { original in
      guard original.kind == "FOOT" else { return section(original, parts: original.parts) }
      return section(
        original,
        parts: original.parts.map { part in
          guard part.id == 17 else { return part }
          // Row 1, where its offset stands first.
          var table = part.content
          table.replaceSubrange(40..<48, with: little(UInt64(first + step)))
          return (part.id, zstdFrame(table), table)
        })
    }
    trace += bytes.suffix(24)
    trace[first + 20] ^= 0xff
    let error = #expect(throws: TraceError.self) {
      let reader = try NativeTraceReader(MemorySource(trace, isSeekable: true))
      reader.skipsDamagedBlocks = true
      // Two blocks are sound and one is not; who asks more often asks for ever.
      for _ in 0..<10 { _ = try reader.next(into: Block()) }
    }
    #expect(error?.code == .badRecord && error?.record == UInt64(contents[0].count))
  }

  @Test(arguments: [true, false])
  func `a trace cut at any byte gives its whole blocks and says so`(isSeekable: Bool) throws {
    // Offsets behind the blocks and behind the footer, by the other reader.
    var ends: [Int] = []
    for section in naive.sections where section.kind == "BLCK" {
      ends.append(
        section.offset + 8 + section.head.count
          + section.parts.reduce(0) { $0 + $1.frame.count })
    }
    for size in 0..<bytes.count {
      switch outcome(Array(bytes.prefix(size)), isSeekable: isSeekable) {
      case .failure(let error):
        // The header: eight bytes of frame and twelve of content.
        #expect(size < 20)
        #expect(error.code == .truncated)
      case .success(let (read, context)):
        #expect(size >= 20)
        #expect(read == Array(contents.prefix(ends.count { $0 <= size })))
        let row = try #require(context.counters.rows.first { $0.name == "truncated_trace" })
        // The trailer is 24 bytes long; without it no record is lost.
        #expect(row.severity == (size >= bytes.count - 24 ? .info : .dataLoss))
        #expect(row.meaning.contains("byte \(size)"))
        #expect(context.totals?.records == UInt64(read.reduce(0) { $0 + $1.count }))
      }
    }
  }

  @Test(arguments: [true, false])
  func `a flipped bit is an error or changes nothing`(isSeekable: Bool) throws {
    let whole = try outcome(bytes, isSeekable: isSeekable).get().1
    var errors = 0
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      switch outcome(damaged, isSeekable: isSeekable) {
      case .failure(let error):
        errors += 1
        #expect(error.file == "memory", "bit \(bit): \(error)")
        #expect(error.byteOffset != nil, "bit \(bit): \(error)")
      case .success(let (read, context)):
        let isCut = context.counters.rows.contains {
          $0.name == "truncated_trace" && $0.severity == .dataLoss
        }
        #expect(isCut ? contents.starts(with: read) : read == contents, "bit \(bit)")
        guard !isCut else { continue }
        #expect(context.regions == whole.regions, "bit \(bit)")
        #expect(context.strings == whole.strings, "bit \(bit)")
        #expect(context.configImages == whole.configImages, "bit \(bit)")
        #expect(context.totals == whole.totals, "bit \(bit)")
        #expect(context.format == whole.format, "bit \(bit)")
      }
    }
    // Few bits may be flipped unnoticed: unused ones of zstd's frame headers, and the context
    // that a footer repeats.
    #expect(errors > bytes.count * 8 / 2)
  }

  @Test func `a trace whose writer stopped before the footer is read`() throws {
    let footer = try #require(naive.sections.last)
    let (read, context) = try outcome(
      Array(bytes.prefix(footer.offset)), isSeekable: true
    ).get()
    #expect(read == contents)
    #expect(context.counters["truncated_trace"] == 1)
    #expect(context.totals?.records == UInt64(contents.reduce(0) { $0 + $1.count }))
  }

  /// A section's bytes, made from its parts; sizes and checksum are computed here.
  private func section(
    _ original: NaiveReader.Section,
    parts: [(id: UInt32, frame: [UInt8], content: [UInt8])], kind: String? = nil
  ) -> [UInt8] {
    var body = Array(original.head[8..<40]) + little(UInt32(parts.count))
    for part in parts {
      body += little(part.id) + little(UInt32(part.frame.count))
      body += little(UInt32(part.content.count))
    }
    let head = Array((kind ?? original.kind).utf8) + little(checksum(body)) + body
    return skippable(head, magic: 0x184d_2a51) + parts.flatMap { $0.frame }
  }

  /// CRC-32 bit by bit, by division (ISO/IEC 8802-3, 3.2.9), reflected.
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var rest = UInt32.max
    for byte in bytes {
      for bit in 0..<8 {
        let isOdd = (rest ^ UInt32(byte >> UInt8(bit))) & 1 == 1
        rest = isOdd ? rest >> 1 ^ 0xedb8_8320 : rest >> 1
      }
    }
    return ~rest
  }

  /// The trace's sections one after the other, each mapped, as a pipe would bring them.
  private func rebuilt(_ map: (NaiveReader.Section) -> [UInt8]) -> [UInt8] {
    Array(bytes[..<20]) + naive.sections.flatMap(map)
  }

  @Test func `the checksum of the tests is the usual one`() {
    // The check value of CRC-32 in every catalogue: "123456789".
    #expect(checksum(Array("123456789".utf8)) == 0xcbf4_3926)
  }

  @Test func `unknown parts, sections and skippable frames are passed over`() throws {
    let strange = zstdFrame(Array("something newer".utf8))
    let newer = (id: UInt32(99), frame: strange, content: Array("something newer".utf8))
    let trace = rebuilt { original in
      skippable([1, 2, 3], magic: 0x184d_2a57) + section(original, parts: original.parts + [newer])
        + (original.kind == "FOOT" ? [] : section(original, parts: [newer], kind: "NEWS"))
    }
    let (read, context) = try outcome(trace, isSeekable: false).get()
    #expect(read == contents)
    #expect(context.counters["truncated_trace"] == 1)
  }

  /// As programs wrote it that counted neither spans nor the numbers of losses.
  @Test(arguments: [true, false])
  func `a footer of before is read, and what it lacks is counted`(isSeekable: Bool) throws {
    let whole = try outcome(bytes, isSeekable: isSeekable).get().1.totals
    let later = ["earliestTime", "latestTime", "lostWithValue"]
    func without(_ keys: [String]) -> [UInt8] {
      rebuilt { original in
        let parts = original.parts.map { part in
          guard original.kind == "FOOT", part.id == 16 else { return part }
          var text = String(decoding: part.content, as: UTF8.self)
          for key in keys {
            guard let start = text.firstRange(of: "\"\(key)\":")?.lowerBound,
              let end = text[start...].firstIndex(of: ",")
            else { continue }
            text.removeSubrange(start...end)
          }
          return (part.id, zstdFrame(Array(text.utf8)), Array(text.utf8))
        }
        return section(original, parts: parts)
      }
    }
    var old = without(later)
    #expect(old.count < bytes.count - 24)
    let footer = try #require(NaiveReader(old).sections.last).offset
    let trailer = Array("MMTE".utf8) + little(UInt64(footer))
    old += skippable(trailer + little(checksum(trailer)), magic: 0x184d_2a52)
    let reader = try NativeTraceReader(MemorySource(old, isSeekable: isSeekable))
    #expect(reader.context.totals == (isSeekable ? whole?.withoutLaterCounts : nil))
    #expect(reader.context.totals?.isComplete != true)
    #expect(try readBlocks(reader) == contents)
    #expect(reader.context.totals == whole && whole?.isComplete == true)
    // One that lacks something else is no footer of before.
    let error = #expect(throws: TraceError.self) {
      try outcome(without(["earliestTime"]), isSeekable: false).get()
    }
    #expect(error?.code == .badRecord)
  }

  /// The error of reading the trace with its first block changed.
  private func error(
    _ change: (inout [(id: UInt32, frame: [UInt8], content: [UInt8])]) -> Void
  ) -> TraceError? {
    let trace = rebuilt { original in
      var parts = original.parts
      if original.kind == "BLCK", original.firstRecord == 0 { change(&parts) }
      return section(original, parts: parts)
    }
    guard case .failure(let error) = outcome(trace, isSeekable: false) else { return nil }
    return error
  }

  @Test func `a sound frame with wrong content is an error`() {
    let changes: [(String, UInt32, (inout [UInt8]) -> Void)] = [
      ("fewer runs", 1, { $0[0] -= 1 }),
      ("no classes", 1, { $0[4] = 0 }),
      ("unknown count mode", 1, { $0[6] = 2 }),
      ("unknown width", 1, { $0[7] = 3 }),
      ("absurd exceptions", 1, { $0[15] = 0xff }),
      ("undefined operation", 1, { $0[16] |= 15 }),
      (
        "unknown region", 1,
        {
          $0[22] = 0xfe
          $0[23] = 0
        }
      ),
      ("a byte too many", 1, { $0.append(0) }),
      ("empty runs", 1, { $0 = [] }),
      ("unknown time mode", 2, { $0[0] = 9 }),
      ("other first time", 2, { $0[8] ^= 1 }),
      ("absurd escapes", 2, { $0[27] = 0xff }),
      ("a time too few", 2, { $0.removeLast() }),
      ("a value too few", 4, { $0.removeLast() }),
      ("a config value too many", 3, { $0.append(1) }),
      ("a code address too few", 5, { $0.removeLast() }),
      ("an absurd table", 5, { $0[3] = 0xff }),
      ("an unknown index", 5, { $0[$0.count - 1] = 0xff }),
      ("a line too many", 6, { $0.append(0) }),
    ]
    for (name, id, change) in changes {
      var isThere = false
      let error = error { parts in
        for index in parts.indices where parts[index].id == id {
          isThere = true
          change(&parts[index].content)
          parts[index].frame = zstdFrame(parts[index].content)
        }
      }
      #expect(isThere, "\(name)")
      #expect(error?.code == .badRecord || error?.code == .range, "\(name): \(error as Any)")
      #expect(error?.record == 0, "\(name)")
    }
  }

  @Test func `missing, doubled and misplaced parts are errors`() {
    for id in [UInt32(1), 2, 3, 4, 5, 6] {
      #expect(error { $0.removeAll { $0.id == id } }?.code == .badRecord, "without \(id)")
      #expect(
        error { parts in parts += parts.filter { $0.id == id } }?.code == .badRecord,
        "twice \(id)")
    }
    #expect(error { $0.swapAt(0, 1) }?.code == .badRecord)
    #expect(error { $0 = [] }?.code == .badRecord)
  }

  @Test func `absurd sizes are refused before anything is allocated`() {
    for (id, size) in [(UInt32(1), 2_000_000), (2, 2_000_000), (4, 65_536 * 64 + 1)] {
      let error = error { parts in
        for index in parts.indices where parts[index].id == id {
          parts[index].content = [UInt8](repeating: 0, count: size)
        }
      }
      #expect(error?.code == .range)
    }
    // A section head, and a trailer that points nowhere.
    let huge = Array(bytes[..<20]) + little(UInt32(0x184d_2a51)) + little(UInt32.max)
    guard case .failure(let error) = outcome(huge, isSeekable: false) else {
      Issue.record("an absurd section head was accepted")
      return
    }
    #expect(error.code == .range)
    for offset in [UInt64.max, UInt64(bytes.count), 0, 20] {
      let payload = Array("MMTE".utf8) + little(offset)
      let trailer = skippable(payload + little(checksum(payload)), magic: 0x184d_2a52)
      guard case .failure = outcome(bytes.dropLast(24) + trailer, isSeekable: true) else {
        Issue.record("a trailer that points to \(offset) was accepted")
        return
      }
    }
  }

  @Test func `blocks that are missing, repeated or behind the footer are errors`() {
    let all = naive.sections
    let orders: [(String, [Int])] = [
      ("missing", [0, 1, 3, 4]), ("repeated", [0, 1, 1, 2, 3, 4]), ("swapped", [0, 2, 1, 3, 4]),
      ("behind the footer", [0, 1, 2, 4, 3]), ("footer too early", [0, 1, 2, 4]),
    ]
    #expect(all.map(\.kind) == ["CTXT", "BLCK", "BLCK", "BLCK", "FOOT"])
    for (name, order) in orders {
      let trace =
        Array(bytes[..<20]) + order.flatMap { section(all[$0], parts: all[$0].parts) }
      guard case .failure(let error) = outcome(trace, isSeekable: false) else {
        Issue.record("\(name) was accepted")
        continue
      }
      #expect(error.code == .badRecord, "\(name)")
    }
  }

  @Test func `other versions, other files and joined traces are told apart`() {
    var payload = Array("MMT1".utf8) + little(UInt16(2)) + little(UInt16(0))
    payload += little(checksum(payload))
    let newer = skippable(payload, magic: 0x184d_2a50) + bytes[20...]
    for (name, trace, code) in [
      ("newer", newer, TraceError.Code.unknownFormat),
      ("text", Array("no trace at all".utf8), .unknownFormat),
      ("zstd", zstdFrame(Array("text".utf8)), .unknownFormat),
      ("joined", bytes + bytes, .badRecord),
      ("followed by text", bytes + Array("some text".utf8), .badRecord),
    ] {
      guard case .failure(let error) = outcome(trace, isSeekable: false) else {
        Issue.record("\(name) was accepted")
        continue
      }
      #expect(error.code == code, "\(name)")
    }
  }

  @Test func `random bytes after a header never crash`() {
    var random = SplitMix64(seed: 33)
    for _ in 0..<300 {
      let junk = (0..<Int.random(in: 0..<300, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      _ = outcome(Array(bytes[..<20]) + junk, isSeekable: true)
      // The same behind a sound block's head.
      _ = outcome(Array(bytes[..<(naive.sections[1].offset + 60)]) + junk, isSeekable: false)
    }
  }
}
