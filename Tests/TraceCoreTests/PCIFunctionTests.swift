import Testing
import TraceCore

@Suite struct `PCI functions` {
  @Test(
    arguments: [
      ("0000:01:00.0", 0x0000_0100, "0000:01:00.0"), ("01:00.0", 0x0000_0100, "0000:01:00.0"),
      ("0001:ff:1f.7", 0x0001_ffff, "0001:ff:1f.7"), ("1:2:3.4", 0x0001_021c, "0001:02:03.4"),
      ("ABCD:Ef:10.1", 0xabcd_ef81, "abcd:ef:10.1"),
    ] as [(String, UInt32, String)])
  func `a function is read as lspci prints it`(text: String, raw: UInt32, printed: String) {
    // Raw by hand: segment 31:16, bus 15:8, device 7:3, function 2:0.
    #expect(PCIFunction(text)?.rawValue == raw)
    #expect(PCIFunction(rawValue: raw).description == printed)
  }

  @Test(arguments: [
    "", ".", ":", ":.", "::.", "1", "00:1", "0.0", "00:00", "00:00.", ":00.0", "00:.0", "00::00.0",
    "00:00.8", "00:20.0", "100:00.0", "10000:00:00.0", "0:0:0:0.0", "00:00.0.0", "0g:00.0",
    "00:00.0 ", " 00:00.0", "00:00.-0", "+1:00.0", "00:+1.0", "00:00.+1", "-0:00:00.0",
    "+000:00:00.0", "0x1:00.0",
  ])
  func `what is no function is refused`(text: String) {
    #expect(PCIFunction(text) == nil)
  }

  @Test func `every function of a bus is read back, and its parts are those given`() {
    for device in 0..<UInt8(32) {
      for function in 0..<UInt8(8) {
        let whole = PCIFunction(segment: 0xfffe, bus: 0x9c, device: device, function: function)
        #expect(PCIFunction(whole.description) == whole)
        #expect(whole.segment == 0xfffe && whole.bus == 0x9c)
        #expect(whole.device == device && whole.function == function)
      }
    }
  }

  @Test func `functions are in the order of segment, bus, device, function`() {
    let texts = ["0000:00:00.1", "0000:00:01.0", "0000:01:00.0", "0001:00:00.0"]
    let functions = texts.compactMap { PCIFunction($0) }
    #expect(functions.count == 4)
    #expect(functions.reversed().sorted() == functions)
  }

  @Test func `hexadecimal digits are lower case and padded`() {
    #expect(hex(0) == "0")
    #expect(hex(0xABC, width: 5) == "00abc")
    #expect(hex(0x12345, width: 2) == "12345")
    #expect(hex(.max) == "ffffffffffffffff")
  }
}
