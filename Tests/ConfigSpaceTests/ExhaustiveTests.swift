import ConfigSpace
import Testing
import TraceCore

/// Every recogniser at every place where a write can meet its bit.
///
/// What each write must do is said here by another route than the recognisers': by the absolute
/// byte and bit that the specification gives, asked of the written bytes one by one.
@Suite struct ExhaustiveTests {
  /// A prepared function and what a write to it does.
  struct Subject: CustomTestStringConvertible {
    var name: String
    var image: TestImage
    /// Registers of the rules: first byte and width.
    var registers: [(byte: Int, width: Int)]
    /// Events by the new value of a bit, nil where the write does not cover it.
    var expected: @Sendable (_ bit: (Int, Int) -> Bool?) -> Set<ConfigEvent.Kind>
    var testDescription: String { name }
  }

  // Byte and bit of each row: PCIe Base 5.0 7.5.1.1.3, 7.5.3.4, 7.9.14, 9.3.3.3.1; AF ECN; PM 1.2;
  // CXL 3.0 8.1.3. The fixture has PM at 0x40, PCIe at 0x60, AF at 0xa0, SR-IOV at 0x150 and the
  // CXL DVSEC at 0x240.
  static let subjects: [Subject] = [
    Subject(
      name: "endpoint in D0, memory on", image: .endpoint,
      registers: [(0x04, 2), (0x44, 2), (0x68, 2), (0xa4, 1), (0x158, 2), (0x250, 2)]
    ) { bit in
      var events: Set<ConfigEvent.Kind> = []
      if bit(0x04, 1) == false { events.insert(.memoryDisable) }
      if bit(0x44, 0) == true, bit(0x44, 1) == true { events.insert(.pmResetStart) }
      if bit(0x69, 7) == true { events.insert(.functionLevelReset) }
      if bit(0xa4, 0) == true { events.insert(.advancedFeaturesReset) }
      if bit(0x158, 0) == false { events.insert(.vfDisable) }
      if bit(0x158, 0) == true, bit(0x158, 3) == true { events.insert(.vfMemoryEnable) }
      if bit(0x250, 2) == true { events.insert(.cxlReset) }
      return events
    },
    Subject(
      name: "endpoint in D3hot, memory and VFs off",
      image: .endpoint.with(0x44, 3).with(0x04, 0).with(0x158, 0),
      registers: [(0x04, 2), (0x44, 2), (0x158, 2)]
    ) { bit in
      var events: Set<ConfigEvent.Kind> = []
      if bit(0x04, 1) == true { events.insert(.memoryEnable) }
      if bit(0x44, 0) == false, bit(0x44, 1) == false { events.insert(.pmResetDone) }
      if bit(0x158, 0) == true { events.insert(.vfEnable) }
      if bit(0x158, 0) == true, bit(0x158, 3) == true { events.insert(.vfMemoryEnable) }
      return events
    },
    Subject(
      name: "port at rest", image: .port.with(0x208, 0).with(0x24c, 0),
      registers: [(0x04, 2), (0x70, 2), (0x78, 2), (0x206, 2), (0x208, 2), (0x24c, 2)]
    ) { bit in
      var events: Set<ConfigEvent.Kind> = []
      if bit(0x04, 1) == false { events.insert(.memoryDisable) }
      if bit(0x70, 4) == true { events.insert(.linkDisable) }
      if bit(0x79, 2) == true { events.insert(.slotPowerOff) }
      if bit(0x206, 6) == true { events.insert(.dpcTrigger) }
      if bit(0x24c, 0) == true { events.insert(.cxlBusResetUnmask) }
      return events
    },
    Subject(
      name: "port that holds everything",
      image: .port.with(0x3e, 0x40).with(0x70, 0x10).with(0x79, 4),
      registers: [(0x3e, 2), (0x70, 2), (0x78, 2), (0x208, 2)]
    ) { bit in
      var events: Set<ConfigEvent.Kind> = []
      if bit(0x3e, 6) == false { events.insert(.busResetRelease) }
      if bit(0x70, 4) == false { events.insert(.linkEnable) }
      if bit(0x79, 2) == false { events.insert(.slotPowerOn) }
      if bit(0x208, 0) == true { events.insert(.dpcRelease) }
      return events
    },
    Subject(
      name: "port before a bus reset", image: .port, registers: [(0x3e, 2)]
    ) { bit in bit(0x3e, 6) == true ? [.busResetAssert] : [] },
  ]

