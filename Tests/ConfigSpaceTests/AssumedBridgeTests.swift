import ConfigSpace
import Testing
import TraceCore

/// Secondary Bus Reset of a function whose header type the capture does not show.
///
/// By hand from PCI 3.0, 6.2.4 (0x3e of a type 0 header is Min_Gnt, read-only) and PCIe Base 5.0,
/// 7.5.1.3.13 (bit 6 of a bridge's 0x3e) and 7.5.3.2 (Device/Port Type).
@Suite struct AssumedBridgeTests {
  struct Row: Sendable {
    /// What reads showed before: register, size, value.
    var reads: [(UInt16, UInt8, UInt32)] = []
    var write: (UInt16, UInt8, UInt32)
    var isReset: Bool
    var assumed: UInt64 = 0
    var unknown: UInt64 = 0
  }

  private static let rows: [Row] = [
    Row(write: (0x3e, 2, 0x42), isReset: true, assumed: 1),
    Row(write: (0x3e, 1, 0x40), isReset: true, assumed: 1),
    Row(write: (0x3e, 2, 0x02), isReset: false),
    Row(write: (0x3f, 1, 0x40), isReset: false),
    // The header written back by double words, with a Min_Gnt of 0x40 perhaps.
    Row(write: (0x3c, 4, 0x0840_010b), isReset: false, unknown: 1),
    // A read that showed the bit clear: what is written is not what was read.
    Row(
      reads: [(0x3c, 4, 0x0000_010b)], write: (0x3c, 4, 0x0040_010b), isReset: true, assumed: 1),
    // Min_Gnt 0x40 as it was read, by any width.
    Row(reads: [(0x3c, 4, 0x0840_010b)], write: (0x3c, 4, 0x0840_010b), isReset: false),
    Row(reads: [(0x3c, 4, 0x0840_010b)], write: (0x3e, 2, 0x0840), isReset: false),
    Row(reads: [(0x0e, 1, 0x80)], write: (0x3e, 2, 0x40), isReset: false),
    Row(reads: [(0x0e, 1, 0x81)], write: (0x3c, 4, 0x40_0000), isReset: true),
    // PCI Express capability at 0x60: a root port, an endpoint.
    Row(
      reads: [(0x34, 1, 0x60), (0x60, 4, 0x0142_0010)], write: (0x3c, 4, 0x40_0000), isReset: true),
    Row(reads: [(0x34, 1, 0x60), (0x60, 4, 0x0002_0010)], write: (0x3e, 2, 0x40), isReset: false),
  ]

  @Test(arguments: rows.indices)
  func `who sets the bit takes the function for a bridge, who writes back does not`(
    place: Int
  ) {
    let row = Self.rows[place]
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testPort)
    for (register, size, value) in row.reads { feed.read(register, size, value) }
    let events = feed.write(row.write.0, row.write.1, row.write.2)
    #expect(events.map(\.kind) == (row.isReset ? [.busResetAssert] : []))
    #expect(space.count(of: .assumedBridge) == row.assumed)
    #expect(space.count(of: .unknownHeaderType) == row.unknown)
  }

  @Test func `the release ends the reset, and the function is counted once`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testPort)
    for _ in 0..<2 {
      #expect(feed.write(0x3e, 2, 0x42).map(\.kind) == [.busResetAssert])
      #expect(feed.write(0x3e, 2, 0x02).map(\.kind) == [.busResetRelease])
    }
    #expect(space.isBridge(testPort))
    #expect(space.count(of: .assumedBridge) == 1)
    // Each of the four has a scope that is not known.
    #expect(space.count(of: .unknownBusRange) == 4)
  }

  @Test func `bus numbers that were seen are its own`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testPort)
    feed.read(0x18, 4, 0x0002_0100)
    #expect(feed.write(0x3e, 2, 0x40).map(\.scope) == [.buses(1...2)])
    #expect(space.window(for: testEndpoint)?.situation(at: 1) == .linkDown)
  }

  @Test func `a header type that is read later ends the assumption`() {
    let space = ConfigSpace(times: testTimes)
    var feed = Feeder(space, testPort)
    #expect(!feed.write(0x3e, 2, 0x40).isEmpty)
    feed.read(0x0e, 1, 0)
    #expect(!space.isBridge(testPort))
    #expect(feed.write(0x3e, 2, 0).isEmpty)
    #expect(feed.write(0x3e, 2, 0x40).isEmpty)
  }
}
