import ConfigSpace
import Testing
import TraceCore

@Suite struct RecoveryTests {
  private static let milli: UInt64 = 1_000_000

  @Test func `an FLR holds its function for 100 ms`() throws {
    let sibling = PCIFunction(bus: 1, device: 0, function: 1)
    let image = TestImage.endpoint.bytes
    let space = ConfigSpace(images: [testEndpoint: image, sibling: image], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    feed.time = 5
    let event = try #require(feed.write(0x68, 2, 0x8000).first)
    #expect(event.scope == .function)
    #expect(event.window?.nanoseconds == 100 * Self.milli)
    let window = try #require(space.window(for: testEndpoint))
    #expect(!window.isRecovering(at: 4))
    #expect(window.isRecovering(at: 5))
    #expect(window.isRecovering(at: 4 + 100 * Self.milli))
    #expect(!window.isRecovering(at: 5 + 100 * Self.milli))
    #expect(window.memory == .off)
    #expect(space.window(for: sibling)?.cause == nil)
    #expect(space.window(for: sibling)?.memory == .on)
  }

  @Test func `a bus reset holds everything below until 100 ms after its release`() throws {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
      times: testTimes)
    let unseen = PCIFunction(bus: 3, device: 4, function: 5)
    let outside = PCIFunction(bus: 4, device: 0, function: 0)
    var feed = Feeder(space, testPort)
    feed.time = 10
    let assert = try #require(feed.write(0x3e, 2, 0x40).first)
    #expect(assert.scope == .buses(1...3))
    #expect(assert.window?.nanoseconds == nil)
    for function in [testEndpoint, unseen] {
      #expect(space.window(for: function)?.isRecovering(at: .max) == true)
    }
    #expect(space.window(for: outside) == nil)
    #expect(space.window(for: testPort)?.cause == nil)
    #expect(space.window(for: testEndpoint)?.memory == .off)
    feed.time = 2 * Self.milli
    #expect(feed.write(0x3e, 2, 0).map(\.kind) == [.busResetRelease])
    let cause = try #require(space.window(for: unseen)?.cause)
    #expect(cause.fromNs == 10)
    #expect(cause.untilNs == 102 * Self.milli)
    #expect(cause.function == testPort)
  }

