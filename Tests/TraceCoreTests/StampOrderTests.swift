import Testing
import TraceCore

@Suite struct `Order of stamps` {
  /// Around the ends, and around half, where a difference looks negative.
  private static let stamps: [UInt64] = [
    0, 1, 2, 1 << 63 - 1, 1 << 63, 1 << 63 + 1, .max - 1, .max,
  ]

  @Test(arguments: stamps)
  func `stamps are in order where none is below the one before`(first: UInt64) {
    for second in Self.stamps {
      #expect([first, second].isOrdered() == (first <= second), "\(second)")
      for third in Self.stamps {
        let isOrdered = first <= second && second <= third
        #expect([first, second, third].isOrdered() == isOrdered, "\(second) \(third)")
        #expect([first, second, third].isOrdered(from: 1) == (second <= third))
      }
    }
  }

  @Test func `few stamps are in order, and one that goes back is seen wherever it is`() {
    #expect([UInt64]().isOrdered())
    #expect([UInt64(5)].isOrdered())
    #expect([UInt64(5), 4].isOrdered(from: 1))
    #expect([UInt64(5), 4].isOrdered(from: 2))
    for place in 1..<70 {
      var stamps = (1...UInt64(70)).map { 10 * $0 }
      stamps[place] = stamps[place - 1] - 1
      #expect(!stamps.isOrdered(), "\(place)")
    }
  }

  @Test func `the same is taken from every stamp from an index on`() {
    var stamps: [UInt64] = [3, 10, 12]
    stamps.subtract(10, from: 1)
    #expect(stamps == [3, 0, 2])
    stamps.subtract(1, from: 3)
    #expect(stamps == [3, 0, 2])
    stamps = []
    stamps.subtract(1)
    #expect(stamps.isEmpty)
  }

  @Test func `a block tells the order of the times that it has, not of those that it had`() {
    let block = Block()
    block.times = [1, 2, 2]
    #expect(block.hasOrderedTimes)
    block.times[2] = 1
    #expect(!block.hasOrderedTimes)
    block.times.removeLast()
    #expect(block.hasOrderedTimes)
    block.times.append(0)
    #expect(!block.hasOrderedTimes)
    // A source's word is taken, until they change.
    block.noteOrderedTimes()
    #expect(block.hasOrderedTimes)
    block.times.append(5)
    #expect(!block.hasOrderedTimes)
    block.noteOrderedTimes()
    block.removeAll()
    block.times += [3, 2]
    #expect(!block.hasOrderedTimes)
  }
}
