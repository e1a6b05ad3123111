import TestSupport
import Testing
import TraceCore

@testable import TraceIO

/// Fixed records of 24 and 32 bytes: a round trip of every kind of record, and damage.
struct FixedRecordTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// One record, as text that names every field; decoded without ``RecordCursor``.
  static func records(_ source: any BlockSource) throws(TraceError) -> [String] {
    var result: [String] = []
    let block = Block()
    while try source.next(into: block) {
      let content = try BlockContent(block)
      #expect(content.firstRecord == UInt64(result.count))
      var (record, value, config, code, line) = (0, 0, 0, 0, 0)
      for (run, token) in content.tokens.enumerated() {
        let entry = content.classes[Int(token)]
        for step in 0..<UInt64(content.counts[run]) {
          let isAccess = entry.operation.isAccess
          var text = "\(entry.packed)"
          text += " \(content.addresses[run] &+ (isAccess ? step * UInt64(entry.size) : 0))"
          if entry.columns.contains(.time) { text += " t\(content.times[record])" }
          let size = entry.size == 0 ? 8 : Int(entry.size)
          if entry.columns.contains(.value) {
            text += " v\(content.values[value..<value + size])"
            value += size
          }
          if entry.columns.contains(.configValue) {
            text += " c\(content.configValues[config..<config + size])"
            config += size
          }
          if entry.columns.contains(.codeAddress) {
            text += " p\(content.codeAddresses[code])"
            code += 1
          }
          if entry.columns.contains(.line) {
            text += " l\(content.lines[line])"
            line += 1
          }
          record += 1
          result.append(text)
        }
      }
    }
    return result
  }

  func write(
    _ blocks: [Block], _ layout: RecordLayout, drop: Set<RecordField> = [],
    context: TraceContext = TraceGenerator.context()
  ) throws -> [UInt8] {
    let path = scratch.path("trace.rec")
    let output = try OutputFile(path: path)
    let writer = try RecordWriter(to: output, context: context, layout: layout, drop: drop)
    for block in blocks { try writer.write(block) }
    try writer.finish()
    try output.commit()
    return try scratch.bytes("trace.rec")
  }

  static func blocks(seed: UInt64, count: Int = 4) -> [Block] {
    var generator = TraceGenerator(seed: seed)
    return (0..<count).map { _ in generator.block() }
  }

  /// Blocks as a source.
  final class Source: BlockSource {
    let context = TraceGenerator.context()
    private var blocks: [Block]
    var progress: (consumed: UInt64, total: UInt64?) { (0, nil) }

    init(_ blocks: [Block]) { self.blocks = blocks.reversed() }

    func next(into block: Block) throws(TraceError) -> Bool {
      block.removeAll()
      guard let next = blocks.popLast() else { return false }
      block.firstRecord = next.firstRecord
      block.count = next.count
      block.classes = next.classes
      block.runTokens = next.runTokens
      block.runCounts = next.runCounts
      block.runAddresses = next.runAddresses
      block.times = next.times
      block.configValues = next.configValues
      block.values = next.values
      block.codeAddresses = next.codeAddresses
      block.lines = next.lines
      return true
    }
  }

  @Test(arguments: 1...12)
  func `32 bytes hold everything`(seed: UInt64) throws {
    let blocks = Self.blocks(seed: seed)
    let expected = try Self.records(Source(blocks))
    let bytes = try write(blocks, .bytes32)
    let context = TraceContext(name: "back", format: "records")
    let reader = try RecordReader(MemorySource(bytes, chunk: 1000), context: context)
    #expect(try Self.records(reader) == expected)
    let original = TraceGenerator.context()
    #expect(context.regions == original.regions && context.strings == original.strings)
    #expect(context.configImages == original.configImages)
    #expect(context.counters == original.counters && context.format == "qemu-log")
    #expect(context.blindSpots == original.blindSpots)
    #expect((bytes.count - RecordFormat.headerSize) % 32 == 0)
  }

  @Test(arguments: 1...6)
  func `24 bytes hold all but what is dropped, which is counted`(seed: UInt64) throws {
    let blocks = Self.blocks(seed: seed)
    let bytes = try write(blocks, .bytes24, drop: Set(RecordField.allCases))
    let context = TraceContext(name: "back", format: "records")
    let back = try Self.records(RecordReader(MemorySource(bytes), context: context))
    // The same fields left out by hand, class by class.
    var (wide, code, lines): (UInt64, UInt64, UInt64) = (0, 0, 0)
    var expected: [String] = []
    for text in try Self.records(Source(blocks)) {
      var words = text.split(separator: " ")
      code += UInt64(words.count { $0.hasPrefix("p") })
      lines += UInt64(words.count { $0.hasPrefix("l") })
      words.removeAll { $0.hasPrefix("p") || $0.hasPrefix("l") }
      expected.append(words.joined(separator: " "))
    }
    for block in blocks {
      for (token, count) in zip(block.runTokens, block.runCounts) {
        let entry = block.classes[Int(token)]
        let hasValue = entry.columns.contains(.value) || entry.columns.contains(.configValue)
        if hasValue, entry.size > 8 { wide += UInt64(count) }
      }
    }
    #expect(context.counters["pc_dropped"] == code)
    #expect(context.counters["source_line_dropped"] == lines)
    #expect(context.counters["wide_value_dropped"] == wide)
    #expect(back.count == expected.count)
    // Classes change with their columns; address and time are what is left to compare.
    func fields(_ text: String) -> [Substring] {
      text.split(separator: " ").filter { word in
        word.hasPrefix("t") || word.allSatisfy(\.isNumber)
      }
    }
    #expect(back.map(fields) == expected.map(fields))
  }

  @Test(arguments: RecordField.allCases)
  func `24 bytes refuse what they cannot hold, and name the option`(field: RecordField) throws {
    let builder = BlockBuilder(Block())
    let plain = RecordClass(.store, size: 8)
    builder.append(plain, address: 0x1000, time: 1, value: 2)
    switch field {
    case .wideValue:
      builder.append(
        RecordClass(.store, size: 16), address: 0x2000, time: 2,
        wideValue: [UInt8](repeating: 7, count: 16), codeAddress: nil, line: nil)
    case .codeAddress: builder.append(plain, address: 0x2000, time: 2, value: 1, codeAddress: 5)
    case .sourceLine: builder.append(plain, address: 0x2000, time: 2, value: 1, line: 9)
    }
    let error = #expect(throws: TraceError.self) { try write([builder.block], .bytes24) }
    #expect(error?.code == .range && error?.record == 1)
    #expect(error?.message.contains("--drop \(field.rawValue)") == true)
    #expect(!scratch.exists("trace.rec") && !scratch.exists("trace.rec.part"))
    #expect(throws: Never.self) { try write([builder.block], .bytes24, drop: [field]) }
  }

  /// Offsets as the C header has them, from bytes written here by hand.
  @Test func `a record of 32 bytes is the documented structure`() throws {
    let builder = BlockBuilder(Block())
    builder.append(
      RecordClass(.store, size: 4, vcpu: 3), address: 0x1_0000_0040, time: 77, value: 0xdead_beef,
      line: 5)
    let bytes = try write(
      [builder.block], .bytes32, context: TraceContext(name: "n", format: "f"))
    #expect(Array(bytes[..<8]) == Array("MMRECORD".utf8))
    #expect(
      Array(bytes[8..<20]) == little(UInt32(0x0102_0304)) + little(UInt16(1))
        + little(UInt16(32)) + little(UInt32(32)))
    let record =
      little(UInt64(77)) + little(UInt64(0x1_0000_0040)) + little(UInt64(0xdead_beef))
      + [0, 4] + little(UInt16(3)) + little(UInt16(0)) + [1 | 2 | 16, 5]
    let places = stride(from: 32, to: bytes.count, by: 32).filter {
      Array(bytes[$0..<$0 + 32]) == record
    }
    #expect(places.count == 1)
  }

  @Test func `clocks that jump far and back survive 24 bytes`() throws {
    let builder = BlockBuilder(Block())
    let times: [UInt64] = [5, 5, 1 << 40, 3, .max, 0, 1 << 32, (1 << 33) - 1, 1 << 33]
    for time in times { builder.append(RecordClass(.barrier, barrier: Barrier(.isb)), time: time) }
    let bytes = try write([builder.block], .bytes24, context: TraceContext(name: "n", format: "f"))
    let reader = try RecordReader(
      MemorySource(bytes), context: TraceContext(name: "n", format: "f"))
    let block = Block()
    #expect(try reader.next(into: block))
    #expect(block.times == times)
  }

  @Test func `more classes than numbers define them again`() throws {
    let context = TraceContext(name: "n", format: "f")
    var blocks: [Block] = []
    var record: UInt64 = 0
    for index in 0..<70_000 {
      if blocks.isEmpty || blocks[blocks.count - 1].count == 200 {
        let block = Block()
        block.firstRecord = record
        blocks.append(block)
      }
      let block = blocks[blocks.count - 1]
      var entry = RecordClass(.mark)
      entry.text = context.intern("mark \(index)")
      block.classes.append(entry)
      block.runTokens.append(UInt8(block.count))
      block.runCounts.append(1)
      block.runAddresses.append(0)
      block.times.append(0)
      block.count += 1
      record += 1
    }
    let bytes = try write(blocks, .bytes32, context: context)
    let back = TraceContext(name: "n", format: "f")
    let reader = try RecordReader(MemorySource(bytes), context: back)
    let block = Block()
    var next = 0
    while try reader.next(into: block) {
      for token in block.runTokens {
        let text = block.classes[Int(token)].text.map { back.strings[Int($0)] }
        if text != "mark \(next)" { #expect(text == "mark \(next)") }
        next += 1
      }
    }
    #expect(next == 70_000)
  }

  // MARK: Damage

  /// Records read, whether the end was missing, or the error.
  func read(_ bytes: [UInt8]) -> (records: Int, isCut: Bool, error: TraceError?) {
    let context = TraceContext(name: "t", format: "records")
    var records = 0
    do throws(TraceError) {
      let reader = try RecordReader(MemorySource(bytes, path: "t.rec"), context: context)
      let block = Block()
      while try reader.next(into: block) { records += block.count }
      return (records, context.counters["truncated_trace"] == 1, nil)
    } catch {
      return (records, false, error)
    }
  }

  @Test(arguments: RecordLayout.allCases)
  func `any cut is an error in the header, and counted behind it`(layout: RecordLayout) throws {
    var generator = TraceGenerator(seed: 99)
    generator.limit = 30
    let blocks = (0..<3).map { _ in generator.block() }
    let bytes = try write(blocks, layout, drop: Set(RecordField.allCases))
    let total = blocks.reduce(0) { $0 + $1.count }
    #expect(read(bytes).records == total && !read(bytes).isCut)
    // Every cut of the header and the first stretch, then every seventh.
    for end in 0..<bytes.count where end < 200 || end % 7 == 0 {
      let result = read(Array(bytes[..<end]))
      if end < RecordFormat.headerSize {
        #expect(result.error?.code == .truncated && result.error?.file == "t.rec", "\(end)")
      } else {
        // Only whole stretches, and it says so; at a cut right behind the last unit all is read.
        let isHonest = result.error == nil && result.isCut && result.records <= total
        if !isHonest { #expect(isHonest, "\(end): \(result)") }
      }
    }
  }

  @Test(arguments: RecordLayout.allCases)
  func `any flipped byte is seen`(layout: RecordLayout) throws {
    var generator = TraceGenerator(seed: 7)
    generator.limit = 20
    let bytes = try write(
      (0..<2).map { _ in generator.block() }, layout, drop: Set(RecordField.allCases))
    var random = SplitMix64(seed: 1)
    for place in bytes.indices {
      for flip in [UInt8.random(in: 1...255, using: &random)] {
        var damaged = bytes
        damaged[place] ^= flip
        let result = read(damaged)
        let isSeen = result.error != nil || result.isCut
        if !isSeen { #expect(isSeen, "byte \(place) ^ \(flip)") }
        if let error = result.error { #expect(error.file == "t.rec") }
      }
    }
  }

  @Test(arguments: 1...300)
  func `random units with good checksums are refused or read`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let bytes = try write(Self.blocks(seed: 3, count: 1), .bytes32)
    // Change a stretch and mend its checksum, so that the decoder itself meets the nonsense.
    var damaged = bytes
    var start = RecordFormat.headerSize
    var place = start
    while place < damaged.count {
      let kind = damaged[place + 24]
      if kind >= 0x84 {
        for _ in 0..<Int.random(in: 1...3, using: &random) where place > start {
          let target = Int.random(in: start..<place, using: &random)
          // Lengths of payloads stay, so that the stretch keeps its end.
          let unit = (target - start) % 32
          if unit < 8 || unit > 24 { damaged[target] = UInt8.random(in: 0...255, using: &random) }
        }
        let crc = little(UInt64(crc32(damaged[start..<place])))
        damaged.replaceSubrange(place + 16..<place + 24, with: crc)
        start = place + 32
      }
      place += 32
    }
    let result = read(damaged)
    if let error = result.error { #expect(error.code != .internal) }
  }

  @Test func `other byte orders, versions and sizes are named`() throws {
    let bytes = try write([], .bytes32)
    func header(_ place: Int, _ new: [UInt8]) -> [UInt8] {
      var changed = bytes
      changed.replaceSubrange(place..<place + new.count, with: new)
      changed.replaceSubrange(28..<32, with: little(crc32(changed[..<28])))
      return changed
    }
    let cases: [([UInt8], TraceError.Code, String)] = [
      (header(8, [1, 2, 3, 4]), .unknownFormat, "big-endian"),
      (header(12, [2, 0]), .unknownFormat, "version 2"),
      (header(14, [48, 0]), .unknownFormat, "48 bytes"),
      (header(16, [64, 0, 0, 0]), .unknownFormat, "header"),
      (header(0, [0]), .unknownFormat, "no file of fixed records"),
      (bytes + [0], .badRecord, "follows the end"),
    ]
    for (content, code, word) in cases {
      let error = read(content).error
      #expect(error?.code == code && error?.message.contains(word) == true, "\(word)")
    }
  }
}
