import ConfigSpace
import Testing
import TraceCore

/// Bridges, alternative routing IDs and virtual functions.
@Suite struct TopologyTests {
  /// A root port over buses 1 to 4, a switch in it: upstream 01:00.0 over 2 to 4, downstream
  /// 02:00.0 over 3 and 02:01.0 over 4, an endpoint behind each; beside it a port over 8.
  private static let upstream = PCIFunction(bus: 1, device: 0, function: 0)
  private static let downstream = [0, 1].map { PCIFunction(bus: 2, device: $0, function: 0) }
  private static let leaf = [3, 4].map { PCIFunction(bus: $0, device: 0, function: 0) }
  private static let secondPort = PCIFunction(bus: 0, device: 2, function: 0)

  private static func bridge(_ type: UInt8, _ buses: (UInt8, UInt8, UInt8)) -> [UInt8] {
    var image = TestImage.port
    image.put(0x18, buses.0, buses.1, buses.2)
    image.put(0x62, type << 4 | 2)
    return image.bytes
  }

  private static func tree() -> ConfigSpace {
    let endpoint = TestImage.endpoint.bytes
    return ConfigSpace(
      images: [
        testPort: bridge(4, (0, 1, 4)), upstream: bridge(5, (1, 2, 4)),
        downstream[0]: bridge(6, (2, 3, 3)), downstream[1]: bridge(6, (2, 4, 4)),
        leaf[0]: endpoint, leaf[1]: endpoint, secondPort: bridge(4, (0, 8, 9)),
      ], times: testTimes)
  }

  // Bridge, and who is below it, by hand.
  @Test(
    arguments: [
      (testPort, [upstream] + downstream + leaf), (upstream, downstream + leaf),
      (downstream[0], [leaf[0]]), (downstream[1], [leaf[1]]), (secondPort, []),
    ] as [(PCIFunction, [PCIFunction])])
  func `a bus reset hits every bus below its port`(port: PCIFunction, below: [PCIFunction]) throws {
    let space = Self.tree()
    var feed = Feeder(space, port)
    let event = try #require(feed.write(0x3e, 2, 0x40).first)
    #expect(space.functions(in: event) == below.sorted())
    for function in below {
      #expect(space.window(for: function)?.situation(at: 1) == .linkDown)
    }
    // A bridge forgets its bus numbers in a reset, the port that makes it does not.
    #expect(space.busesBelow(port) != nil)
    for bridge in below where !Self.leaf.contains(bridge) {
      #expect(space.busesBelow(bridge) == nil)
    }
    #expect(space.count(of: .unknownBusRange) == 0)
  }

  @Test func `a new secondary bus is counted and the reset covers the new buses`() throws {
    let space = Self.tree()
    var feed = Feeder(space, Self.secondPort)
    _ = feed.write(0x18, 4, 0x000b_0a00)
    #expect(space.count(of: .busRenumbered) == 1)
    #expect(feed.write(0x3e, 2, 0x40).map(\.scope) == [.buses(10...11)])
  }

  // Types by PCIe Base 5.0, 7.5.3.2; only these own a link below.
  @Test(arguments: UInt8(0)..<16)
  func `only downstream ports disable a link`(type: UInt8) {
    let space = ConfigSpace(
      images: [testPort: Self.bridge(type, (0, 1, 4))], times: testTimes)
    var feed = Feeder(space, testPort)
    #expect(feed.write(0x70, 2, 0x10).isEmpty == ![4, 6, 8].contains(type))
  }

