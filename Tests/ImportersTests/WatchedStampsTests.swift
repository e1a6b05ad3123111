import Testing
import TraceCore

@testable import Importers

/// Stamps of a source that does not look at them: records, and rows of a CSV.
struct WatchedStampsTests {
  typealias Stamp = (vcpu: UInt16, time: UInt64?)

  /// A block for each list of stamps.
  private final class Stub: BlockSource {
    let context = TraceContext(name: "t", format: "records")
    let progress: (consumed: UInt64, total: UInt64?) = (0, nil)
    private var blocks: [[Stamp]]

    init(_ blocks: [[Stamp]]) { self.blocks = blocks }

    func next(into block: Block) throws(TraceError) -> Bool {
      let builder = BlockBuilder(block)
      builder.reset(firstRecord: 0, into: block)
      guard !blocks.isEmpty else { return false }
      let stamps = blocks.removeFirst()
      builder.withAppender { appender in
        for (vcpu, time) in stamps {
          appender.append(RecordClass(.load, size: 4, vcpu: vcpu), address: 0x10, time: time)
        }
      }
      return true
    }
  }

  private func count(_ blocks: [[Stamp]], known: UInt64 = 0) throws -> UInt64 {
    let source = WatchedStamps(Stub(blocks))
    source.context.counters.add("clock_backwards", known, severity: .info, meaning: "")
    let block = Block()
    while try source.next(into: block) {}
    #expect(try !source.next(into: block))
    return source.context.counters["clock_backwards"]
  }

  // Counted by hand: a stamp counts that is below the one before of its CPU.
  @Test(
    arguments: [
      ([[(0, 10), (0, 9)]], 1), ([[(0, 10), (1, 9)]], 0), ([[(0, 10)], [(0, 9)]], 1),
      ([[(0, 10)], [(1, 9)]], 0), ([[(0, 10), (1, 20)], [(0, 15)], [(1, 19)]], 1),
      ([[(1, 5), (0, 10)], [(0, 20)], [(1, 4)]], 1),
      ([[(1, 5), (0, 10)], [(0, 20)], [(1, 6)]], 0),
      ([[(0, 10), (1, 5)], [(0, 20), (1, 6)], [(0, 19), (1, 5)]], 2),
      ([[(0, 10), (0, nil), (0, 9), (0, nil)], [(0, nil), (0, 8)]], 2),
      ([[(0, 30), (0, 10), (0, 20)]], 1),
    ] as [([[Stamp]], UInt64)])
  func `stamps that go back are counted CPU by CPU`(
    _ blocks: [[Stamp]], _ expected: UInt64
  ) throws {
    #expect(try count(blocks) == expected)
  }

  @Test func `what the records' writer counted is not counted again`() throws {
    #expect(try count([[(0, 10), (0, 9)]], known: 3) == 3)
  }
}
