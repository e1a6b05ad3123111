import ConfigSpace
import Testing
import TraceCore

/// When a window ends, and what was seen of the function by then.
@Suite struct ExactWindowTests {
  private static let milli: UInt64 = 1_000_000

  /// A port with a Max Link Speed and Data Link Active reporting.
  private static func port(speed: UInt8, reports: Bool = true) -> TestImage {
    TestImage.port.with(0x6c, speed).with(0x6e, reports ? 0x10 : 0)
  }

  private func released(_ image: TestImage) -> (ConfigSpace, Feeder) {
    let space = ConfigSpace(
      images: [testPort: image.bytes, testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testPort)
    _ = feed.write(0x3e, 2, 0x40)
    feed.time = 2 * Self.milli
    _ = feed.write(0x3e, 2, 0)
    return (space, feed)
  }

  private func end(_ space: ConfigSpace) -> UInt64? {
    space.window(for: testEndpoint)?.cause?.untilNs.map { $0 / Self.milli }
  }

  // Speeds 1 and 2 are 2.5 and 5 GT/s; PCIe Base 5.0, 6.6.1.
  @Test(arguments: UInt8(1)...7)
  func `above 5 GT/s the time runs from the end of training`(speed: UInt8) {
    var (space, feed) = released(Self.port(speed: speed))
    #expect(end(space) == 102)
    feed.time = 30 * Self.milli
    feed.read(0x72, 2, 0x2000)
    #expect(end(space) == (speed > 2 ? 130 : 102))
    #expect(space.window(for: testEndpoint)?.cause?.linkSeen == (speed > 2 ? true : nil))
    #expect(space.count(of: .linkNeverSeen) == 0)
  }

  @Test func `a link seen down lengthens the window, and one seen up late does not`() {
    var (space, feed) = released(Self.port(speed: 4))
    feed.time = 60 * Self.milli
    feed.read(0x72, 2, 0x0800)
    #expect(end(space) == 160)
    feed.time = 150 * Self.milli
    feed.read(0x70, 4, 0x2000_0000)
    #expect(end(space) == 250)
    feed.time = 200 * Self.milli
    feed.read(0x72, 2, 0x2000)
    #expect(end(space) == 250, "the first one counts")
    // Long after the window as known: when the link came up is not known.
    (space, feed) = released(Self.port(speed: 4))
    feed.time = 5000 * Self.milli
    feed.read(0x72, 2, 0x2000)
    #expect(end(space) == 102)
    #expect(space.count(of: .linkNeverSeen) == 0)
  }

  @Test func `a link that is never seen up is counted once a reset`() {
    var (space, feed) = released(Self.port(speed: 5))
    #expect(space.count(of: .linkNeverSeen) == 1)
    feed.time = 500 * Self.milli
    _ = feed.write(0x3e, 2, 0x40)
    feed.time = 510 * Self.milli
    _ = feed.write(0x3e, 2, 0)
    #expect(space.count(of: .linkNeverSeen) == 2)
    feed.read(0x72, 2, 0x2000)
    #expect(space.count(of: .linkNeverSeen) == 1)
    #expect(space.count(of: .unknownLinkSpeed) == 0)
  }

  @Test func `a port that does not report its link, or of unknown speed, is timed by the release`()
  {
    let (silent, _) = released(Self.port(speed: 5, reports: false))
    #expect(end(silent) == 102 && silent.count(of: .linkNeverSeen) == 0)
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testPort)
    for (register, value) in [(0x0c, 0x1_0000), (0x18, 0x0003_0100), (0x3c, 0x40_0000)] {
      feed.read(UInt16(register), 4, UInt32(value))
    }
    _ = feed.write(0x3e, 2, 0)
    #expect(end(space) == 100)
    #expect(space.count(of: .unknownLinkSpeed) == 1)
  }

  // A bridge to PCI (type 7), and one without any PCIe capability.
  @Test func `a conventional bus takes 1100 ms`() {
    #expect(end(released(.port.with(0x62, 0x72)).0) == 1102)
    #expect(end(released(.port.with(0x06, 0)).0) == 1102)
  }

