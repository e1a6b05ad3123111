import TestSupport
import Testing
import TraceCore

@Suite struct RingTests {
  /// By hand: the room is the next power of two, so numbers that far apart share a place.
  @Test(arguments: [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (127, 128), (257, 512)])
  func `as many last numbers as asked for are kept, rounded up to a power of two`(
    count: Int, room: UInt64
  ) {
    var ring = Ring(repeating: UInt64(7), count: count)
    #expect(ring[0] == 7 && ring[.max] == 7)
    for number in 0..<3 * room { ring[number] = number }
    for number in 2 * room..<3 * room {
      #expect(ring[number] == number)
      #expect(ring[number - room] == number, "shares a place with the one before it there")
    }
  }

  @Test func `a field changes in place, and numbers wrap`() {
    var ring = Ring(repeating: SIMD2<UInt32>(0, 1), count: 4)
    ring[.max].x = 5
    #expect(ring[3] == SIMD2(5, 1))
  }

  /// Against the definition, element by element.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `many elements are made of those a period ahead, across the end of the memory`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    let room = random.pick([4, 8, 32])
    let ring = Ring(repeating: UInt64(0), count: room)
    let view = unsafe ring.view
    let period = random.inRange(1...room)
    let first = UInt64(random.below(100))
    var wanted = (0..<period).map { UInt64($0 * 1000) }
    for (offset, element) in wanted.enumerated() { unsafe view[first + UInt64(offset)] = element }
    let start = first + UInt64(period)
    let count = random.pick([0, 1, 2, 7, 90])
    unsafe view.fill(start..<start + UInt64(count), from: UInt64(period)) { $0 + 1 }
    for _ in 0..<count { wanted.append(wanted[wanted.count - period] + 1) }
    for (offset, element) in wanted.enumerated().suffix(room) {
      #expect(ring[first + UInt64(offset)] == element)
    }
  }
}