  // None of the three is sticky: PCIe Base 5.0, 7.5.3.7 and 7.5.3.16; CXL 3.0, 8.1.5.2.
  @Test func `a reset above clears the controls of a port`() {
    let (port, leaf) = (Self.downstream[0], Self.leaf[0])
    func space() -> (ConfigSpace, Feeder) {
      var device = TestImage.endpoint
      device.put(0x100, 0x0e, 0x00, 0x01, 0x15)
      let space = ConfigSpace(
        images: [
          testPort: Self.bridge(4, (0, 1, 4)), Self.upstream: Self.bridge(5, (1, 2, 4)),
          port: Self.bridge(6, (2, 3, 3)), leaf: device.bytes,
        ], times: testTimes)
      return (space, Feeder(space, port))
    }
    func reset(_ feed: inout Feeder) {
      feed.function = testPort
      _ = feed.write(0x3e, 2, 0x40)
      _ = feed.write(0x3e, 2, 0)
      feed.function = port
      _ = feed.write(0x18, 4, 0x0003_0302)
    }
    var (tree, feed) = space()
    #expect(feed.write(0x70, 2, 0x10).map(\.kind) == [.linkDisable])
    reset(&feed)
    #expect(feed.write(0x70, 2, 0).isEmpty, "the link is on already")
    #expect(feed.write(0x70, 2, 0x10).map(\.kind) == [.linkDisable])
    (tree, feed) = space()
    _ = feed.write(0x88, 2, 0x20)
    #expect(tree.usesARI(leaf))
    reset(&feed)
    #expect(tree.busesBelow(port) == 3...3)
    #expect(!tree.usesARI(leaf))
    (tree, feed) = space()
    reset(&feed)
    #expect(feed.write(0x3e, 2, 0x40).isEmpty)
    #expect(tree.count(of: .maskedBusReset) == 1)
  }