  @Test func `every release starts the window`() {
    let releases: [(TestImage, UInt16, UInt32)] = [
      (.port.with(0x3e, 0x40), 0x3e, 0), (.port.with(0x70, 0x10), 0x70, 0),
      (.port, 0x208, 1), (.port.with(0x79, 4), 0x78, 0),
    ]
    for (image, register, value) in releases {
      let space = ConfigSpace(images: [testPort: image.bytes], times: testTimes)
      var feed = Feeder(space, testPort)
      feed.time = 7 * Self.milli
      _ = feed.write(register, 2, value)
      #expect(end(space) == 107)
      #expect(space.window(for: testEndpoint)?.cause?.releaseNs == feed.time)
    }
  }

  // PCIe Base 5.0, 7.5.1.1.4: Status bit 0.
  @Test func `Immediate Readiness ends the window of an FLR at once`() throws {
    let image = TestImage.endpoint.with(0x06, 0x11)
    for (register, value) in [(0x68, 0x8000), (0xa4, 1)] as [(UInt16, UInt32)] {
      let space = ConfigSpace(images: [testEndpoint: image.bytes], times: testTimes)
      var feed = Feeder(space, testEndpoint)
      feed.time = 9
      _ = feed.write(register, 2, value)
      let window = try #require(space.window(for: testEndpoint))
      #expect(window.cause?.untilNs == 9)
      #expect(!window.isRecovering(at: 9))
      #expect(window.situation(at: 9) == .afterReset)
    }
  }

  // MARK: Readiness

  @Test func `the first read that returns a value shows the function ready`() throws {
    let space = ConfigSpace(
      images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    _ = feed.write(0x68, 2, 0x8000)
    #expect(space.window(for: testEndpoint)?.readyRecord == nil)
    feed.time = 100 * Self.milli
    feed.read(0x00, 4, 0xffff_0001)
    feed.read(0x04, 4, .max)
    feed.read(0x00, 2, 0x0001)
    let polling = try #require(space.window(for: testEndpoint))
    #expect(polling.readyRecord == nil && polling.failedReads == 3)
    #expect(space.count(of: .retryRead) == 2)
    feed.time = 140 * Self.milli
    let generation = space.generation
    feed.read(0x04, 4, 0x0010_0000)
    #expect(space.generation > generation)
    feed.read(0x00, 4, 0x1234_10de)
    let ready = try #require(space.window(for: testEndpoint))
    #expect(ready.readyRecord == 4 && ready.readyNs == 140 * Self.milli && ready.failedReads == 3)
    _ = feed.write(0x68, 2, 0x8000)
    #expect(space.window(for: testEndpoint)?.readyRecord == nil)
  }

  @Test func `a read before the release of a bus reset does not count`() {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
      times: testTimes)
    var feed = Feeder(space, testPort)
    _ = feed.write(0x3e, 2, 0x40)
    feed.function = testEndpoint
    feed.read(0x00, 4, 0x1234_10de)
    #expect(space.window(for: testEndpoint)?.readyRecord == 1)
    feed.function = testPort
    _ = feed.write(0x3e, 2, 0)
    #expect(space.window(for: testEndpoint)?.readyRecord == nil)
  }

