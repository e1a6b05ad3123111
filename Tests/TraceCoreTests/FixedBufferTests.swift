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

  @Test func `a table that gets wider and longer keeps rows and columns`() {
    var table = FixedBuffer<UInt64>(repeating: 0, count: 0)
    table.grow(rows: 2, from: 0, to: 2, repeating: 9)
    #expect(contents(table) == [9, 9, 9, 9])
    for index in 0..<4 { table[index] = UInt64(index) }
    table.grow(rows: 3, from: 2, to: 4, repeating: 7)
    #expect(contents(table) == [0, 1, 7, 7, 2, 3, 7, 7, 7, 7, 7, 7])
    table.grow(rows: 1, from: 4, to: 4, repeating: 8)
    #expect(table.count == 12)
    table.grow(rows: 4, from: 4, to: 4, repeating: 8)
    #expect(contents(table).suffix(5) == [7, 8, 8, 8, 8])
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
