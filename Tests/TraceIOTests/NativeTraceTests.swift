import CZstd
import Foundation
import Testing
import TraceCore
import TraceIO

struct NativeTraceTests {
  /// Four blocks, each of at most `limit` records.
  private func blocks(seed: UInt64, limit: Int = 400, count: Int = 4) -> [Block] {
    var generator = TraceGenerator(seed: seed)
    generator.limit = limit
    return (0..<count).map { _ in generator.block() }
  }

  private func contents(_ blocks: [Block]) throws -> [BlockContent] {
    try blocks.map { try BlockContent($0) }
  }

  @Test(arguments: 1...12, [true, false])
  func `blocks of every kind of record come back as they were`(
    seed: UInt64, isSeekable: Bool
  ) throws {
    let blocks = blocks(seed: seed, limit: seed == 8 ? 65_536 : 3000)
    let bytes = try nativeTrace(blocks)
    let reader = try NativeTraceReader(MemorySource(bytes, chunk: 1000, isSeekable: isSeekable))
    #expect(try readBlocks(reader) == contents(blocks))
    #expect(reader.context.counters["truncated_trace"] == 0)
  }

  @Test(arguments: 1...12)
  func `a reader written from the document alone sees the same`(seed: UInt64) throws {
    let blocks = blocks(seed: seed, limit: 3000)
    let naive = try NaiveReader(nativeTrace(blocks)).blocks
    #expect(try contents(naive) == contents(blocks))
  }

  /// Texts come with the block that first needs them, and all of them in the footer.
  @Test(arguments: [true, false])
  func `callers and registers come back`(isSeekable: Bool) throws {
    let context = TraceContext(name: "t", format: "rwmmio")
    var region = Region(name: "r", base: 0, size: 64, origin: .map)
    region.registers = [.init(name: "DB", offset: 8, size: 4)]
    context.regions.add(region)
    let builder = BlockBuilder(Block())
    var codes: [UInt64] = []
    for name in ["a+0x1", "b -> c", "a+0x1"] {
      let code = context.callers.code(for: name) ?? 0
      codes.append(code)
      builder.append(RecordClass(.store, size: 4), address: 8, codeAddress: code)
    }
    let bytes = try nativeTrace([builder.block], context: context)
    let reader = try NativeTraceReader(MemorySource(bytes, isSeekable: isSeekable))
    #expect(try readBlocks(reader).flatMap(\.codeAddresses) == codes)
    #expect(reader.context.callers.texts == ["a+0x1", "b -> c"])
    #expect(reader.context.regions.regions.first?.register(at: 8) == "DB")
  }

  @Test func `a block that is taken is written the same, and is empty then`() throws {
    let scratch = try Scratch()
    let (builder, context) = (BlockBuilder(Block()), TraceGenerator.context())
    func fill() {
      builder.reset(firstRecord: 0)
      for index in 0..<100 as Range<UInt64> {
        builder.append(
          RecordClass(index % 3 == 0 ? .load : .store, size: 4), address: 8 * index, time: index,
          value: index, line: index + 1)
      }
    }
    func trace(_ name: String, _ hand: (NativeTraceWriter) throws -> Void) throws -> [UInt8] {
      fill()
      let output = try OutputFile(path: scratch.path(name))
      let writer = try NativeTraceWriter(to: output, context: context)
      try hand(writer)
      try writer.finish()
      try output.commit()
      return try scratch.bytes(name)
    }
    let copied = try trace("copied.mmt") { try $0.write(builder.block) }
    #expect(builder.block.count == 100)
    let taken = try trace("taken.mmt") { try $0.take(builder.block) }
    #expect(builder.block.count == 0 && builder.block.runs == 0 && builder.block.values.isEmpty)
    #expect(taken == copied)
  }

