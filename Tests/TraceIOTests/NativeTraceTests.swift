import Testing
import TraceCore
import TraceIO

struct NativeTraceTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8], [true, false])
  func `blocks of every kind of record come back as they were`(
    seed: UInt64, isSeekable: Bool
  ) throws {
    var generator = TraceGenerator(seed: seed)
    generator.limit = seed == 8 ? 65_536 : 3000
    let blocks = (0..<4).map { _ in generator.block() }
    let bytes = try nativeTrace(blocks)
    let reader = try NativeTraceReader(MemorySource(bytes, chunk: 1000, isSeekable: isSeekable))
    let contents = try readBlocks(reader)
    #expect(try contents == blocks.map { try BlockContent($0) })
    #expect(reader.context.counters["truncated_trace"] == 0)
  }
}
