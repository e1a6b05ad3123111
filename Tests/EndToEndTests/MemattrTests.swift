import Testing

/// `memattr`, against the architecture's tables as they are read by hand.
struct MemattrTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Rows by the Arm ARM (DDI 0487, D8.6).
  ///
  /// From MAIR_ELx.Attr and the stage-2 MemAttr encodings without and with FEAT_S2FWB: the
  /// stronger type wins without it; with it stage 2 may force.
  static let byHand = [
    // Device-nGnRnE with Device-nGnRnE.
    "0,0x00,0x0,0x00,Device-nGnRnE",
    // What KVM did until Linux 6.8 and does from 6.9 on to a driver's ioremap_wc.
    "0,0x44,0x1,0x04,Device-nGnRE", "0,0x44,0x5,0x44,Normal iNC oNC",
    // Device at stage 1 wins over Normal-NC at stage 2.
    "0,0x04,0x5,0x04,Device-nGnRE", "0,0x00,0x5,0x00,Device-nGnRnE", "0,0x0c,0x5,0x0c,Device-GRE",
    // Write-back with write-back.
    "0,0xff,0xf,0xff,Normal iWB oWB RWA",
    // MAIR 0b0000dd1x is reserved, and so is a half 0b0000 beside another.
    "0,0x02,0x0,RESERVED,RESERVED stage 1", "0,0x80,0x5,RESERVED,RESERVED stage 1",
    // FWB: 0b110 forces write-back, 0b101 Normal-NC over Normal but not over Device, 0b0001 Device.
    "1,0x00,0x6,0xff,Normal iWB oWB RWA", "1,0x44,0x5,0x44,Normal iNC oNC",
    "1,0x04,0x5,0x04,Device-nGnRE", "1,0x44,0x1,0x04,Device-nGnRE",
    // FWB: 0b111 leaves stage 1 as it is.
    "1,0x0c,0x7,0x0c,Device-GRE", "1,0xff,0x7,0xff,Normal iWB oWB RWA",
  ]

  @Test func `all combinations are 8192 rows in order`() throws {
    let lines = try scratch.quietly(["memattr", "--all"]).lines
    #expect(lines.count == 8193)
    #expect(lines[0] == "fwb,s1_mair,s2_memattr,result,name")
    #expect(lines[1] == Self.byHand[0])
    #expect(lines[8192].hasPrefix("1,0xff,0xf,"))
    var expected: [String] = []
    for fwb in 0...1 {
      for mair in 0...255 {
        let padding = mair < 16 ? "0" : ""
        for attribute in 0...15 {
          expected.append(
            "\(fwb),0x\(padding)\(String(mair, radix: 16)),0x\(String(attribute, radix: 16)),")
        }
      }
    }
    let isInOrder = zip(lines.dropFirst(), expected).allSatisfy { $0.hasPrefix($1) }
    #expect(isInOrder)
    for row in Self.byHand { #expect(lines.contains(Substring(row)), "\(row)") }
  }

  @Test func `a result is a byte or reserved`() throws {
    for row in rows(try scratch.quietly(["memattr", "--all"]).output).dropFirst() {
      let isByte = row[3].count == 4 && UInt8(row[3].dropFirst(2), radix: 16) != nil
      #expect(row.count == 5 && (isByte || row[3] == "RESERVED") && !row[4].isEmpty, "\(row)")
    }
  }

  @Test func `one pair is explained`() throws {
    let before = try scratch.quietly(["memattr", "--s1", "0x44", "--s2", "0x1"]).output
    #expect(before.contains("Device-nGnRE") && before.contains("0x04"))
    let after = try scratch.quietly(["memattr", "--s1", "68", "--s2", "5"]).output
    #expect(after.contains("Normal iNC oNC") && after.contains("0x44"))
    let forced = try scratch.quietly(["memattr", "--s1", "0x00", "--s2", "0x6", "--fwb"]).output
    #expect(forced.contains("Normal iWB oWB"))
  }
}
