import ConfigSpace
import Testing
import TraceCore

/// Holds whose end no write of the capture shows, and what lost events leave certain.
///
/// By hand: a hold that was on at T and is over later ended at T at the earliest, so that its window
/// ends at T and the kind's time at the least; what software did since is not known.
@Suite struct UnseenTests {
  private static let milli: UInt64 = 1_000_000

  struct Hold: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var image: TestImage
    var isAtPort = true
    /// Register, width and value of the write that holds.
    var write: (UInt16, UInt8, UInt32)
    /// Register and values of a read that shows it on, and over.
    var register: UInt16
    var on: UInt32
    var over: UInt32 = 0
    /// The kind's time in ms: PCIe Base 5.0, sections 6.6.1 and 5.9.
    var wait: UInt64 = 100
  }

  static let holds: [Hold] = [
    Hold(
      testDescription: "secondary bus reset", image: .port, write: (0x3e, 2, 0x40),
      register: 0x3e, on: 0x40),
    Hold(
      testDescription: "link disable", image: .port, write: (0x70, 2, 0x10), register: 0x70,
      on: 0x10),
    Hold(
      testDescription: "slot power", image: .port, write: (0x78, 2, 0x400), register: 0x78,
      on: 0x400),
    Hold(
      testDescription: "DPC", image: TestImage.port.with(0x208, 0), write: (0x206, 2, 0x40),
      register: 0x208, on: 1),
    Hold(
      testDescription: "D3hot", image: .endpoint, isAtPort: false, write: (0x44, 2, 3),
      register: 0x44, on: 3, wait: 10),
  ]

  /// A hold from 0 on.
  private func held(_ hold: Hold) -> (ConfigSpace, Feeder) {
    var images = [testEndpoint: TestImage.endpoint.bytes]
    images[hold.isAtPort ? testPort : testEndpoint] = hold.image.bytes
    let space = ConfigSpace(images: images, times: testTimes)
    var feed = Feeder(space, hold.isAtPort ? testPort : testEndpoint)
    #expect(feed.write(hold.write.0, hold.write.1, hold.write.2).count == 1)
    #expect(space.window(for: testEndpoint)?.isRecovering(at: .max) == true)
    return (space, feed)
  }

  private func expectOver(_ space: ConfigSpace, _ milliseconds: UInt64) {
    let window = space.window(for: testEndpoint)
    #expect(window?.cause?.untilNs == milliseconds * Self.milli)
    #expect(window?.memory == .unknown)
    #expect(window?.situation(at: 3000 * Self.milli) == .normal)
    #expect(space.count(of: .unseenRelease) == 1)
  }

  @Test(arguments: holds)
  func `a read that shows a hold to be over ends it`(hold: Hold) {
    var (space, feed) = held(hold)
    feed.time = 3000 * Self.milli
    #expect(feed.read(hold.register, 2, hold.over).isEmpty)
    expectOver(space, hold.wait)
    // What lets go what nothing holds is no event.
    let isDPC = hold.register == 0x208
    #expect(feed.write(hold.register, 2, isDPC ? 1 : hold.over).isEmpty)
  }

  @Test(arguments: holds)
  func `a read that shows it on is when it was last known`(hold: Hold) {
    var (space, feed) = held(hold)
    feed.time = 50 * Self.milli
    feed.read(hold.register, 2, hold.on)
    #expect(space.window(for: testEndpoint)?.isRecovering(at: .max) == true)
    feed.time = 3000 * Self.milli
    feed.read(hold.register, 2, hold.over)
    expectOver(space, 50 + hold.wait)
  }

  @Test(arguments: holds)
  func `after a write without a value it may be over`(hold: Hold) {
    var (space, feed) = held(hold)
    feed.time = 2 * Self.milli
    #expect(feed.write(hold.register, 2, nil).isEmpty)
    expectOver(space, hold.wait)
    // Which of the two let go is not known.
    feed.time = 500 * Self.milli
    #expect(feed.write(hold.register, 2, hold.over).isEmpty)
    expectOver(space, hold.wait)
  }

  @Test(arguments: holds)
  func `after lost events it may be over`(hold: Hold) {
    let (space, _) = held(hold)
    space.forgetAfterHole()
    expectOver(space, hold.wait)
  }

  @Test func `a read of another register leaves a hold`() {
    var (space, feed) = held(Self.holds[0])
    feed.read(0x3c, 2, 0)
    feed.read(0x18, 4, 0x0003_0100)
    #expect(space.window(for: testEndpoint)?.isRecovering(at: .max) == true)
  }

  @Test func `lost events end no window that began, and no number`() {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
      times: testTimes)
    var feed = Feeder(space, testEndpoint)
    _ = feed.write(0x68, 2, 0x8000)
    #expect(space.window(for: testEndpoint)?.memory == .off)
    space.forgetAfterHole()
    let window = space.window(for: testEndpoint)
    #expect(window?.cause?.untilNs == 100 * Self.milli)
    #expect(window?.memory == .unknown)
    #expect(space.count(of: .unseenRelease) == 0)
    feed.function = testPort
    #expect(feed.write(0x3e, 2, 0x40).map(\.scope) == [.buses(1...3)])
  }

  @Test func `lost events leave No_Soft_Reset, which nobody writes`() {
    let space = ConfigSpace(images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    space.forgetAfterHole()
    #expect(feed.write(0x44, 2, 3).map(\.kind) == [.pmResetStart])
  }

  // PCIe Base 5.0, section 2.9.1: a port whose link is down answers for what lies below.
  @Test(arguments: holds.filter(\.isAtPort))
  func `config writes below a link that is held down reach nobody`(hold: Hold) {
    var (space, feed) = held(hold)
    feed.function = testEndpoint
    #expect(feed.write(0x04, 2, 6).isEmpty)
    #expect(feed.write(0x68, 2, 0x8000).isEmpty)
    #expect(space.count(of: .cutOffWrite) == 2)
    #expect(space.window(for: testEndpoint)?.memory == .off)
    feed.function = testPort
    let isDPC = hold.register == 0x208
    #expect(feed.write(hold.register, 2, isDPC ? 1 : 0).count == 1, "the port itself is reached")
    feed.function = testEndpoint
    #expect(feed.write(0x04, 2, 6).map(\.kind) == [.memoryEnable])
    #expect(space.count(of: .cutOffWrite) == 2)
  }

  // PCI Power Management 1.2, section 5.4.1.
  @Test func `a function in D3hot that turns out to lose its state there is reset`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    feed.read(0x34, 1, 0x40)
    feed.read(0x40, 2, 0x0001)
    #expect(feed.write(0x44, 1, 3).map(\.kind) == [.powerDown])
    #expect(feed.read(0x44, 2, 0x0003).map(\.kind) == [.pmResetStart])
    #expect(feed.read(0x44, 2, 0x0003).isEmpty)
    #expect(feed.write(0x44, 2, 0).map(\.kind) == [.pmResetDone])
    // No_Soft_Reset set: it does not.
    _ = feed.write(0x44, 2, 3)
    let kept = ConfigSpace(times: testTimes)
    var other = Feeder(kept, testEndpoint)
    other.read(0x34, 1, 0x40)
    other.read(0x40, 2, 0x0001)
    _ = other.write(0x44, 1, 3)
    #expect(other.read(0x44, 2, 0x000b).isEmpty)
  }

  // MARK: Without time stamps

  @Test func `without time stamps no window ends by time`() {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.bytes, testEndpoint: TestImage.endpoint.bytes],
      times: testTimes)
    space.isTimed = false
    var feed = Feeder(space, testEndpoint)
    #expect(feed.write(0x68, 2, 0x8000).map(\.isTimed) == [false])
    #expect(space.window(for: testEndpoint)?.cause?.isTimed == false)
    #expect(space.window(for: testEndpoint)?.situation(at: 0) == .afterReset)
    #expect(feed.write(0x68, 2, 0x8000).count == 1)
    feed.function = testPort
    _ = feed.write(0x3e, 2, 0x40)
    #expect(space.window(for: testEndpoint)?.situation(at: 0) == .linkDown)
    _ = feed.write(0x3e, 2, 0)
    #expect(space.count(of: .resetWhileResetting) == 0)
    #expect(space.count(of: .shortBusReset) == 0)
  }
}
