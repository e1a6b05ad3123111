import ConfigSpace
import Testing
import TraceCore

/// One write to a prepared function and the events that it must give.
struct WriteCase: CustomTestStringConvertible {
  let image: TestImage
  let write: (UInt16, UInt8, UInt32)
  let events: [ConfigEvent.Kind]
  var testDescription: String {
    "\(hex(UInt64(write.0))) size \(write.1) value \(hex(UInt64(write.2)))"
      + " -> \(events.map(\.rawValue))"
  }

  /// Writes that give one event, and writes that give none.
  static func rows(
    _ image: TestImage, _ kind: ConfigEvent.Kind, accept: [(UInt16, UInt8, UInt32)],
    reject: [(UInt16, UInt8, UInt32)]
  ) -> [WriteCase] {
    accept.map { WriteCase(image: image, write: $0, events: [kind]) }
      + reject.map { WriteCase(image: image, write: $0, events: []) }
  }

  /// Every access width and position that can, and just cannot, reach each rule's bit.
  static let all: [WriteCase] = functionResets + bridgeResets + containment + cxl + rest

  private static let functionResets =
    rows(
      .endpoint, .functionLevelReset,
      accept: [(0x68, 2, 0x8000), (0x68, 2, 0xa810), (0x68, 4, 0x8000), (0x69, 1, 0x80)],
      reject: [
        (0x68, 2, 0x2810), (0x68, 4, 0x8000_0000), (0x68, 1, 0x80), (0x69, 1, 0x7f),
        (0x6a, 2, 0x8000), (0x6a, 1, 0x80),
      ])
    // A root port, a bridge to PCI (type 7), an endpoint without Device Capabilities bit 28.
    + rows(.port, .functionLevelReset, accept: [], reject: [(0x68, 2, 0x8000)])
    + rows(
      .endpoint.with(0x62, 0x72), .functionLevelReset, accept: [], reject: [(0x68, 2, 0x8000)])
    + rows(.endpoint.with(0x67, 0), .functionLevelReset, accept: [], reject: [(0x68, 2, 0x8000)])
    + rows(
      .endpoint, .advancedFeaturesReset,
      accept: [(0xa4, 1, 1), (0xa4, 2, 1), (0xa4, 4, 0x101)],
      reject: [(0xa4, 1, 0), (0xa4, 2, 0x100), (0xa5, 1, 1), (0xa0, 4, 0x1), (0xa4, 1, 0xfe)])
    + rows(
      .endpoint.with(0xa3, 1), .advancedFeaturesReset, accept: [], reject: [(0xa4, 1, 1)])
    + rows(
      .endpoint, .pmResetStart, accept: [(0x44, 2, 3), (0x44, 1, 0x83), (0x44, 4, 0x103)],
      reject: [(0x44, 2, 0), (0x44, 2, 1), (0x44, 2, 2), (0x45, 1, 3), (0x46, 2, 3)])
    + rows(.endpoint.with(0x44, 0x08), .powerDown, accept: [(0x44, 2, 3)], reject: [])
    + rows(
      .endpoint.with(0x44, 0x03), .pmResetDone,
      accept: [(0x44, 2, 0), (0x44, 1, 0), (0x44, 4, 0x100)],
      reject: [(0x44, 2, 3), (0x44, 1, 2), (0x45, 1, 0)])
    + rows(.endpoint.with(0x44, 0x0b), .powerUp, accept: [(0x44, 2, 8)], reject: [])

  private static let bridgeResets =
    rows(
      .port, .busResetAssert,
      accept: [(0x3e, 2, 0x40), (0x3e, 1, 0x43), (0x3c, 4, 0x40_0000)],
      reject: [
        (0x3e, 2, 0xbf), (0x3e, 2, 0x4000), (0x3f, 1, 0x40), (0x3c, 4, 0x40), (0x3c, 2, 0x40),
        (0x3c, 1, 0x40), (0x3d, 1, 0x40),
      ])
    + rows(
      .port.with(0x3e, 0x40), .busResetRelease,
      accept: [(0x3e, 2, 0), (0x3e, 1, 0x03), (0x3c, 4, 0x1ff)],
      reject: [(0x3e, 2, 0x40), (0x3e, 1, 0x43), (0x3f, 1, 0), (0x3c, 2, 0)])
    + rows(.endpoint, .busResetAssert, accept: [], reject: [(0x3e, 2, 0x40)])
    + rows(.port.with(0x24c, 0), .busResetAssert, accept: [], reject: [(0x3e, 2, 0x40)])
    + rows(
      .port, .linkDisable, accept: [(0x70, 2, 0x10), (0x70, 1, 0x50), (0x70, 4, 0x10)],
      reject: [(0x70, 2, 0x20), (0x70, 4, 0x10_0000), (0x71, 1, 0x10), (0x72, 2, 0x10)])
    + rows(
      .port.with(0x70, 0x10), .linkEnable,
      accept: [(0x70, 2, 0), (0x70, 1, 0x20), (0x70, 4, 0)],
      reject: [(0x70, 2, 0x10), (0x71, 1, 0)])
    + rows(.endpoint, .linkDisable, accept: [], reject: [(0x70, 2, 0x10)])
    + rows(
      .port, .slotPowerOff, accept: [(0x78, 2, 0x400), (0x79, 1, 4), (0x78, 4, 0x7ff)],
      reject: [(0x78, 2, 0x3ff), (0x78, 1, 4), (0x78, 4, 0x400_0000), (0x7a, 2, 0x400)])
    + rows(
      .port.with(0x79, 4), .slotPowerOn, accept: [(0x78, 2, 0), (0x79, 1, 0), (0x78, 4, 0)],
      reject: [(0x78, 2, 0x400), (0x78, 1, 0)])
    + rows(.endpoint, .slotPowerOff, accept: [], reject: [(0x78, 2, 0x400)])

