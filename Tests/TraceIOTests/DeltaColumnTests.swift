import TestSupport
import Testing
import TraceCore

@testable import TraceIO

/// Columns of steps alone; whole traces with all kinds of them are read back elsewhere.
@Suite struct DeltaColumnTests {
  /// Numbers that take every mode, with and without escapes, and some that go back.
  private static func numbers(_ random: inout SplitMix64) -> [UInt64] {
    let unit = UInt64(random.pick([1, 5, 100, 3_000_000_000]))
    let largest = random.pick([0, 1, 30, 254, 300, 70_000, 1 << 33])
    let last = random.chance(20) ? largest : min(largest, 30)
    var number = random.pick([0, 7, 1 << 62, UInt64.max - 4000])
    return (0..<random.inRange(1...200)).map { _ in
      let step = random.chance(3) ? largest : random.below(last + 1)
      number &+= unit &* UInt64(step)
      if random.chance(1) { number &-= 40 }
      return number
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a column comes back, and is said to be in order only where it is`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var steps: [UInt64] = []
    for _ in 0..<20 {
      let numbers = Self.numbers(&random)
      let column = DeltaColumn.encode(numbers, &steps)
      var back: [UInt64] = [1, 2, 3]
      let isOrdered = try unsafe DeltaColumn.decode(
        column.span.bytes, count: numbers.count, into: &back)
      #expect(back == numbers)
      if isOrdered { #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }) }
    }
  }

  /// One of each mode: even, bytes, bytes with a short escape, words, longs.
  @Test(
    arguments: [
      [3, 5, 7], [0, 1, 3], [0, 1, 301], [0, 1000, 3500, 6100], [0, 100_000, 300_001],
    ] as [[UInt64]])
  func `steps forward tell that a column is in order`(numbers: [UInt64]) throws {
    var (steps, back) = ([UInt64](), [UInt64]())
    let column = DeltaColumn.encode(numbers, &steps)
    let isOrdered = try unsafe DeltaColumn.decode(
      column.span.bytes, count: numbers.count, into: &back)
    #expect(isOrdered && back == numbers)
  }

  /// Of a damaged column, whose steps forward lead beyond 2^64: what the decoder says of it holds.
  @Test(arguments: 1...3 as ClosedRange<UInt8>)
  func `numbers that run over are not said to be in order`(mode: UInt8) throws {
    let size = [0, 1, 2, 4][Int(mode)]
    var column: [UInt8] = [mode, 0, 0, 0, 0, 0, 0, 0]
    for number in [UInt64.max - 10, 1 << 40] {
      column += (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    column += [UInt8](repeating: 0, count: 8)
    column += (0..<2 * size).map { $0 % size == 0 ? 9 : 0 }
    var back: [UInt64] = []
    let isOrdered = try unsafe DeltaColumn.decode(column.span.bytes, count: 3, into: &back)
    #expect(!isOrdered && back[1] < back[0])
  }
}
