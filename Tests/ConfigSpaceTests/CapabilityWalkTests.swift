import ConfigSpace
import Testing

/// Capability lists laid by hand after PCIe Base 5.0, sections 7.5.1.1.11 and 7.6.3.
struct CapabilityWalkTests {
  private func steps(
    _ list: CapabilityWalk.List, _ bytes: [Int: UInt8]
  ) -> [CapabilityWalk.Step] {
    var walk = CapabilityWalk(list)
    var steps: [CapabilityWalk.Step] = []
    repeat { steps.append(walk.next { bytes[$0] }) } while isEntry(steps[steps.count - 1])
    return steps
  }

  private func isEntry(_ step: CapabilityWalk.Step) -> Bool {
    if case .entry = step { true } else { false }
  }

  @Test func `a conventional list is followed to its end`() {
    // The two lowest bits of pointers are reserved.
    let bytes: [Int: UInt8] = [0x34: 0x43, 0x40: 0x01, 0x41: 0x82, 0x80: 0x10, 0x81: 0]
    let expected: [CapabilityWalk.Step] = [
      .entry(id: 0x01, offset: 0x40), .entry(id: 0x10, offset: 0x80), .end(nil),
    ]
    #expect(steps(.conventional, bytes) == expected)
    #expect(steps(.conventional, bytes.merging([0x06: 0x10]) { $1 }) == expected)
  }

  @Test(
    arguments: [
      ([0x06: 0x00, 0x34: 0x40], .end(nil)), ([0x06: 0x10], .unknown), ([0x34: 0], .end(nil)),
      ([0x34: 0x3c], .end(.capabilityInHeader)), ([0x34: 0x40, 0x40: 1], .unknown),
      ([0x34: 0x40, 0x40: 0xff, 0x41: 0xff], .end(.capabilityAllOnes)),
    ] as [([Int: UInt8], CapabilityWalk.Step)])
  func `a conventional list may have no entry`(bytes: [Int: UInt8], end: CapabilityWalk.Step) {
    #expect(steps(.conventional, bytes) == [end])
  }

  @Test func `lists that lead back end at the second visit`() {
    #expect(
      steps(.conventional, [0x34: 0x40, 0x40: 5, 0x41: 0x40])
        == [.entry(id: 5, offset: 0x40), .end(.capabilityLoop)])
    // Version 1, next 0x100.
    #expect(
      steps(.extended, [0x100: 3, 0x101: 0, 0x102: 0x01, 0x103: 0x10])
        == [.entry(id: 3, offset: 0x100), .end(.capabilityLoop)])
  }

  @Test func `an extended list begins at 256 and reaches the last double word`() {
    // Version 1, next 0xffc; there version 2, none behind it.
    var bytes: [Int: UInt8] = [0x100: 0x0b, 0x101: 0, 0x102: 0xc1, 0x103: 0xff]
    #expect(steps(.extended, bytes) == [.entry(id: 0x0b, offset: 0x100), .unknown])
    bytes.merge([0xffc: 0x23, 0xffd: 0, 0xffe: 0x02, 0xfff: 0]) { $1 }
    #expect(
      steps(.extended, bytes)
        == [.entry(id: 0x0b, offset: 0x100), .entry(id: 0x23, offset: 0xffc), .end(nil)])
    let ones = [0x100: 0xff, 0x101: 0xff, 0x102: 0xff, 0x103: 0xff] as [Int: UInt8]
    #expect(steps(.extended, ones) == [.end(.capabilityAllOnes)])
    #expect(steps(.extended, ones.mapValues { _ in 0 }) == [.end(nil)])
    // Version 1, next 0x040.
    #expect(
      steps(.extended, [0x100: 3, 0x101: 0, 0x102: 0x01, 0x103: 0x04])
        == [.entry(id: 3, offset: 0x100), .end(.capabilityInHeader)])
  }
}