  /// The bit of a byte after a write; nil where the write does not cover it.
  private func bit(
    _ write: (start: Int, size: Int, value: UInt32), _ byte: Int, _ bit: Int
  )
    -> Bool?
  {
    guard (write.start..<write.start + write.size).contains(byte) else { return nil }
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: write.value >> UInt32(8 * $0)) }
    return bytes[byte - write.start] & (1 << UInt8(bit)) != 0
  }

  @Test(arguments: subjects)
  func `every width and place gives what its bits say`(_ subject: Subject) {
    for (register, width) in subject.registers {
      for size in [1, 2, 4] {
        let first = (register - 4) / size * size
        for start in stride(from: max(0, first), to: register + width + 4, by: size) {
          let ones = UInt32.max >> UInt32(32 - 8 * size)
          let single = (0..<8 * size).map { UInt32(1) << UInt32($0) }
          for value in [0, ones] + single + single.map({ ones & ~$0 }) {
            // BARs are another test's: an address is no bit.
            guard !(0x10..<0x28).contains(start) else { continue }
            let space = ConfigSpace(
              images: [testEndpoint: subject.image.bytes], times: testTimes)
            var feed = Feeder(space, testEndpoint)
            let kinds = feed.write(UInt16(start), UInt8(size), value).map(\.kind)
            let expected = subject.expected { bit((start, size, value), $0, $1) }
            #expect(
              Set(kinds) == expected && kinds.count == expected.count,
              "\(hex(UInt64(start))) size \(size) value \(hex(UInt64(value)))")
          }
        }
      }
    }
  }

  // Nothing anywhere else: every aligned access of the 4 KiB that misses every register above.
  @Test(arguments: [TestImage.endpoint, .port])
  func `no other write is an event`(_ image: TestImage) {
    let space = ConfigSpace(images: [testEndpoint: image.bytes], times: testTimes)
    var feed = Feeder(space, testEndpoint)
    let taken = Set(Self.subjects.flatMap(\.registers).flatMap { $0.byte..<$0.byte + $0.width })
      .union(0x10..<0x28)
    // The lists themselves are read-only: a write must not move a capability either.
    for size in [1, 2, 4] {
      for start in stride(from: 0, to: 4096, by: size)
      where taken.isDisjoint(with: start..<start + size) {
        for value in [UInt32.max >> UInt32(32 - 8 * size), 0] {
          #expect(feed.write(UInt16(start), UInt8(size), value).isEmpty, "\(hex(UInt64(start)))")
        }
      }
    }
    #expect(space.generation < 4096)
  }

  // A write that repeats what is there, as a read-modify-write of another bit does.
  @Test func `a write that sets nothing is no event`() {
    for image in [TestImage.endpoint, .port.with(0x208, 0), .port.with(0x3e, 0x40).with(0x208, 0)] {
      for register in stride(from: 0, to: 4096, by: 2) where !(0x10..<0x28).contains(register) {
        let space = ConfigSpace(images: [testEndpoint: image.bytes], times: testTimes)
        var feed = Feeder(space, testEndpoint)
        let value = UInt32(image.bytes[register]) | UInt32(image.bytes[register + 1]) << 8
        guard register < 0x300 || value != 0 else { continue }
        #expect(feed.write(UInt16(register), 2, value).isEmpty, "\(hex(UInt64(register)))")
      }
    }
  }
}
