import Testing
import TraceCore

@Suite struct `Fixed buffers` {
  private func contents(_ buffer: borrowing FixedBuffer<UInt64>) -> [UInt64] {
    (0..<buffer.count).map { buffer[$0] }
  }

  @Test func `a buffer starts with its value and keeps what is written`() {
    var buffer = FixedBuffer<UInt64>(repeating: 7, count: 3)
    #expect(contents(buffer) == [7, 7, 7])
    buffer[1] = 9
    buffer[2] += 1
    #expect(contents(buffer) == [7, 9, 8])
  }

  @Test func `growing keeps what is held`() {
    var buffer = FixedBuffer<UInt64>(repeating: 1, count: 2)
    buffer[0] = 5
    buffer.grow(to: 4, repeating: 3)
    #expect(contents(buffer) == [5, 1, 3, 3])
  }

  @Test func `growing to less or the same does nothing`() {
    var buffer = FixedBuffer<UInt64>(repeating: 1, count: 2)
    for count in [2, 1, 0, -1] {
      buffer.grow(to: count, repeating: 9)
      #expect(contents(buffer) == [1, 1])
    }
  }

  @Test func `an empty buffer can grow`() {
    var buffer = FixedBuffer<UInt64>(repeating: 1, count: 0)
    #expect(buffer.count == 0)
    buffer.grow(to: 1, repeating: 4)
    #expect(contents(buffer) == [4])
  }

  @Test func `an index outside is a programmer's mistake`() async {
    await #expect(processExitsWith: .failure) {
      let buffer = FixedBuffer<UInt64>(repeating: 0, count: 2)
      _ = buffer[2]
    }
    await #expect(processExitsWith: .failure) {
      var buffer = FixedBuffer<UInt64>(repeating: 0, count: 0)
      buffer[0] = 1
    }
    await #expect(processExitsWith: .failure) {
      let buffer = FixedBuffer<UInt64>(repeating: 0, count: 2)
      _ = buffer[-1]
    }
  }
}