  @Test func `a bus reset ends what the functions below had open`() throws {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
      times: testTimes)
    var feed = Feeder(space, testEndpoint)
    #expect(feed.write(0x44, 2, 3).map(\.kind) == [.pmResetStart])
    feed.function = testPort
    feed.time = 20
    _ = feed.write(0x3e, 2, 0x40)
    feed.time = 30
    _ = feed.write(0x3e, 2, 0)
    #expect(space.window(for: testEndpoint)?.cause?.untilNs == 30 + 100 * Self.milli)
    feed.function = testEndpoint
    #expect(feed.write(0x44, 2, 0).isEmpty, "the reset already left D3hot")
  }

  @Test func `a bridge without known buses counts`() {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.with(0x19, 0).bytes], times: testTimes)
    var feed = Feeder(space, testPort)
    #expect(feed.write(0x3e, 2, 0x40).map(\.scope) == [.belowBridge])
    #expect(space.count(of: .unknownBusRange) == 1)
    #expect(space.busesBelow(testPort) == nil)
    _ = feed.write(0x18, 4, 0x0005_0400)
    #expect(space.busesBelow(testPort) == 4...5)
  }

  // Timeout code 2 of the fixture: 1 s.
  @Test func `a CXL reset holds the whole device for its coded time`() throws {
    let space = ConfigSpace(images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    let event = try #require(feed.write(0x250, 2, 4).first)
    #expect(event.scope == .device)
    #expect(event.window?.nanoseconds == 1000 * Self.milli)
    let sibling = PCIFunction(bus: 1, device: 0, function: 7)
    let neighbour = PCIFunction(bus: 1, device: 1, function: 0)
    #expect(space.window(for: sibling)?.isRecovering(at: 999 * Self.milli) == true)
    #expect(space.window(for: neighbour) == nil)
  }

  @Test func `a trigger seen in a status read opens a window that release ends`() throws {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.with(0x208, 0).bytes], times: testTimes)
    var feed = Feeder(space, testPort)
    #expect(feed.read(0x208, 2, 0x0001).map(\.kind) == [.dpcTrigger])
    #expect(feed.read(0x208, 2, 0x0001).isEmpty)
    #expect(space.window(for: testEndpoint)?.isRecovering(at: .max) == true)
    feed.time = 7
    #expect(feed.write(0x208, 2, 1).map(\.kind) == [.dpcRelease])
    #expect(space.window(for: testEndpoint)?.cause?.untilNs == 7 + 100 * Self.milli)
  }

  @Test func `a window at the end of time does not overflow`() {
    let space = ConfigSpace(images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    feed.time = .max - 1
    _ = feed.write(0x68, 2, 0x8000)
    #expect(space.window(for: testEndpoint)?.cause?.untilNs == .max)
  }

  // Codes 0 to 4 of the CXL Reset Timeout: 10 ms x 10^n; anything else takes the longest.
  @Test(arguments: zip(UInt8(0)..<8, [10, 100, 1000, 10_000, 100_000, 100_000, 100_000, 100_000]))
  func `a CXL reset takes its coded time`(code: UInt8, milliseconds: UInt64) throws {
    let image = TestImage.endpoint.with(0x24b, code)
    let space = ConfigSpace(images: [testEndpoint: image.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    let event = try #require(feed.write(0x250, 2, 4).first)
    #expect(event.window?.nanoseconds == milliseconds * Self.milli)
  }

  @Test(
    arguments: [
      ("vfio_pci_reset_flr", .functionLevelReset, 100), ("flr", .functionLevelReset, 100),
      ("vfio_pci_reset_pm", .pmReset, 10), ("PM", .pmReset, 10),
      ("vfio_pci_hot_reset", .hotReset, 100), ("bus", .hotReset, 100),
      ("vfio-pci-reset", .resetRequested, nil), ("af_flr", .advancedFeaturesReset, 100),
      ("wobble", .unknownReset, nil), ("", .unknownReset, nil),
    ] as [(String, ConfigEvent.Kind, UInt64?)])
  func `a notice is read by its name`(name: String, kind: ConfigEvent.Kind, window: UInt64?) throws
  {
    let space = ConfigSpace(images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    let events = space.resetNotice(kind: name, function: testEndpoint, time: 3, record: 9)
    let event = try #require(events.first)
    #expect(events.count == 1)
    #expect(event.kind == kind)
    #expect(event.record == 9)
    #expect(event.window?.nanoseconds == window.map { $0 * Self.milli })
    #expect(space.count(of: .unknownResetNotice) == (kind == .unknownReset ? 1 : 0))
    let memory = space.window(for: testEndpoint)?.memory ?? .unknown
    #expect(memory == (kind == .resetRequested ? .on : .unknown))
    #expect(space.resetNotice(kind: name, function: nil, time: 3, record: 9).isEmpty)
  }

  @Test func `a hot reset notice covers the bus and the buses behind it`() {
    let bridge = PCIFunction(bus: 1, device: 2, function: 0)
    var below = TestImage.port
    below.put(0x18, 1, 2, 4)
    let space = ConfigSpace(images: [bridge: below.bytes], times: testTimes)
    let events = space.resetNotice(kind: "hot_reset", function: testEndpoint, time: 0, record: 0)
    #expect(events.map(\.scope) == [.buses(1...4)])
    let deep = PCIFunction(bus: 4, device: 0, function: 0)
    #expect(space.window(for: deep)?.isRecovering(at: 1) == true)
  }

  // What a bridge is said to do happens below it; "hot_reset" is what befell a function.
  @Test(arguments: [
    ("sbr", true), ("vfio-bus-reset", true), ("secondary_bus_reset", true),
    ("hot_reset", false), ("bus", false),
  ])
  func `a notice of a secondary bus reset at a bridge is about the buses below`(
    name: String, isBelow: Bool
  ) {
    let space = ConfigSpace(images: [testPort: TestImage.port.bytes], times: testTimes)
    let events = space.resetNotice(kind: name, function: testPort, time: 0, record: 0)
    // The port's own bus is 0, and that of its buses below the last is 3.
    #expect(events.map(\.scope) == [isBelow ? .buses(1...3) : .buses(0...3)])
    #expect(space.window(for: testEndpoint)?.cause?.untilNs == 100 * Self.milli)
    #expect((space.window(for: testPort)?.cause == nil) == isBelow)
  }

  @Test func `a notice ends no window of another one`() {
    func end(_ notices: [(String, UInt64)]) -> UInt64? {
      let space = ConfigSpace(times: testTimes)
      for (name, time) in notices {
        _ = space.resetNotice(
          kind: name, function: testEndpoint, time: time * Self.milli, record: 0)
      }
      return space.window(for: PCIFunction(bus: 1, device: 0, function: 1))?.cause?.untilNs.map {
        $0 / Self.milli
      } ?? space.window(for: testEndpoint)?.cause?.untilNs.map { $0 / Self.milli }
    }
    // FLR until 100, D3hot and back until 60.
    #expect(end([("flr", 0), ("pm", 50)]) == 100)
    #expect(end([("flr", 0), ("flr", 50)]) == 150)
    // The bus until 100, the one function until 150: another function of the bus has the former.
    #expect(end([("hot_reset", 0), ("flr", 50)]) == 100)
  }

  @Test func `a notice that repeats a config write's reset names it`() {
    func repeated(_ write: (UInt16, UInt32), _ notice: String, _ time: UInt64) -> UInt64? {
      let space = ConfigSpace(
        images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
        times: testTimes)
      var feed = Feeder(space, write.0 == 0x3e ? testPort : testEndpoint)
      feed.record = 7
      _ = feed.write(write.0, 2, write.1)
      return space.resetNotice(
        kind: notice, function: feed.function, time: time * Self.milli, record: 8
      ).first?.repeatedRecord
    }
    #expect(repeated((0x68, 0x8000), "vfio_pci_reset_flr", 0) == 7)
    #expect(repeated((0x68, 0x8000), "flr", 1) == nil, "at another time it is another one")
    #expect(repeated((0x68, 0x8000), "hot_reset", 0) == nil, "another scope")
    #expect(repeated((0x44, 3), "pm", 0) == 7)
    #expect(repeated((0x3e, 0x40), "sbr", 0) == 7)
    #expect(repeated((0x3e, 0x40), "sbr", 2) == nil)
    #expect(repeated((0x04, 0), "flr", 0) == nil)
  }

  @Test func `reports name every counter`() {
    let space = ConfigSpace(times: testTimes)
    _ = space.resetNotice(kind: "?", function: nil, time: 0, record: 0)
    var counters = TraceCounters()
    space.report(into: &counters)
    #expect(counters.rows.map(\.name) == ["config_unknown_reset_notice"])
    #expect(Set(ConfigOddity.allCases.map(\.name)).count == ConfigOddity.allCases.count)
  }
}
