import Testing
import TraceCore
import TraceIO

/// What a trace's records add up to.
struct TotalsTests {
  private let store = RecordClass(.store, size: 8)

  /// A block of stores, with a stamp or without.
  private func block(_ stamps: [UInt64?]) -> Block {
    let builder = BlockBuilder(Block())
    builder.reset(firstRecord: 0)
    for (index, stamp) in stamps.enumerated() {
      builder.append(store, address: 0x1000 + 24 * UInt64(index), time: stamp)
    }
    return builder.block
  }

  @Test func `stamps that go back span the smallest to the largest`() {
    var counter = TotalsCounter()
    counter.add(block([1000, 5]))
    #expect(counter.totals.earliestTime == 5 && counter.totals.latestTime == 1000)
    #expect(counter.totals.firstTime == 1000 && counter.totals.lastTime == 5)
    counter.add(block([nil, 400, nil, 3]))
    counter.add(block([700]))
    #expect(counter.totals.earliestTime == 3 && counter.totals.latestTime == 1000)
    #expect(counter.totals.firstTime == 1000 && counter.totals.lastTime == 700)
  }

  /// A record without a stamp that a slice kept repeats the stamp of one that it left out.
  @Test func `what a record without a stamp repeats is in no span`() {
    let mixed = Block()
    mixed.classes = [RecordClass(.store, size: 8), RecordClass(.load, size: 8, columns: .time)]
    mixed.runTokens = [0, 1, 0]
    mixed.runCounts = [1, 2, 1]
    mixed.runAddresses = [0, 0x100, 0x200]
    mixed.count = 4
    for times in [[9000, 40, 30, 9000], [7, 30, 40, 50]] as [[UInt64]] {
      mixed.times = times
      var counter = TotalsCounter()
      counter.add(mixed)
      #expect(counter.totals.earliestTime == 30 && counter.totals.latestTime == 40)
    }
    mixed.classes[1].columns = []
    var counter = TotalsCounter()
    counter.add(mixed)
    #expect(counter.totals.earliestTime == nil && counter.totals.latestTime == nil)
  }

  @Test func `the number of a loss is no value`() {
    let builder = BlockBuilder(Block())
    builder.reset(firstRecord: 0)
    builder.append(RecordClass(.lost), value: 17)
    builder.append(RecordClass(.lost, columns: .configValue), value: 4)
    builder.append(RecordClass(.lost))
    builder.append(store, address: 0x1000)
    var counter = TotalsCounter()
    counter.add(builder.block)
    // By hand: the two losses that have a number.
    #expect(counter.totals.withValue == 2 && counter.totals.lostWithValue == 2)
    #expect(counter.totals.accessesWithValue == 0 && counter.totals.lostEvents == 22)
    builder.reset(firstRecord: 4)
    builder.append(store, address: 0x1000, value: 1)
    counter.add(builder.block)
    #expect(counter.totals.accessesWithValue == 1)
  }

  /// 240 classes make a block; a sort of all numbers seen for each would take minutes.
  @Test(.timeLimit(.minutes(1)))
  func `blocks of many vCPUs cost no more than their own`() {
    var counter = TotalsCounter()
    let block = Block()
    block.runTokens = (0..<240).map { UInt8($0) }
    block.runCounts = [UInt16](repeating: 1, count: 240)
    block.runAddresses = [UInt64](repeating: 0x1000, count: 240)
    block.times = [UInt64](repeating: 0, count: 240)
    block.count = 240
    for round in 0..<1000 {
      block.classes = (0..<240).map { place in
        RecordClass(
          .store, size: 4, vcpu: UInt16(truncatingIfNeeded: (240 * round + place) * 7919))
      }
      counter.add(block)
    }
    // 7919 is odd, so that 65,536 numbers in a row are all there are.
    #expect(counter.totals.vcpus == Array(0 ... .max))
    #expect(counter.records == 240_000)
  }
}
