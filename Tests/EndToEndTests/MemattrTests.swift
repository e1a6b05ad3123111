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

  // MARK: KVM

  // By hand from Linux's user_mem_abort; 3 x 3 x 2 x 2 x 4 x 3 x 3 x 2 x 2 faults among the rows.
  @Test func `KVM's decisions are a table`() throws {
    let table = rows(try scratch.quietly(["memattr", "--kvm"]).output)
    #expect(table[0].prefix(4) == ["path", "kernel", "vma", "pfn_is_map_memory"])
    #expect(table.count { $0[0] == "fault" } == 5184)
    let widths = Set(table.map(\.count))
    #expect(widths == [22])
    let device = try scratch.quietly(["memattr", "--kvm", "--rows", "--kernel", "6.8"]).output
    #expect(device.contains(",r+w+device,") && !device.contains("nc,mapped"))
  }

  @Test func `KVM's decisions are a table for people`() throws {
    let lines = try scratch.quietly(["memattr", "--kvm", "--text"]).lines
    #expect(lines.count < 200)
    #expect(lines.contains { $0.hasPrefix("gicv2") && $0.contains(" r+w+device ") })
    let narrow = try scratch.quietly(
      ["memattr", "--kvm", "--text", "--kernel", "6.9", "--vfio", "--write", "--memslot", "rw"]
    ).output
    #expect(narrow.contains(" r+w+nc ") && !narrow.contains("device"))
  }

  struct Explained: CustomTestStringConvertible, Sendable {
    var options: String
    var says: [String]
    var testDescription: String { options }
  }

  static let explained = [
    Explained(
      options: "--kernel 6.8 --vfio --s1 0x44",
      says: ["r+w+device", "0x1   Device-nGnRE", "combined  Device-nGnRE"]),
    Explained(
      options: "--kernel 6.9 --vfio --s1 0x44",
      says: ["r+w+nc", "XN=1", "combined  Normal iNC oNC", "8c47ce3e1d2c"]),
    Explained(options: "--kernel 6.16 --no-vfio --fwb", says: ["r+w+device", "6.9 to 6.16"]),
    Explained(options: "--kernel 6.17 --vfio --exec", says: ["-ENOEXEC", "external abort"]),
    Explained(
      options: "--kernel 6.17 --pgprot cacheable --fwb", says: ["-EFAULT", "-EINVAL", "KVM_RUN"]),
    Explained(
      options: "--kernel 6.17 --pgprot cacheable --fwb --cache-dic --s1 0xff",
      says: ["r+w+x", "0x6", "combined  Normal iWB oWB"]),
    Explained(options: "--kernel 6.12 --memslot ro --write", says: ["KVM_EXIT_MMIO"]),
    Explained(options: "--kernel 6.12 --map-memory --memslot log", says: ["prot      r\n"]),
    Explained(options: "--prot device,nc,x", says: ["-EINVAL", "exclude each other"]),
    Explained(options: "--prot r,w,nc --s1 0x0c", says: ["0x5", "combined  Device-GRE"]),
  ]

  @Test(arguments: explained)
  func `one decision of KVM is explained`(row: Explained) throws {
    let options = row.options.split(separator: " ").map(String.init)
    let text = try scratch.quietly(["memattr", "--kvm"] + options).output
    for part in row.says { #expect(text.contains(part), "\(part): \(text)") }
  }

  @Test(arguments: [
    ("--kvm --all", "--all"), ("--kvm --s2 5 --kernel 6.9", "--s2"), ("--vfio", "--kvm"),
    ("--kvm --vfio", "--kernel"), ("--kvm --kernel 6", "--kernel '6'"),
    ("--kvm --kernel 6.9 --pgprot wc", "nc, ngnrne, ngnre, cacheable"),
    ("--kvm --kernel 6.9 --vma io", "plain, pfnmap, mixedmap"),
    ("--kvm --kernel 6.9 --memslot rx", "rw, ro, log"),
    ("--kvm --kernel 6.9 --exec --write", "--exec, --write"),
    ("--kvm --prot device,y", "'y'"), ("--kvm --prot nc --kernel 6.8", "6.9"),
    ("--kvm --prot nc --vfio", "--vfio"), ("--kvm --rows --text", "--rows, --text"),
    ("--kvm --rows --s1 0x44", "--s1"), ("--kvm --kernel 6.9 --s1 0x100", "--s1"),
    ("--s1 0x44 --s2 5 --exec", "--kvm"),
  ])
  func `KVM's options are checked`(options: String, says: String) throws {
    try scratch.failing(
      ["memattr"] + options.split(separator: " ").map(String.init), saying: [says])
  }
}
