import ConfigSpace
import Testing
import TraceCore

/// Whole sequences, as an operating system issues them.
@Suite struct SequenceTests {
  /// Reads an image the way a probe does: header, then both lists.
  private func probe(_ feed: inout Feeder, _ image: TestImage) {
    for register in stride(from: 0, to: 0x40, by: 4) { read(&feed, image, register) }
    for register in [0x40, 0x44, 0x50, 0x60, 0x64, 0x68, 0xa0, 0x100, 0x150, 0x154, 0x158] {
      read(&feed, image, register)
    }
    for register in stride(from: 0x240, to: 0x254, by: 4) { read(&feed, image, register) }
  }

  private func read(_ feed: inout Feeder, _ image: TestImage, _ register: Int) {
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(image.bytes[register + index]) << UInt32(8 * index) }
    feed.read(UInt16(register), 4, value)
  }

  // Linux 6.18 pci_reset_function with method flr: save, Command := 0x0400, DEVSTA, DEVCTL read
  // and written with bit 15, 100 ms, Command polled, restore from the highest double word down.
  @Test func `Linux's FLR gives one disable, one reset and one enable`() throws {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    let image = TestImage.endpoint
    probe(&feed, image)
    #expect(space.window(for: testEndpoint)?.memory == .on)
    var events = feed.write(0x04, 2, 0x0400)
    feed.read(0x6a, 2, 0x0020)
    feed.read(0x6a, 2, 0x0000)
    let pendingClear = feed.record - 1
    feed.read(0x68, 2, 0x2810)
    events += feed.write(0x68, 2, 0xa810)
    feed.time = 100_000_000
    feed.read(0x04, 4, 0xffff_ffff)
    feed.read(0x04, 4, 0x0010_0000)
    events += feed.write(0x68, 2, 0x2810)
    for register in stride(from: 0x3c, through: 0x10, by: -4) {
      feed.read(UInt16(register), 4, 0)
      if register == 0x10 { events += feed.write(0x10, 4, 0xc000_0000) }
    }
    feed.read(0x04, 4, 0x0010_0000)
    events += feed.write(0x04, 4, 0x0010_0406)
    #expect(events.map(\.kind) == [.memoryDisable, .functionLevelReset, .memoryEnable])
    #expect(events[1].pendingClearRecord == pendingClear)
    let window = try #require(space.window(for: testEndpoint))
    #expect(window.memory == .on)
    #expect(window.cause?.untilNs == 100_000_000)
    #expect(!window.isRecovering(at: feed.time))
    #expect(space.count(of: .unknownCapability) == 0)
    #expect(space.count(of: .allOnesRead) == 1)
  }

  // The same with method pm: D3hot and back.
  @Test func `Linux's PM reset gives a start and an end`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    probe(&feed, .endpoint)
    var events = feed.write(0x04, 2, 0x0400)
    feed.read(0x44, 2, 0)
    events += feed.write(0x44, 2, 3)
    feed.time = 10_000_000
    events += feed.write(0x44, 2, 0)
    events += feed.write(0x04, 2, 0x0406)
    #expect(events.map(\.kind) == [.memoryDisable, .pmResetStart, .pmResetDone, .memoryEnable])
    #expect(space.window(for: testEndpoint)?.cause?.untilNs == 20_000_000)
  }

  // BAR sizing as every kernel does it: read, all ones, read the size, write back.
  @Test func `sizing a BAR is no move`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    probe(&feed, .endpoint)
    var events = feed.write(0x10, 4, .max)
    feed.read(0x10, 4, 0xfe00_0000)
    events += feed.write(0x10, 4, 0xc000_0000)
    #expect(events.map(\.kind) == [.barSizing])
    #expect(feed.write(0x10, 4, 0xd000_0000).map(\.kind) == [.barMove])
  }

  @Test func `a retry answer and another device are not mixed with what is known`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    probe(&feed, .endpoint)
    feed.read(0x00, 4, 0xffff_0001)
    #expect(space.count(of: .deviceReplaced) == 0)
    #expect(feed.write(0x68, 2, 0x8000).map(\.kind) == [.functionLevelReset])
    feed.read(0x00, 4, 0x5678_8086)
    #expect(space.count(of: .deviceReplaced) == 1)
    #expect(feed.write(0x68, 2, 0x8000).isEmpty)
    #expect(space.count(of: .unknownCapability) == 1)
  }

  @Test func `functions beyond the limit are counted and ignored`() {
    let space = ConfigSpace(times: testTimes, functionLimit: 2)
    for device in UInt8(0)..<4 {
      var feed = Feeder(space, PCIFunction(bus: 0, device: device, function: 0))
      feed.read(0x04, 2, 0x0006)
    }
    #expect(space.count(of: .functionLimit) == 2)
    #expect(space.window(for: PCIFunction(bus: 0, device: 1, function: 0))?.memory == .on)
    #expect(space.window(for: PCIFunction(bus: 0, device: 2, function: 0)) == nil)
  }
}