  private static let containment =
    rows(
      .port, .dpcRelease, accept: [(0x208, 2, 1), (0x208, 1, 0x19), (0x208, 4, 1)],
      reject: [(0x208, 2, 0), (0x208, 2, 0x1e), (0x209, 1, 1), (0x208, 4, 0x1_0000)])
    + rows(.port.with(0x208, 0), .dpcRelease, accept: [], reject: [(0x208, 2, 1)])
    + rows(
      .port.with(0x208, 0), .dpcTrigger,
      accept: [(0x206, 2, 0x40), (0x206, 1, 0x41), (0x204, 4, 0x40_0000)],
      reject: [(0x206, 2, 0x20), (0x204, 4, 0x40), (0x207, 1, 0x40), (0x204, 2, 0x40)])
    + rows(.port.with(0x204, 0), .dpcTrigger, accept: [], reject: [(0x206, 2, 0x40)])

  private static let cxl =
    rows(
      .endpoint, .cxlReset, accept: [(0x250, 2, 4), (0x250, 1, 7), (0x250, 4, 4)],
      reject: [(0x250, 2, 3), (0x251, 1, 4), (0x250, 4, 0x4_0000), (0x24c, 4, 4)])
    + rows(.endpoint.with(0x24a, 0x05), .cxlReset, accept: [], reject: [(0x250, 2, 4)])
    + rows(
      .port.with(0x24c, 0), .cxlBusResetUnmask,
      accept: [(0x24c, 2, 1), (0x24c, 1, 1), (0x24c, 4, 3)],
      reject: [(0x24c, 2, 2), (0x24d, 1, 1), (0x24e, 2, 1)])
    + rows(.port, .cxlBusResetUnmask, accept: [], reject: [(0x24c, 2, 1), (0x24c, 2, 0)])

  private static let rest =
    rows(
      .endpoint, .memoryDisable, accept: [(4, 2, 0x400), (4, 1, 0), (4, 4, 0x10_0404)],
      reject: [(4, 2, 0x402), (5, 1, 0), (6, 2, 0), (4, 1, 0x07)])
    + rows(
      .endpoint.with(4, 0), .memoryEnable, accept: [(4, 2, 6), (4, 1, 2), (4, 4, 2)],
      reject: [(4, 2, 0x405), (5, 1, 2), (6, 2, 2)])
    + rows(.endpoint, .barSizing, accept: [(0x10, 4, .max), (0x24, 4, 0xffff_fff0)], reject: [])
    + rows(
      .endpoint, .barMove,
      accept: [(0x10, 4, 0xd000_0000), (0x12, 2, 0xd000), (0x13, 1, 0xd0), (0x24, 4, 0x1000)],
      reject: [
        (0x10, 4, 0xc000_0000), (0x10, 4, 0xc000_000c), (0x12, 2, 0xc000), (0x13, 1, 0xc0),
        (0x28, 4, 0xd000_0000), (0x0c, 4, 0xd000_0000),
      ])
    // An image tells the place, zero too; bit 0 tells an I/O BAR, but in an upper half.
    + rows(
      .endpoint, .barMove, accept: [(0x24, 4, 0x2000)],
      reject: [(0x24, 4, 0), (0x1c, 4, 0), (0x1e, 2, 0)])
    + rows(
      .endpoint.with(0x18, 1), .barMove, accept: [],
      reject: [(0x18, 4, 0xd001), (0x18, 4, 0xffff_ffff)])
    + rows(
      .endpoint.with(0x18, 4).with(0x1c, 1), .barMove, accept: [(0x1c, 4, 0x10)], reject: [])
    // On a bridge 0x18 to 0x27 are bus numbers and windows.
    + rows(
      .port, .barMove, accept: [(0x14, 4, 0xd000_0000)],
      reject: [(0x18, 4, 0xd003_0100), (0x20, 4, 0xd000_d000)])
    + rows(
      .endpoint, .vfDisable, accept: [(0x158, 2, 0), (0x158, 1, 8), (0x158, 4, 0)],
      reject: [(0x158, 2, 1), (0x159, 1, 0), (0x15a, 2, 0)])
    // VF MSE alone resets nothing; without VF Enable there is no VF.
    + rows(
      .endpoint, .vfMemoryEnable, accept: [(0x158, 2, 9), (0x158, 1, 9)],
      reject: [(0x159, 1, 8), (0x15a, 2, 8)])
    + rows(.endpoint.with(0x158, 9), .vfMemoryDisable, accept: [(0x158, 2, 1)], reject: [])
    + rows(
      .endpoint.with(0x158, 0), .vfDisable, accept: [], reject: [(0x158, 2, 0), (0x158, 2, 8)])
}