  @Test func `the document's example is what is written`() throws {
    let context = TraceContext(name: "tiny.csv", format: "csv")
    let region = context.regions.add(
      Region(name: "bar2", base: 0x100_0000_0000, size: 0x1_0000, origin: .map))
    let builder = BlockBuilder(Block())
    for index in 0..<8 as Range<UInt64> {
      builder.append(
        RecordClass(.store, size: 8, region: region), address: 0x100_0000_0040 + 8 * index,
        time: 1000 + 10 * index)
    }
    builder.append(RecordClass(.barrier, barrier: Barrier(.dmbST)), time: 1080)
    builder.append(
      RecordClass(.store, size: 4, region: region), address: 0x100_0000_0000, time: 1400,
      value: 0x1234_5678)
    let trace = try nativeTrace([builder.block], context: context)
    let section = try #require(NaiveReader(trace).sections.first { $0.kind == "BLCK" })
    // Copied from the article's section "Example".
    #expect(
      section.content(1)
        == bytes(
          "03000000 0300 01 01 00000000 00000000",
          "80000080 7f000000 ffffffff ffffff01 40000000 00010000",
          "02000080 0000ffff ffffffff ffffff01 00000000 00000000",
          "40000080 7f000000 ffffffff ffffff03 00000000 00010000",
          "070000 000102 15"))
    #expect(
      section.content(2)
        == bytes(
          "01000000 00000000 e8030000 00000000 0a000000 00000000 00000000 00000000",
          "01010101 01010101 20"))
    #expect(section.content(4) == bytes("78563412"))
    #expect(Array(section.head[..<4]) == bytes("424c434b"))
    #expect(
      Array(section.head[8..<44])
        == bytes(
          "00000000 00000000 0a000000 00000000 e8030000 00000000 78050000 00000000 03000000"))
  }

  private func bytes(_ rows: String...) -> [UInt8] {
    let digits = Array(rows.joined().filter { $0 != " " })
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  @Test func `a block of 255 classes and 65536 records is stored`() throws {
    let block = Block()
    block.classes = (0..<255).map { RecordClass(.store, size: 8, vcpu: UInt16($0)) }
    for run in 0..<65_536 {
      block.runTokens.append(UInt8(run % 255))
      block.runCounts.append(1)
      block.runAddresses.append(UInt64(run) &* 0x9e37_79b9_7f4a_7c15 >> 1)
      block.times.append(UInt64(run) * 1000)
    }
    block.count = 65_536
    let reader = try NativeTraceReader(MemorySource(nativeTrace([block])))
    #expect(try readBlocks(reader) == contents([block]))
  }

  @Test func `runs longer than 255 records and of the longest kind are stored`() throws {
    let block = Block()
    block.classes = [RecordClass(.barrier, barrier: Barrier(.isb))]
    block.runTokens = [0, 0, 0, 0]
    block.runCounts = [255, 256, 257, 64_768]
    block.runAddresses = [0, 0, 0, 0]
    block.count = 65_536
    block.times = [UInt64](repeating: 5, count: 65_536)
    let bytes = try nativeTrace([block])
    #expect(try readBlocks(NativeTraceReader(MemorySource(bytes))) == contents([block]))
    #expect(try contents(NaiveReader(bytes).blocks) == contents([block]))
  }

  @Test func `equal steps of time and line cost nothing`() throws {
    let block = Block()
    block.classes = [RecordClass(.store, size: 8, columns: [.time, .line])]
    block.runTokens = [0]
    block.runCounts = [60_000]
    block.runAddresses = [0x1000]
    block.count = 60_000
    block.times = (0..<60_000).map { 7 + 13 * $0 }
    block.lines = (1...60_000).map { $0 }
    let section = try #require(
      NaiveReader(nativeTrace([block])).sections.first { $0.kind == "BLCK" })
    // A head of 32 bytes and no step.
    #expect(section.content(2)?.count == 32)
    #expect(section.content(6)?.count == 32)
  }

  @Test func `the context comes back and the totals are those of the records`() throws {
    let context = TraceGenerator.context()
    let builder = BlockBuilder(Block())
    let store = RecordClass(.store, size: 8, vcpu: 3, attribute: 4)
    builder.append(store, address: 0x1000, time: 50, value: 1)
    builder.append(store, address: 0x1008, time: 60, value: 2)
    builder.append(RecordClass(.load, size: 4, vcpu: 1), address: 0x10, codeAddress: 9)
    builder.append(RecordClass(.barrier, vcpu: 1, barrier: Barrier(.dmbSY)), time: 55)
    builder.append(RecordClass(.lost), value: 17)
    builder.append(RecordClass(.lost))
    builder.append(RecordClass(.lost, columns: .configValue), value: 4)
    let bytes = try nativeTrace([builder.block], context: context)
    // Counted by hand from the seven records above.
    var totals = TraceTotals()
    totals.records = 7
    totals.stores = 2
    totals.loads = 1
    totals.barriers = 1
    totals.lostRecords = 3
    totals.lostEvents = 22
    totals.storeBytes = 16
    totals.loadBytes = 4
    totals.timed = 3
    totals.withValue = 4
    totals.lostWithValue = 2
    totals.withAttribute = 2
    totals.withCodeAddress = 1
    totals.firstTime = 50
    totals.lastTime = 55
    totals.earliestTime = 50
    totals.latestTime = 60
    totals.vcpus = [0, 1, 3]
    for isSeekable in [true, false] {
      let source = MemorySource(bytes, path: "folder/x.mmt", isSeekable: isSeekable)
      let reader = try NativeTraceReader(source)
      #expect(reader.context.totals == (isSeekable ? totals : nil))
      _ = try readBlocks(reader)
      #expect(reader.context.totals == totals)
      #expect(reader.context.name == "x.mmt")
      #expect(reader.importedName == "capture.log")
      #expect(reader.context.format == "qemu-log")
      #expect(reader.context.regions == context.regions)
      #expect(reader.context.strings == context.strings)
      #expect(reader.context.configImages == context.configImages)
      #expect(reader.context.counters == context.counters)
      #expect(reader.context.blindSpots == context.blindSpots)
    }
  }

  @Test func `a context that grows is known to a pipe before the block that needs it`() throws {
    let scratch = try Scratch()
    let context = TraceContext(name: "a", format: "csv")
    let output = try OutputFile(path: scratch.path("a.mmt"))
    let writer = try NativeTraceWriter(to: output, context: context)
    let builder = BlockBuilder(Block())
    for index in 0..<5 {
      builder.reset(firstRecord: UInt64(index))
      let text = try #require(context.intern("text \(index)"))
      let region = context.regions.add(
        Region(name: "r\(index)", base: 0, size: 0, origin: .inferred))
      builder.append(RecordClass(.mark, region: region, text: text))
      try writer.write(builder.block)
    }
    try writer.finish()
    try output.commit()
    let reader = try NativeTraceReader(
      MemorySource(scratch.bytes("a.mmt"), isSeekable: false))
    let block = Block()
    for index in 1...5 {
      #expect(try reader.next(into: block))
      #expect(reader.context.strings.count == index)
      #expect(reader.context.regions.count == index)
    }
    #expect(try !reader.next(into: block))
    #expect(block.count == 0 && block.times.isEmpty)
  }

  @Test func `a counter of any size comes back`() throws {
    let context = TraceContext(name: "a", format: "csv")
    context.counters.add("lost", .max, severity: .dataLoss, meaning: "m")
    let scratch = try Scratch()
    let output = try OutputFile(path: scratch.path("a.mmt"))
    try NativeTraceWriter(to: output, context: context).finish()
    try output.commit()
    let reader = try NativeTraceReader(MemorySource(scratch.bytes("a.mmt")))
    #expect(reader.context.counters["lost"] == .max)
  }

  /// What no importer makes, but whoever edits a trace may.
  @Test func `regions that cannot be are refused`() throws {
    var many = Region(name: "r", base: 0x1000, size: 0x100, origin: .map)
    many.registers = [.init(name: "a", offset: 4, size: 4), .init(name: "b", offset: 7, size: 4)]
    var empty = many
    empty.registers = [.init(name: "a", offset: 4, size: 0)]
    var far = many
    far.registers = [.init(name: "a", offset: .max, size: 2)]
    var regions = [many, empty, far]
    for bar in [-6, 6, Int.max] {
      regions.append(Region(name: "r", base: 0, size: 0, bar: bar, origin: .map))
    }
    regions.append(Region(name: "r", base: .max, size: 2, origin: .map))
    for region in regions {
      let context = TraceContext(name: "a", format: "csv")
      context.regions.add(region)
      let scratch = try Scratch()
      let output = try OutputFile(path: scratch.path("a.mmt"))
      try NativeTraceWriter(to: output, context: context).finish()
      try output.commit()
      let bytes = try scratch.bytes("a.mmt")
      let error = #expect(throws: TraceError.self) {
        _ = try NativeTraceReader(MemorySource(bytes)).next(into: Block())
      }
      #expect(error?.code == .range, "\(region)")
    }
  }

  @Test func `a trace without records is a trace`() throws {
    let bytes = try nativeTrace([])
    let reader = try NativeTraceReader(MemorySource(bytes))
    #expect(try readBlocks(reader).isEmpty)
    #expect(reader.context.totals == TotalsCounter().totals)
    #expect(reader.context.counters["truncated_trace"] == 0)
  }

  @Test func `a file gives its checksum, read in order to its end`() throws {
    let scratch = try Scratch()
    let bytes = try nativeTrace(blocks(seed: 5))
    let path = try scratch.file("a.mmt", bytes)
    // The same bytes as a plain file, in front of which nothing has to be decoded.
    let plain = try openInput(path: path)
    #expect(plain.encoding == .native)
    #expect(try readAll(plain) == bytes)
    let reader = try NativeTraceReader(openInput(path: path))
    #expect(reader.context.sha256 == nil)
    _ = try readBlocks(reader)
    #expect(reader.context.sha256 != nil)
    #expect(reader.context.sha256 == plain.sha256)
    #expect(reader.progress.consumed == UInt64(bytes.count))
    #expect(reader.progress.total == UInt64(bytes.count))
  }

  @Test func `the zstd program accepts a trace`() throws {
    let scratch = try Scratch()
    let bytes = try nativeTrace(blocks(seed: 6))
    let path = try scratch.file("a.mmt", bytes)
    let program = "/usr/bin/zstd"
    if FileManager.default.isExecutableFile(atPath: program) {
      let process = Process()
      process.executableURL = URL(filePath: program)
      process.arguments = ["-q", "-t", path]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    // The library, frame by frame.
    var place = 0
    while place < bytes.count {
      let size = unsafe bytes.withUnsafeBytes { all in
        unsafe ZSTD_findFrameCompressedSize(
          all.baseAddress.map { unsafe $0 + place }, bytes.count - place)
      }
      try #require(ZSTD_isError(size) == 0)
      place += size
    }
    #expect(place == bytes.count)
  }

  @Test func `lazy columns stay undecoded until they are asked for`() throws {
    let block = blocks(seed: 9, count: 1)[0]
    var bytes = try nativeTrace([block])
    let section = try #require(NaiveReader(bytes).sections.first { $0.kind == "BLCK" })
    // Damage the values' frame: reading must not notice before they are loaded.
    var place = section.offset + 8 + section.head.count
    for part in section.parts {
      if part.id == 4 { bytes[place + part.frame.count - 1] ^= 1 }
      place += part.frame.count
    }
    let reader = try NativeTraceReader(MemorySource(bytes))
    let read = Block()
    // Lost events are counted from the values; this trace must not have them there.
    try #require(!block.classes.contains { $0.operation == .lost && $0.columns.contains(.value) })
    #expect(try reader.next(into: read))
    #expect(read.values.isEmpty && read.codeAddresses.isEmpty && read.lines.isEmpty)
    #expect(read.times == block.times)
    try read.load(.lines)
    #expect(read.lines == block.lines)
    try read.load(.codeAddresses)
    try read.load(.codeAddresses)
    #expect(read.codeAddresses == block.codeAddresses)
    let error = #expect(throws: TraceError.self) { try read.load(.values) }
    #expect(error?.code == .checksum)
    #expect(error?.byteOffset == UInt64(section.offset))
    #expect(error?.record == 0)
  }

  @Test func `two blocks of one reader keep their own lazy columns`() throws {
    let blocks = blocks(seed: 10)
    let reader = try NativeTraceReader(MemorySource(nativeTrace(blocks)))
    let (first, second) = (Block(), Block())
    #expect(try reader.next(into: first))
    #expect(try reader.next(into: second))
    #expect(try BlockContent(first) == BlockContent(blocks[0]))
    #expect(try BlockContent(second) == BlockContent(blocks[1]))
  }

  @Test(arguments: [true, false])
  func `reading can start at any record`(isSeekable: Bool) throws {
    let blocks = blocks(seed: 11, limit: 30)
    let bytes = try nativeTrace(blocks)
    let total = blocks.reduce(0) { $0 + $1.count }
    for record in 0...total + 1 {
      let reader = try NativeTraceReader(MemorySource(bytes, isSeekable: isSeekable))
      try reader.seek(toRecord: UInt64(record))
      let wanted = blocks.filter { Int($0.firstRecord) + $0.count > record }
      #expect(try readBlocks(reader) == contents(wanted))
      #expect(reader.context.counters["truncated_trace"] == 0)
    }
  }

  @Test func `only a seekable trace can be read again from an earlier record`() throws {
    let blocks = blocks(seed: 12)
    let bytes = try nativeTrace(blocks)
    let file = try NativeTraceReader(MemorySource(bytes))
    _ = try readBlocks(file)
    try file.seek(toRecord: 0)
    #expect(try readBlocks(file) == contents(blocks))
    let pipe = try NativeTraceReader(MemorySource(bytes, isSeekable: false))
    _ = try readBlocks(pipe)
    let error = #expect(throws: TraceError.self) { try pipe.seek(toRecord: 0) }
    #expect(error?.code == .io)
  }

  @Test func `an access at the end of the address space is refused with its record`() throws {
    let block = Block()
    block.classes = [RecordClass(.store, size: 8)]
    block.runTokens = [0]
    block.runCounts = [2]
    block.runAddresses = [0xffff_ffff_ffff_fff0]
    block.times = [0, 0]
    block.count = 2
    let error = #expect(throws: TraceError.self) { try nativeTrace([block]) }
    #expect(error?.code == .range)
    #expect(error?.record == 0)
    // Behind three records that are where they may be.
    block.runTokens = [0, 0]
    block.runCounts = [3, 2]
    block.runAddresses = [0x1000, 0xffff_ffff_ffff_fff0]
    block.times = [0, 0, 0, 0, 0]
    block.count = 5
    let second = #expect(throws: TraceError.self) { try nativeTrace([block]) }
    #expect(second?.record == 3)
    block.runTokens = [0]
    block.runCounts = [2]
    block.times = [0, 0]
    block.count = 2
    block.runAddresses = [0xffff_ffff_ffff_ffef]
    #expect(throws: Never.self) { try nativeTrace([block]) }
  }

  @Test func `a block that contradicts itself is not written`() throws {
    for damage in [
      { (block: Block) in block.times.removeLast() },
      { (block: Block) in block.values.append(0) },
      { (block: Block) in block.runCounts[0] += 1 },
      { (block: Block) in block.firstRecord = 1 },
      { (block: Block) in block.lines.append(1) },
    ] {
      let block = blocks(seed: 13, count: 1)[0]
      damage(block)
      let error = #expect(throws: TraceError.self) { try nativeTrace([block]) }
      #expect(error?.code == .internal)
    }
  }

  @Test func `a full disk ends the writing with an error`() throws {
    let output = try OutputFile(path: "/dev/full")
    let writer = try NativeTraceWriter(to: output, context: TraceGenerator.context())
    let error = #expect(throws: TraceError.self) {
      for block in blocks(seed: 14, limit: 65_536) { try writer.write(block) }
      try writer.finish()
      try output.commit()
    }
    #expect(error?.code == .io)
  }
}