  // Type 7 is a bridge from PCIe to PCI: 1000 + 100 ms for its bus (PCI 3.0), 100 ms for others.
  @Test func `behind a PCI bridge a reset from further up takes as long as its bus`() {
    let bridge = PCIFunction(bus: 1, device: 0, function: 0)
    let behind = PCIFunction(bus: 2, device: 0, function: 0)
    let space = ConfigSpace(
      images: [testPort: Self.bridge(4, (0, 1, 4)), bridge: Self.bridge(7, (1, 2, 2))],
      times: testTimes)
    var feed = Feeder(space, testPort)
    _ = feed.write(0x3e, 2, 0x40)
    feed.time = 2_000_000
    _ = feed.write(0x3e, 2, 0)
    feed.function = bridge
    let generation = space.generation
    _ = feed.write(0x18, 4, 0x0002_0201)
    #expect(space.generation > generation)
    #expect(space.window(for: behind)?.cause?.untilNs == 1_102_000_000)
    #expect(space.window(for: bridge)?.cause?.untilNs == 102_000_000)
    #expect(
      space.window(for: PCIFunction(bus: 3, device: 0, function: 0))?.cause?.untilNs == 102_000_000)
  }

  // MARK: ARI

  private static func ariSpace(forwards: Bool, capability: Bool) -> ConfigSpace {
    var port = TestImage.port
    port.put(0x88, forwards ? 0x20 : 0)
    var device = TestImage.endpoint
    if capability { device.put(0x100, 0x0e, 0x00, 0x01, 0x15) }
    return ConfigSpace(
      images: [
        testPort: port.bytes, testEndpoint: device.bytes,
        PCIFunction(bus: 1, device: 3, function: 1): TestImage.endpoint.bytes,
        PCIFunction(bus: 2, device: 0, function: 0): TestImage.endpoint.bytes,
      ], times: testTimes)
  }

  @Test func `with ARI all functions of a bus are one device`() throws {
    let number25 = PCIFunction(bus: 1, device: 3, function: 1)
    let space = Self.ariSpace(forwards: true, capability: true)
    #expect(space.usesARI(number25))
    var feed = Feeder(space, testEndpoint)
    let event = try #require(feed.write(0x250, 2, 4).first)
    #expect(event.scope == .ariDevice)
    #expect(space.functions(in: event) == [testEndpoint, number25])
    #expect(space.window(for: number25)?.isRecovering(at: 1) == true)
  }

  @Test func `ARI needs the capability and the port's forwarding`() {
    for (forwards, capability) in [(false, true), (true, false), (false, false)] {
      let space = Self.ariSpace(forwards: forwards, capability: capability)
      #expect(!space.usesARI(testEndpoint))
      var feed = Feeder(space, testEndpoint)
      #expect(feed.write(0x250, 2, 4).map(\.scope) == [.device])
    }
    // Enabled by a write.
    let space = Self.ariSpace(forwards: false, capability: true)
    var feed = Feeder(space, testPort)
    _ = feed.write(0x88, 2, 0x20)
    #expect(space.usesARI(testEndpoint))
  }

  // MARK: SR-IOV

  /// VFs at 01:00.0 + 0x80 + 2 n, 3 of them; VF MSE and VF Enable set.
  private static let physical: TestImage = {
    var image = TestImage.endpoint
    image.put(0x158, 0x09)
    image.put(0x160, 3, 0)
    image.put(0x164, 0x80, 0, 2, 0)
    return image
  }()
  private static let virtual = [0x80, 0x82, 0x84].map {
    PCIFunction(rawValue: testEndpoint.rawValue + $0)
  }

  private static func virtualSpace(_ image: TestImage = physical) -> ConfigSpace {
    var images = [testEndpoint: image.bytes]
    for function in virtual { images[function] = TestImage.endpoint.with(4, 0).bytes }
    images[PCIFunction(rawValue: virtual[0].rawValue + 1)] = TestImage.endpoint.bytes
    return ConfigSpace(images: images, times: testTimes)
  }

  // Offsets and strides: PCIe Base 5.0, 9.3.3.9 and 9.3.3.10; sums by hand, modulo 2^16.
  @Test func `VF numbers follow offset and stride`() throws {
    let numbers = try #require(VirtualFunctions(count: 3, offset: 0x1ff, stride: 0x101))
    let physical = PCIFunction(bus: 0xfe, device: 0, function: 1)
    let expected: [UInt32] = [0x0000, 0x0101, 0x0202]
    for number in UInt16(0)..<3 {
      let function = numbers.function(number, physical: physical)
      #expect(function.rawValue == expected[Int(number)])
      #expect(numbers.number(of: function, physical: physical) == Int(number))
    }
    #expect(numbers.number(of: PCIFunction(rawValue: 0x0303), physical: physical) == nil)
    #expect(numbers.number(of: PCIFunction(rawValue: 0x0001), physical: physical) == nil)
    #expect(numbers.number(of: physical, physical: physical) == nil)
    for (count, offset, stride) in [(0, 1, 1), (1, 0, 1), (2, 1, 0)] as [(UInt16, UInt16, UInt16)] {
      #expect(VirtualFunctions(count: count, offset: offset, stride: stride) == nil)
    }
    let one = try #require(VirtualFunctions(count: 1, offset: 1, stride: 0))
    #expect(one.number(of: PCIFunction(rawValue: 0xfe02), physical: physical) == 0)
    #expect(one.number(of: PCIFunction(rawValue: 0xfe03), physical: physical) == nil)
  }

  @Test func `an FLR of the PF takes its VFs along`() throws {
    let space = Self.virtualSpace()
    #expect(space.window(for: Self.virtual[1])?.memory == .on, "VF MSE is the VFs' memory enable")
    var feed = Feeder(space, testEndpoint)
    let event = try #require(feed.write(0x68, 2, 0x8000).first)
    #expect(space.functions(in: event) == [testEndpoint] + Self.virtual)
    for function in Self.virtual {
      let window = try #require(space.window(for: function))
      #expect(window.isRecovering(at: 99_999_999) && !window.isRecovering(at: 100_000_000))
      #expect(window.memory == .off, "VF Enable is 0")
    }
    #expect(space.window(for: PCIFunction(rawValue: Self.virtual[0].rawValue + 1))?.memory == .on)
  }

  @Test func `an FLR of a VF is its own`() throws {
    let space = Self.virtualSpace()
    var feed = Feeder(space, Self.virtual[0])
    let event = try #require(feed.write(0x68, 2, 0x8000).first)
    #expect(space.functions(in: event) == [Self.virtual[0]])
    #expect(space.window(for: Self.virtual[0])?.memory == .on, "VF MSE is the PF's")
  }

  @Test func `VFs are gone from VF Enable 1 to 0 until 100 ms after 0 to 1`() throws {
    let space = Self.virtualSpace()
    var feed = Feeder(space, testEndpoint)
    feed.time = 10
    let event = try #require(feed.write(0x158, 2, 8).first)
    #expect(event.kind == .vfDisable)
    #expect(space.functions(in: event) == Self.virtual)
    let gone = try #require(space.window(for: Self.virtual[2]))
    #expect(gone.isRecovering(at: .max) && gone.memory == .off)
    #expect(gone.situation(at: 11) == .memoryOff)
    #expect(space.window(for: testEndpoint)?.cause == nil)
    feed.time = 50
    #expect(feed.write(0x158, 2, 9).map(\.kind) == [.vfEnable])
    let back = try #require(space.window(for: Self.virtual[2]))
    #expect(back.cause?.untilNs == 100_000_050)
    #expect(back.memory == .on)
  }

  // With VF Enable, which the reset clears, PCIe Base 5.0, 9.2.2.3; in D3hot as on the way back.
  @Test func `D3hot of a PF that loses its state there concerns its VFs`() throws {
    let space = Self.virtualSpace()
    var feed = Feeder(space, testEndpoint)
    for value in [3, 0] as [UInt32] {
      let event = try #require(feed.write(0x44, 2, value).first)
      #expect(space.functions(in: event) == [testEndpoint] + Self.virtual)
    }
    #expect(space.count(of: .unknownVirtualFunctions) == 0)
  }

  @Test func `VF MSE is an event of all VFs`() throws {
    let space = Self.virtualSpace()
    var feed = Feeder(space, testEndpoint)
    for (value, kind) in [(1, .vfMemoryDisable), (9, .vfMemoryEnable)]
      as [(UInt32, ConfigEvent.Kind)]
    {
      let events = feed.write(0x158, 2, value)
      #expect(events.map(\.kind) == [kind])
      #expect(space.functions(in: try #require(events.first)) == Self.virtual)
      #expect(events.first?.window == nil && !kind.issuesReset)
    }
  }

  @Test func `a VF that fewer VFs do not bring back stays away`() {
    let space = Self.virtualSpace()
    var feed = Feeder(space, testEndpoint)
    _ = feed.write(0x158, 2, 0)
    _ = feed.write(0x160, 2, 1)
    _ = feed.write(0x158, 2, 9)
    #expect(space.window(for: Self.virtual[0])?.memory == .on)
    #expect(space.window(for: Self.virtual[1])?.memory == .off)
    #expect(space.window(for: Self.virtual[2])?.memory == .off)
    _ = feed.write(0x158, 2, 0)
    _ = feed.write(0x160, 2, 3)
    _ = feed.write(0x158, 2, 9)
    #expect(space.window(for: Self.virtual[2])?.memory == .on)
  }

  // Vendor and Device ID are all ones, Command.MEM is hardwired to 0: PCIe Base 5.0, 9.3.4.1.1
  // and 9.3.4.1.3.
  @Test func `an image without an ID is that of a VF`() {
    var image = TestImage.endpoint.with(0x04, 0)
    image.put(0x00, 0xff, 0xff, 0xff, 0xff)
    let space = ConfigSpace(images: [testEndpoint: image.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    #expect(space.window(for: testEndpoint) == nil, "nothing is known of the PF's VF MSE")
    #expect(feed.write(0x68, 2, 0x8000).map(\.kind) == [.functionLevelReset])
    #expect(space.window(for: testEndpoint)?.memory == .unknown)
  }

  @Test func `Command of a function without an ID says nothing of its memory`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    feed.read(0x00, 4, .max)
    feed.read(0x04, 4, 0x0010_0004)
    #expect(space.window(for: testEndpoint) == nil)
    // It has one after all.
    feed.read(0x00, 4, 0x1234_10de)
    #expect(space.window(for: testEndpoint)?.memory == .off)
    // All ones after a reset are those of a function that is not ready.
    feed.read(0x00, 4, .max)
    #expect(space.window(for: testEndpoint)?.memory == .off)
  }

  @Test func `VFs with unknown numbers are counted`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    let image = TestImage.endpoint
    for register in [
      0x00, 0x04, 0x08, 0x0c, 0x34, 0x40, 0x50, 0x60, 0x64, 0xa0, 0x100, 0x150, 0x158,
    ] {
      let value = (0..<4).reduce(UInt32(0)) {
        $0 | UInt32(image.bytes[register + $1]) << UInt32(8 * $1)
      }
      feed.read(UInt16(register), 4, value)
    }
    #expect(feed.write(0x68, 2, 0x8000).map(\.scope) == [.functionAndVirtual(nil)])
    #expect(space.count(of: .unknownVirtualFunctions) == 1)
    // NumVFs 0: there are none.
    let none = ConfigSpace(images: [testEndpoint: image.bytes], times: testTimes)
    var other = Feeder(none, testEndpoint)
    #expect(other.write(0x68, 2, 0x8000).map(\.scope) == [.function])
  }
}
