import ConfigSpace
import Testing
import TraceCore

@Suite struct LspciDumpTests {
  private static let rows = """
    00: de 10 34 12 06 04 10 00 a1 00 02 03 00 00 00 00
    10: 00 00 00 C0 0c 00 00 00 00 00 00 00 00 00 00 00

    """

  private func parse(_ text: String) throws(TraceError) -> [LspciDump.Device] {
    try LspciDump.parse(Array(text.utf8), file: "device.lspci")
  }

  @Test func `several devices with and without verbose lines are read`() throws {
    let devices = try parse(
      "01:00.0 3D controller: NVIDIA Corporation Device 2342 (rev a1)\n\tSubsystem: ff:\n"
        + "\tMemory at c0000000\n" + Self.rows + "\n0002:03:1f.7 Bridge\r\n"
        + Self.rows.replacing("\n", with: "\r\n"))
    #expect(devices.map(\.function.description) == ["0000:01:00.0", "0002:03:1f.7"])
    #expect(devices.map(\.line) == [1, 7])
    #expect(devices.map(\.bytes.count) == [32, 32])
    #expect(devices[0].bytes.prefix(4) == [0xde, 0x10, 0x34, 0x12])
    #expect(devices[0].bytes[0x13] == 0xc0)
    #expect(devices[0].bytes == devices[1].bytes)
  }

  @Test func `a full dump has 4096 bytes and no more`() throws {
    var text = "01:00.0 x\n"
    for offset in stride(from: 0, to: 4096, by: 16) {
      text += hex(UInt64(offset), width: 2) + ":" + String(repeating: " 5a", count: 16) + "\n"
    }
    #expect(try parse(text).map(\.bytes) == [[UInt8](repeating: 0x5a, count: 4096)])
    let long = text + "00:" + String(repeating: " 5a", count: 16) + "\n"
    #expect(throws: TraceError.self) { try parse(long) }
  }

  @Test func `a dump without a last line end is read`() throws {
    #expect(try parse("01:00.0 x\n" + Self.rows.dropLast()).map(\.bytes.count) == [32])
  }

  struct Bad: CustomTestStringConvertible {
    let text: String
    let code: TraceError.Code
    let line: UInt64
    var testDescription: String { text }
  }

  static let row = "00: de 10 34 12 06 04 10 00 a1 00 02 03 00 00 00 00\n"

  @Test(arguments: [
    Bad(text: "", code: .empty, line: 1),
    Bad(text: "\n\n", code: .empty, line: 2),
    Bad(text: row, code: .badRecord, line: 1),
    Bad(text: "hello\n", code: .badRecord, line: 1),
    Bad(text: "\u{0}\u{1}\u{ff}", code: .badRecord, line: 1),
    Bad(text: "01:00.0 x\n", code: .badRecord, line: 1),
    Bad(text: "01:00.0 x\n02:00.0 y\n" + row, code: .badRecord, line: 1),
    Bad(text: "01:00.0 x\n" + row + "01:00.0 y\n" + row, code: .badRecord, line: 3),
    Bad(text: "01:20.0 x\n" + row, code: .badRecord, line: 1),
    Bad(text: "01:00.0 x\n" + row + row, code: .badRecord, line: 3),
    Bad(text: "01:00.0 x\n" + row + "20" + row.dropFirst(2), code: .badRecord, line: 3),
    Bad(text: "01:00.0 x\n0g" + row.dropFirst(2), code: .badRecord, line: 2),
    Bad(text: "01:00.0 x\n0000" + row.dropFirst(2), code: .badRecord, line: 2),
    Bad(text: "01:00.0 x\n00: de 10\n", code: .badRecord, line: 2),
    Bad(text: "01:00.0 x\n" + row.dropLast() + " 00\n", code: .badRecord, line: 2),
    Bad(text: "01:00.0 x\n" + row.replacing("de", with: "??"), code: .badRecord, line: 2),
    Bad(text: "01:00.0 x\n" + row.replacing("de", with: "+e"), code: .badRecord, line: 2),
  ])
  func `a defect is an error with its line`(bad: Bad) {
    #expect {
      try LspciDump.parse(Array(bad.text.utf8), file: "device.lspci")
    } throws: { error in
      guard let error = error as? TraceError else { return false }
      return error.code == bad.code && error.line == bad.line && error.file == "device.lspci"
    }
  }

  @Test func `a dump feeds the shadow`() throws {
    let device = try #require(try parse("01:00.0 x\n" + Self.rows).first)
    let space = ConfigSpace(images: [device.function: device.bytes], times: testTimes)
    #expect(space.window(for: testEndpoint)?.memory == .on)
  }
}
