import ConfigSpace
import Testing
import TraceCore

@Suite struct AddressTests {
  // By hand from the bit fields of PCIe Base 5.0, section 7.2.2.
  @Test(
    arguments: [
      (0x0010_8078, "01:01.0", 0x078), (0x0000_0004, "00:00.0", 0x004),
      (0x0fff_fffc, "ff:1f.7", 0xffc), (0x0000_1000, "00:00.1", 0),
    ] as [(UInt64, String, UInt16)])
  func `an ECAM offset names a function and a register`(
    offset: UInt64, function: String, register: UInt16
  ) throws {
    let location = try #require(ECAMWindow().decode(offset))
    #expect(location.function == PCIFunction(function))
    #expect(location.register == register)
  }

  @Test func `an ECAM window may start at another segment and bus`() {
    let window = ECAMWindow(segment: 2, startBus: 0x80)
    #expect(window.decode(0x0010_0000)?.function == PCIFunction("0002:81:00.0"))
    #expect(window.decode(0x07f0_0000)?.function == PCIFunction("0002:ff:00.0"))
    #expect(window.decode(0x0800_0000) == nil)
    #expect(ECAMWindow().decode(0x1000_0000) == nil)
    #expect(window.decode(.max) == nil)
  }

  @Test func `a port pair address needs its enable bit`() {
    #expect(
      PortPair.decode(0x8001_083c)
        == ConfigLocation(function: PCIFunction(bus: 1, device: 1, function: 0), register: 0x3c))
    #expect(PortPair.decode(0x8100_0000, port: 2)?.register == 0x102)
    #expect(PortPair.decode(0x0001_083c) == nil)
  }
}
