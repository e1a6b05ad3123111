import ConfigSpace
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
    var random = SplitMix64(state: seed)
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
}
