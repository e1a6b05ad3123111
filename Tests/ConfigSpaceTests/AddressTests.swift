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

  // By hand: 3 MiB are three buses, 0x9000 is device 1 function 1.
  @Test func `a region's function, base and layout say what its addresses stand for`() {
    var region = Region(
      name: "ecam", base: 0x40_0000_0000, size: 0x1000_0000, kind: .ecam,
      function: PCIFunction("0002:40:00.0"), origin: .map)
    #expect(
      region.configLocation(of: 0x40_0030_9104)
        == PCIFunction("0002:43:01.1").map { ConfigLocation(function: $0, register: 0x104) })
    #expect(region.configLocation(of: 0x3f_ffff_ffff) == nil)
    #expect(region.configLocation(of: 0x40_0c00_0000) == nil)
    region.function = nil
    region.configLayout = .cam
    #expect(
      region.configLocation(of: 0x40_0003_0904)
        == PCIFunction("0000:03:01.1").map { ConfigLocation(function: $0, register: 4) })
  }

  @Test func `a port pair address needs its enable bit`() {
    #expect(
      PortPair.decode(0x8001_083c)
        == ConfigLocation(function: PCIFunction(bus: 1, device: 1, function: 0), register: 0x3c))
    #expect(PortPair.decode(0x8100_0000, port: 2)?.register == 0x102)
    #expect(PortPair.decode(0x0001_083c) == nil)
  }

  // By hand from Linux `pci-ecam.h`: bus << 16, device << 11, function << 8, register.
  @Test(
    arguments: [
      (0x0001_0878, "01:01.0", 0x78), (0x0000_0004, "00:00.0", 4), (0x00ff_fffc, "ff:1f.7", 0xfc),
      (0x0000_0100, "00:00.1", 0),
    ] as [(UInt64, String, UInt16)])
  func `a CAM offset names a function and a register of 256`(
    offset: UInt64, function: String, register: UInt16
  ) throws {
    let location = try #require(ECAMWindow(layout: .cam).decode(offset))
    #expect(location.function == PCIFunction(function))
    #expect(location.register == register)
    #expect(ECAMWindow(startBus: 0x80, layout: .cam).decode(0x0080_0000) == nil)
    #expect(ECAMWindow(layout: .cam).decode(0x0100_0000) == nil)
    #expect(ECAMWindow(layout: .cam).decode(.max) == nil)
  }

  // Encodes by multiplication what decoding takes apart by shifts.
  @Test func `every function and a register of each byte lane come back`() throws {
    for layout in ConfigLayout.allCases {
      let perFunction: UInt64 = layout == .ecam ? 4096 : 256
      for routingID in UInt64(0)...0xffff {
        let register = routingID % perFunction
        let offset = ((routingID / 256 * 32 + routingID / 8 % 32) * 8 + routingID % 8) * perFunction
        let location = try #require(ECAMWindow(layout: layout).decode(offset + register))
        #expect(UInt64(location.function.routingID) == routingID)
        #expect(UInt64(location.register) == register)
      }
    }
  }

  // Bits 27:24 and 7:2 and the port's two: every register of one function.
  @Test func `a port pair reaches all 4096 registers`() {
    for register in UInt32(0)..<4096 {
      let address = 0x8000_0000 | (register / 256) << 24 | 0x01_0800 | register % 256 / 4 * 4
      let location = PortPair.decode(address, port: UInt8(register % 4))
      #expect(location?.register == UInt16(register))
      #expect(location?.function == PCIFunction(bus: 1, device: 1, function: 0))
    }
  }
}
