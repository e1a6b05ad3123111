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
}
