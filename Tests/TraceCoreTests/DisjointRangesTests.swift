import TestSupport
import Testing
import TraceCore

struct DisjointRangesTests {
  @Test func `ranges meet where they have an address in common`() {
    var taken = DisjointRanges()
    #expect(taken.isFree(0 ... .max))
    taken.insert(10...19)
    taken.insert(30...39)
    #expect(taken.isFree(20...29) && taken.isFree(0...9) && taken.isFree(40 ... .max))
    #expect(!taken.isFree(19...19) && !taken.isFree(0...10) && !taken.isFree(20...30))
    taken.insert(5...34)
    #expect(taken.isFree(0...4) && !taken.isFree(5...5) && !taken.isFree(39...40))
    taken.insert(UInt64.max ... .max)
    #expect(!taken.isFree(40 ... .max) && taken.isFree(40...(.max - 1)))
  }

  /// Against one flag for each of 64 addresses.
  @Test(arguments: 1...200)
  func `every range is free where no flag is set`(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var taken = DisjointRanges()
    var flags = [Bool](repeating: false, count: 64)
    for _ in 0..<12 {
      let first = Int.random(in: 0..<64, using: &generator)
      let last = min(63, first + Int.random(in: 0..<9, using: &generator))
      let isFree = !flags[first...last].contains(true)
      #expect(taken.isFree(UInt64(first)...UInt64(last)) == isFree)
      if Bool.random(using: &generator) {
        taken.insert(UInt64(first)...UInt64(last))
        for address in first...last { flags[address] = true }
      }
    }
    for address in 0..<64 {
      #expect(taken.isFree(UInt64(address)...UInt64(address)) == !flags[address])
    }
  }
}
