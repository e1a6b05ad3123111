import Testing
import TraceCore
import TraceIO

/// Blocks that another core decodes are those that the reader gives, errors and ends included.
struct BlocksAheadTests {
  private let bytes: [UInt8]

  init() throws {
    var generator = TraceGenerator(seed: 77)
    generator.limit = 12
    bytes = try nativeTrace((0..<4).map { _ in generator.block() })
  }

  /// The blocks before the end or an error, with every lazy column, and the error.
  private func outcome(_ source: any BlockSource) -> (blocks: [BlockContent], error: TraceError?) {
    var blocks: [BlockContent] = []
    let block = Block()
    do throws(TraceError) {
      while try source.next(into: block) {
        try block.loadAll()
        blocks.append(try BlockContent(block))
      }
    } catch {
      return (blocks, error)
    }
    return (blocks, nil)
  }

  private func compare(_ bytes: [UInt8], _ comment: Comment) throws -> Bool {
    guard let reader = try? NativeTraceReader(MemorySource(bytes, isSeekable: true)),
      let other = try? NativeTraceReader(MemorySource(bytes, isSeekable: true)),
      let ahead = BlocksAhead(other)
    else { return false }
    let (direct, found) = (outcome(reader), outcome(ahead))
    #expect(direct.blocks == found.blocks, comment)
    #expect(direct.error == found.error, comment)
    if direct.error == nil {
      #expect(ahead.progress.consumed == reader.progress.consumed, comment)
    }
    #expect(ahead.context.sha256 == reader.context.sha256, comment)
    #expect(ahead.context.counters.rows == reader.context.counters.rows, comment)
    if found.error == nil { #expect(try !ahead.next(into: Block()), "the end is the end") }
    return direct.error != nil
  }

  @Test func `a whole trace is the same`() throws {
    #expect(try !compare(bytes, "whole"))
  }

  @Test func `a flipped byte is the same error after the same blocks`() throws {
    var errors = 0
    let places = Array(stride(from: 0, to: bytes.count, by: 7))
    for place in places {
      var damaged = bytes
      damaged[place] ^= 0x10
      errors += try compare(damaged, "byte \(place)") ? 1 : 0
    }
    // Else nothing was compared: most bytes belong to blocks.
    #expect(errors > places.count / 4, "\(errors) of \(places.count)")
  }

  @Test func `a trace that tells of its regions as it goes is not read ahead`() throws {
    #expect(BlocksAhead(try NativeTraceReader(MemorySource(bytes, isSeekable: false))) == nil)
    let reader = try NativeTraceReader(MemorySource(bytes, isSeekable: true))
    #expect(BlocksAhead(reader) != nil)
  }

  @Test func `what is not read to its end is left`() throws {
    for _ in 0..<50 {
      let ahead = try #require(
        BlocksAhead(try NativeTraceReader(MemorySource(bytes, isSeekable: true))))
      let block = Block()
      #expect(try ahead.next(into: block) && block.count > 0)
    }
  }
}