@Suite struct RecogniserTests {
  @Test(arguments: WriteCase.all)
  func `a write gives exactly its events at every width`(row: WriteCase) {
    let space = ConfigSpace(images: [testEndpoint: row.image.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    let (register, size, value) = row.write
    #expect(feed.write(register, size, value).map(\.kind) == row.events)
  }

  @Test func `one write can give several events`() {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.with(0x208, 0).bytes], times: testTimes)
    var feed = Feeder(space, testPort)
    // DPC Capability with software trigger, Control bit 6 in the upper half of the word.
    #expect(feed.write(0x204, 4, 0x0040_0080).map(\.kind) == [.dpcTrigger])
    #expect(feed.write(0x208, 4, 0x0000_0001).map(\.kind) == [.dpcRelease])
    #expect(feed.write(0x208, 4, 0x0000_0001).isEmpty)
  }

  // Each rule meets a function of which the capture shows too little.
  @Test func `a rule without its facts counts instead of guessing`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    #expect(feed.write(0x68, 2, 0x8000).isEmpty)
    #expect(space.count(of: .unknownCapability) == 1)
    #expect(feed.write(0x3c, 4, 0x40_0000).isEmpty)
    #expect(feed.write(0x20, 4, 0x1000).isEmpty)
    #expect(space.count(of: .unknownHeaderType) == 2)
    #expect(feed.write(0x158, 2, 0).isEmpty)
    #expect(space.count(of: .unknownCapability) == 2)
  }

  @Test func `a capability without its enabling field counts instead of guessing`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    feed.read(0x34, 1, 0x60)
    feed.read(0x60, 2, 0x0010)
    #expect(feed.write(0x68, 2, 0x8000).isEmpty)
    #expect(space.count(of: .unknownHeaderType) == 1)
    #expect(feed.write(0x70, 2, 0x10).isEmpty)
    #expect(space.count(of: .unknownPortType) == 1)
    feed.read(0x0e, 1, 0)
    #expect(feed.write(0x68, 2, 0x8000).isEmpty)
    #expect(space.count(of: .unknownCapability) == 1)
    feed.read(0x64, 4, 0x1000_0000)
    #expect(feed.write(0x68, 2, 0x8000).map(\.kind) == [.functionLevelReset])
  }

  @Test func `a power state change without a known No_Soft_Reset is no reset but ends`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testEndpoint)
    feed.read(0x34, 1, 0x40)
    feed.read(0x40, 2, 0x0001)
    #expect(feed.write(0x44, 2, 3).map(\.kind) == [.powerDown])
    #expect(space.window(for: testEndpoint)?.cause?.untilNs == nil)
    feed.time = 1000
    #expect(feed.write(0x44, 2, 0).map(\.kind) == [.powerUp])
    #expect(space.window(for: testEndpoint)?.cause?.untilNs == 10_001_000)
    #expect(space.count(of: .unknownNoSoftReset) == 2)
  }

  @Test func `a masked bus reset counts`() {
    let space = ConfigSpace(
      images: [testPort: TestImage.port.with(0x24c, 0).bytes], times: testTimes)
    var feed = Feeder(space, testPort)
    #expect(feed.write(0x3e, 2, 0x40).isEmpty)
    #expect(space.count(of: .maskedBusReset) == 1)
  }

  @Test func `a write without a value is no reset but counts`() {
    let space = ConfigSpace(images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    #expect(feed.write(0x04, 2, nil).isEmpty)
    #expect(space.count(of: .unknownValue) == 1)
    #expect(space.window(for: testEndpoint) == nil)
  }

  @Test func `impossible accesses are counted and change nothing`() {
    let space = ConfigSpace(images: [testEndpoint: TestImage.endpoint.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    for (register, size) in [(UInt16(0xffe), UInt8(4)), (0x1000, 1), (0xffff, 4), (4, 0), (4, 3)] {
      #expect(feed.write(register, size, 0).isEmpty)
    }
    #expect(space.count(of: .malformedAccess) == 5)
    #expect(space.window(for: testEndpoint)?.memory == .on)
  }
}
