import ConfigSpace
import TestSupport
import Testing
import TraceCore

@Suite struct HostileTests {
  private func events(
    _ image: TestImage, _ register: UInt16, _ value: UInt32
  )
    -> (ConfigSpace, [ConfigEvent.Kind])
  {
    let space = ConfigSpace(images: [testEndpoint: image.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    return (space, feed.write(register, 2, value).map(\.kind))
  }

  @Test func `a loop in the capability list is cut and what came before counts`() {
    let (space, kinds) = events(.endpoint.with(0x61, 0x40), 0x68, 0x8000)
    #expect(kinds == [.functionLevelReset])
    #expect(space.count(of: .capabilityLoop) == 1)
    let (own, none) = events(.endpoint.with(0x41, 0x40), 0x68, 0x8000)
    #expect(none.isEmpty)
    #expect(own.count(of: .capabilityLoop) == 1)
  }

  @Test func `a pointer into the header is cut`() {
    let (space, kinds) = events(.endpoint.with(0x34, 0x10), 0x68, 0x8000)
    #expect(kinds.isEmpty)
    #expect(space.count(of: .capabilityInHeader) == 1)
    // Low bits of a pointer are reserved and ignored.
    #expect(events(.endpoint.with(0x34, 0x43), 0x68, 0x8000).1 == [.functionLevelReset])
  }

  @Test func `an entry of all ones is cut`() {
    let (space, kinds) = events(.endpoint.with(0x50, 0xff), 0x68, 0x8000)
    #expect(kinds.isEmpty)
    #expect(space.count(of: .capabilityAllOnes) == 1)
  }

  @Test func `hostile extended lists are cut`() {
    var loop = TestImage.endpoint
    loop.put(0x150, 0x10, 0x00, 0x01, 0x10)
    #expect(events(loop, 0x158, 0).1 == [.vfDisable])
    #expect(events(loop, 0x158, 0).0.count(of: .capabilityLoop) == 1)
    var header = TestImage.endpoint
    header.put(0x100, 0x01, 0x00, 0x02, 0x04)
    #expect(events(header, 0x158, 0).0.count(of: .capabilityInHeader) == 1)
    var ones = TestImage.endpoint
    ones.put(0x150, 0xff, 0xff, 0xff, 0xff)
    #expect(events(ones, 0x158, 0).1.isEmpty)
    #expect(events(ones, 0x158, 0).0.count(of: .capabilityAllOnes) == 1)
  }

  @Test func `the last possible extended entry is reached without leaving the space`() {
    var image = TestImage.endpoint
    image.put(0x100, 0x23, 0x00, 0xc1, 0xff)
    image.put(0xffc, 0x23, 0x00, 0x01, 0x00)
    let (space, kinds) = events(image, 0xffe, 0)
    #expect(kinds.isEmpty)
    #expect(space.count(of: .unknownCapability) == 0)
  }

  @Test func `a list that changes is walked again`() {
    let space = ConfigSpace(images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    // The PCIe capability moves from 0x60 to 0x70.
    feed.read(0x50, 2, 0x7005)
    feed.read(0x70, 4, 0x0002_0010)
    feed.read(0x74, 4, 0x1000_0000)
    #expect(feed.write(0x68, 2, 0x8000).isEmpty)
    #expect(feed.write(0x78, 2, 0x8000).map(\.kind) == [.functionLevelReset])
  }

  @Test func `images of every length are taken`() {
    for length in [0, 1, 3, 4, 63, 64, 255, 256, 4095, 4096, 5000] {
      let bytes = (TestImage.endpoint.bytes + TestImage.port.bytes).prefix(length)
      let space = ConfigSpace(images: [testEndpoint: Array(bytes)], times: testTimes)
      let expected: RecoveryWindow.MemoryState? = length >= 8 ? .on : nil
      #expect(space.window(for: testEndpoint)?.memory == expected)
    }
    let absent = ConfigSpace(
      images: [testEndpoint: [UInt8](repeating: 0xff, count: 4096)], times: testTimes)
    #expect(absent.window(for: testEndpoint) == nil)
  }

  // Only that nothing traps or hangs; seeds are fixed.
  @Test(arguments: UInt64(1)...8)
  func `random images and accesses never trap`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var images: [PCIFunction: [UInt8]] = [:]
    for function in UInt8(0)..<4 {
      var image = function == 0 ? TestImage.endpoint.bytes : TestImage.port.bytes
      for _ in 0..<(Int(seed) * 40) {
        image[Int.random(in: 0..<4096, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      images[PCIFunction(bus: function / 2, device: 0, function: function & 1)] = image
    }
    let space = ConfigSpace(images: images, times: testTimes, functionLimit: 6)
    for record in UInt64(0)..<20_000 {
      let bits = random.next()
      let function = PCIFunction(
        bus: UInt8(bits & 3), device: 0, function: UInt8(bits >> 2 & 1))
      let small = bits >> 8 & 1 == 0
      let access = ConfigAccess(
        function: function, register: UInt16(bits >> 16 & (small ? 0xff : 0xffff)),
        size: UInt8(bits >> 4 & 7), value: bits >> 9 & 15 == 0 ? nil : UInt32(bits >> 32),
        isWrite: bits >> 3 & 1 == 0, timeNs: bits >> 20, record: record)
      for event in space.access(access) {
        #expect(event.record == record)
      }
      _ = space.window(for: function)
    }
  }

  /// A machine that goes through resets while its bridges are renumbered, its functions come and
  /// go, and its virtual functions too.
  @Test(arguments: UInt64(1)...8)
  func `a machine in turmoil ends, stays bounded and names what it met`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let limit = 12
    let space = ConfigSpace(
      images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
      times: testTimes, functionLimit: limit)
    let writes: [(UInt16, UInt8, UInt32)] = [
      (0x3e, 2, 0x40), (0x3e, 2, 0), (0x68, 2, 0x8000), (0x70, 2, 0x10), (0x70, 2, 0),
      (0x78, 2, 0x400), (0x78, 2, 0), (0x206, 2, 0x40), (0x208, 2, 1), (0x44, 2, 3), (0x44, 2, 0),
      (0x158, 2, 1), (0x158, 2, 0), (0x160, 2, 0xffff), (0x160, 2, 4), (0x88, 2, 0x20),
      (0x250, 2, 4), (0x04, 2, 6), (0x04, 2, 0),
    ]
    let reads: [(UInt16, UInt8, UInt32)] = [
      (0, 4, 0xffff_0001), (0, 4, .max), (0, 4, 0x1234_10de), (0, 4, 0x5678_8086),
      (0x72, 2, 0x2000), (0x72, 2, 0), (0x6c, 4, 0x0010_0004), (0x34, 1, 0x60), (0x34, 1, 0x10),
      (0x60, 4, 0x0142_6010), (0x0c, 4, 0x0001_0000), (0x164, 4, 0x0001_ff00), (0x164, 4, 0),
      (0x208, 2, 0x11), (0x100, 4, 0x1001_000e), (0x100, 4, .max),
    ]
    var time: UInt64 = 0
    for record in UInt64(0)..<20_000 {
      time += UInt64.random(in: 0...20_000_000, using: &random)
      let function = PCIFunction(
        bus: UInt8.random(in: 0...3, using: &random),
        device: UInt8.random(in: 0...1, using: &random), function: 0)
      var feed = Feeder(space, function)
      (feed.time, feed.record) = (time, record)
      switch random.next() % 8 {
      case 0: _ = feed.write(0x18, 4, UInt32(truncatingIfNeeded: random.next()))
      case 1:
        _ = space.resetNotice(
          kind: ["flr", "bus", "pm", "?"].randomElement(using: &random) ?? "",
          function: PCIFunction(rawValue: UInt32(truncatingIfNeeded: random.next())), time: time,
          record: record)
      case 2...4:
        guard let (register, size, value) = reads.randomElement(using: &random) else { break }
        feed.read(register, size, value)
      default:
        guard let (register, size, value) = writes.randomElement(using: &random) else { break }
        for event in feed.write(register, size, value) {
          #expect(space.functions(in: event).count <= limit)
        }
      }
      _ = space.window(for: function)?.situation(at: time)
      _ = space.usesARI(function)
    }
    let everybody = ConfigEvent(
      kind: .hotReset, function: testPort, scope: .buses(0...255), record: 0, timeNs: 0)
    #expect(space.functions(in: everybody).count <= limit)
    let met: [ConfigOddity] = [
      .functionLimit, .resetWhileResetting, .busRenumbered, .retryRead, .allOnesRead,
      .deviceReplaced, .unknownResetNotice,
    ]
    for oddity in met { #expect(space.count(of: oddity) > 0, "\(oddity.name)") }
  }

  // Time stands still, so that no window ends: as many as there are functions, and no more.
  @Test func `windows are bounded where time does not pass`() {
    let space = ConfigSpace(times: testTimes, functionLimit: 8)
    for number in UInt32(0)..<4096 {
      let function = PCIFunction(rawValue: number)
      let events = space.resetNotice(kind: "flr", function: function, time: 0, record: 0)
      #expect(events.count == 1)
      #expect((space.window(for: function)?.cause != nil) == (number < 8))
    }
    #expect(space.count(of: .functionLimit) == 4088)
  }
}
