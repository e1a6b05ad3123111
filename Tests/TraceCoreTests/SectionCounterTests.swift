import Testing
import TraceCore

@Suite struct `Sections between marks` {
  private let context = TraceContext(name: "t", format: "t")

  private func block(_ marks: [Int: String], count: Int, from first: UInt64 = 0) -> Block {
    let builder = BlockBuilder(Block())
    builder.reset(firstRecord: first)
    for index in 0..<count {
      let time = 100 + 10 * (first + UInt64(index))
      if let mark = marks[index] {
        builder.append(RecordClass(.mark, text: context.intern(mark)), time: time)
      } else if index % 3 == 0 {
        builder.append(RecordClass(.load, size: 4), address: 0x10, time: time)
      } else {
        builder.append(
          RecordClass(.store, size: 8), address: 0x1000 + 8 * UInt64(index), time: time)
      }
    }
    return builder.block
  }

  @Test func `a trace without marks has no sections`() {
    var counter = SectionCounter()
    counter.add(block([:], count: 9), context)
    #expect(counter.sections.isEmpty && counter.mark(of: 3) == nil)
  }

  /// Counted by hand: loads at 0, 3, 6, 9; marks at 2 and 7; times 100 + 10 * record.
  @Test func `each mark begins a section, over ends of blocks`() throws {
    var counter = SectionCounter()
    counter.add(block([2: "one"], count: 6), context)
    counter.add(block([1: "two"], count: 4, from: 6), context)
    let sections = counter.sections
    #expect(sections.map(\.mark) == [nil, "one", "two"])
    #expect(sections.map(\.firstRecord) == [0, 2, 7])
    #expect(sections.map(\.records) == [2, 5, 3])
    // The second block's loads are its records 0 and 3: 6 and 9 of the trace.
    #expect(sections.map(\.loads) == [1, 2, 1])
    #expect(sections.map(\.stores) == [1, 2, 1])
    #expect(sections.map(\.storeBytes) == [8, 16, 8])
    #expect(sections.map(\.times) == [100...110, 120...160, 170...190])
    #expect(
      (0..<10).map { counter.mark(of: $0) ?? "-" } == [
        "-", "-", "one", "one", "one", "one", "one", "two", "two", "two",
      ])
  }

  /// One run of stores whose stamps go up and down.
  @Test func `the span of a section has every stamp`() {
    let builder = BlockBuilder(Block())
    builder.reset(firstRecord: 0)
    builder.append(RecordClass(.mark, text: context.intern("m")), time: 50)
    for (index, time) in [40, 10, 90, 60].enumerated() {
      builder.append(
        RecordClass(.store, size: 8), address: 0x1000 + 8 * UInt64(index), time: UInt64(time))
    }
    var counter = SectionCounter()
    counter.add(builder.block, context)
    #expect(counter.sections.map(\.times) == [10...90])
  }

  @Test func `a mark at the start leaves nothing in front of it`() {
    var counter = SectionCounter()
    counter.add(block([0: "one"], count: 2), context)
    #expect(counter.sections.map(\.mark) == ["one"])
  }

  @Test func `sections beyond the limit are one`() {
    var counter = SectionCounter()
    for part in 0..<3 {
      let marks = Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, "m\(part).\($0)") })
      counter.add(block(marks, count: 100, from: UInt64(100 * part)), context)
    }
    #expect(counter.sections.count == 255)
    #expect(counter.sections.last?.records == 46)
    #expect(counter.marksBeyondLimit == 45)
  }
}