  // PCIe Base 5.0, 6.6.1: 1 s.
  @Test func `a function that is not ready in time is counted once`() {
    let space = ConfigSpace(
      images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    _ = feed.write(0x68, 2, 0x8000)
    for (time, count) in [(1000, 0), (1001, 1), (1002, 1)] as [(UInt64, UInt64)] {
      feed.time = time * Self.milli
      feed.read(0x00, 4, 0xffff_0001)
      #expect(space.count(of: .slowToBeReady) == count)
    }
  }

  // MARK: Situations

  @Test func `what traffic meets follows the events`() {
    let space = ConfigSpace(
      images: [
        testPort: TestImage.port.with(0x208, 0).bytes,
        testEndpoint: TestImage.endpoint.bytes,
      ], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    func now() -> TrafficSituation? { space.window(for: testEndpoint)?.situation(at: feed.time) }
    #expect(now() == .normal)
    _ = feed.write(0x04, 2, 0x0400)
    #expect(now() == .memoryOff)
    _ = feed.write(0x68, 2, 0x8000)
    #expect(now() == .resetting)
    feed.time += 100 * Self.milli
    #expect(now() == .afterReset)
    _ = feed.write(0x04, 2, 0x0006)
    #expect(now() == .normal)
    _ = feed.write(0x04, 2, 0)
    #expect(now() == .memoryOff)
    _ = feed.write(0x44, 2, 3)
    #expect(now() == .memoryOff)
    feed.function = testPort
    _ = feed.write(0x206, 2, 0x40)
    #expect(now() == .contained)
    _ = feed.write(0x208, 2, 1)
    #expect(now() == .linkDown)
    feed.time += 100 * Self.milli
    #expect(now() == .afterReset)
  }

  // MARK: Odd timing

  @Test func `a reset of what is still resetting is counted`() {
    func count(_ steps: [(PCIFunction, UInt16, UInt32, UInt64)]) -> UInt64 {
      let space = ConfigSpace(
        images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
        times: testTimes)
      var feed = Feeder(space, testPort)
      for (function, register, value, time) in steps {
        feed.function = function
        feed.time = time * Self.milli
        _ = feed.write(register, 2, value)
      }
      return space.count(of: .resetWhileResetting)
    }
    #expect(count([(testEndpoint, 0x68, 0x8000, 0), (testEndpoint, 0x68, 0x8000, 99)]) == 1)
    #expect(count([(testEndpoint, 0x68, 0x8000, 0), (testEndpoint, 0x68, 0x8000, 100)]) == 0)
    #expect(count([(testEndpoint, 0x68, 0x8000, 0), (testPort, 0x3e, 0x40, 50)]) == 1)
    // Below a held bus the write reaches nobody; behind its release it does.
    let flr = (testEndpoint, 0x68, 0x8000) as (PCIFunction, UInt16, UInt32)
    #expect(count([(testPort, 0x3e, 0x40, 0), (flr.0, flr.1, flr.2, 1)]) == 0)
    #expect(
      count([(testPort, 0x3e, 0x40, 0), (testPort, 0x3e, 0, 2), (flr.0, flr.1, flr.2, 3)]) == 1)
    #expect(count([(testPort, 0x3e, 0x40, 0), (testPort, 0x70, 0x10, 1)]) == 1)
    // Assert and release are one reset, D3hot and back too.
    #expect(count([(testPort, 0x3e, 0x40, 0), (testPort, 0x3e, 0, 2)]) == 0)
    #expect(count([(testEndpoint, 0x44, 3, 0), (testEndpoint, 0x44, 0, 10)]) == 0)
  }

  // At least 1 ms: PCIe Base 5.0, 7.5.1.3.13.
  @Test func `a bus reset that is held too shortly is counted`() {
    for (hold, count) in [(999_999, 1), (1_000_000, 0)] as [(UInt64, UInt64)] {
      let space = ConfigSpace(images: [testPort: TestImage.port.bytes], times: testTimes)
      var feed = Feeder(space, testPort)
      _ = feed.write(0x3e, 2, 0x40)
      feed.time = hold
      _ = feed.write(0x3e, 2, 0)
      #expect(space.count(of: .shortBusReset) == count)
    }
  }

  // RP extensions: DPC Capability bit 5; RP Busy: DPC Status bit 4.
  @Test func `a DPC trigger cleared while the root port is busy is counted`() {
    for (capability, status, count) in [(0xa0, 0x11, 1), (0xa0, 0x01, 0), (0x80, 0x11, 0)]
      as [(UInt8, UInt8, UInt64)]
    {
      let image = TestImage.port.with(0x204, capability).with(0x208, status)
      let space = ConfigSpace(images: [testPort: image.bytes], times: testTimes)
      var feed = Feeder(space, testPort)
      #expect(feed.write(0x208, 2, 1).map(\.kind) == [.dpcRelease])
      #expect(space.count(of: .releaseWhileBusy) == count)
    }
  }
}
