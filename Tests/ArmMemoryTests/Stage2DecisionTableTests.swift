import ArmMemory
import Testing

@Suite struct Stage2DecisionTableTests {
  typealias Table = Stage2DecisionTable

  static func rows(_ path: String) -> [Table.Row] { Table.rows.filter { $0[.path] == path } }

  // Counted by hand: 3 kernels x 3 kinds of VMA x 2 x 2 x 4 types x 3 accesses x 3 memslots x 2 x 2
  // faults; a memslot knows neither page, flag nor access; 5 flags make 32 sets, 4 of them 16.
  @Test(
    arguments: [
      ("memslot", 3 * 3 * 4 * 3 * 2 * 2), ("fault", 5184), ("setter", (16 + 32 + 32) * 2),
      ("gicv2", 3 * 2), ("realm", 32), ("zapped", 3 * 2 * 3),
    ])
  func `a path has every input once`(path: String, count: Int) {
    let rows = Self.rows(path)
    #expect(rows.count == count)
    let inputs = rows.map { row in
      [
        .path, .kernel, .vma, .isMapMemory, .allowsAnyUncached, .pageProtection, .access, .memslot,
        .fwb, .cacheDIC,
      ].map { row[$0] } + (path == "setter" || path == "realm" ? [row[.protection]] : [])
        + (path == "zapped" ? [row[.rule]] : [])
    }
    #expect(Set(inputs).count == count)
  }

  @Test func `every decision has an outcome, a witness and a rule`() {
    #expect(Table.rows.count == 432 + 5184 + 160 + 6 + 32 + 18)
    var rules: Set<String> = []
    var witnesses: Set<String> = []
    for row in Table.rows {
      #expect(["accepted", "mapped", "emulated", "waits", "refused"].contains(row[.outcome]))
      #expect(row[.errno].isEmpty == (row[.outcome] != "refused"))
      #expect(row[.memAttr].isEmpty == (row[.outcome] != "mapped"))
      rules.insert(row[.rule])
      witnesses.insert(row[.witness])
    }
    #expect(rules == Set(Stage2Rule.allCases.map(\.rawValue)))
    #expect(witnesses == Set(Stage2Outcome.Witness.allCases.map(\.rawValue)))
  }

  @Test func `every rule says why and where`() {
    for rule in Stage2Rule.allCases {
      #expect(!rule.reason.isEmpty && !rule.reason.hasSuffix("."))
      #expect(rule.source.contains("Linux") || rule == .realm)
    }
  }

  @Test func `a row is as long as the header and needs no quotes`() {
    let csv = Table.csv(Table.rows)
    let lines = csv.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(csv.hasSuffix("\n") && lines.count == Table.rows.count + 2)
    for line in lines.dropLast() {
      #expect(line.utf8.count { $0 == UInt8(ascii: ",") } == Table.Column.allCases.count - 1)
      #expect(!line.contains("\""))
    }
  }

  // By hand: MemAttr 1 << 2 = 0x4 or 5 << 2 = 0x14, S2AP 3 << 6 = 0xc0, SH 0x300, AF 0x400, XN bit 54.
  @Test func `rows of a BAR`() {
    let lines = Table.csv(Table.rows).split(separator: "\n")
    for row in [
      "fault,-6.8,pfnmap,0,1,ngnrne,read,rw,0,0,"
        + "r+w+device,mapped,,0x1,Device-nGnRE,1,0x3,ISH,1,0x400000000007c4,guest-retries,device",
      "fault,6.9-6.16,pfnmap,0,1,ngnrne,read,rw,0,0,"
        + "r+w+nc,mapped,,0x5,Normal iNC oNC,1,0x3,ISH,1,0x400000000007d4,guest-retries,normal-nc",
      "fault,6.17-,pfnmap,0,1,ngnrne,execute,rw,1,1,"
        + ",refused,ENOEXEC,,,,,,,,guest-instruction-abort,execute-non-cacheable",
      "memslot,6.17-,pfnmap,,,cacheable,,rw,1,0,"
        + ",refused,EINVAL,,,,,,,,vmm-memslot-einval,cacheable-memslot",
      "setter,6.9-6.16,,,,,,,0,,"
        + "device+nc,refused,EINVAL,,,,,,,,vmm-kvm-run-einval,setter",
    ] { #expect(lines.contains(Substring(row)), "\(row)") }
  }

  // The published table of the series' first patch; R and W change nothing but S2AP.
  @Test func `the setter's rows are the published table`() {
    for row in Self.rows("setter") {
      let flags = Set(row[.protection].split(separator: "+"))
      let fwb = row[.fwb] == "1"
      switch (flags.contains("device"), flags.contains("nc"), flags.contains("x")) {
      case (true, true, _), (true, false, true), (false, true, true):
        #expect(row[.errno] == "EINVAL")
      case (true, false, false): #expect(row[.memAttr] == "0x1" && row[.executeNever] == "1")
      case (false, true, false): #expect(row[.memAttr] == "0x5" && row[.executeNever] == "1")
      case (false, false, let execute):
        #expect(row[.memAttr] == (fwb ? "0x6" : "0xf"))
        #expect(row[.executeNever] == (execute ? "0" : "1"))
      }
    }
    #expect(
      !Self.rows("setter").contains { $0[.kernel] == "-6.8" && $0[.protection].contains("nc") })
  }

  @Test func `the condensed table holds every row exactly once`() {
    let lines = Table.condensed(Table.rows)
    #expect(lines.count < 200)
    let sizes = lines.map { $0.inputs.reduce(1) { $0 * $1.count } }
    #expect(sizes.reduce(0, +) == Table.rows.count)
    for row in Self.rows("fault") { #expect(lines.count { $0.holds(row) } == 1) }
  }

  @Test func `the table for people is padded and marks what plays no part`() {
    let lines = Table.text(Self.rows("gicv2"))
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("path   kernel  vma"))
    #expect(lines[1].hasPrefix("gicv2  *       -"))
    #expect(lines[1].contains("r+w+device"))
  }
}

@Suite struct KVMExplanationTests {
  @Test func `a decision is explained with its effective type`() {
    var fault = Stage2Fault(kernel: .normalNC)
    fault.allowsAnyUncached = true
    let lines = fault.explanation(stage1: 0x44)
    #expect(lines.contains("stage 2   0x5   Normal iNC oNC"))
    #expect(lines.contains("combined  Normal iNC oNC"))
    fault.kernel = .deviceOnly
    #expect(fault.explanation(stage1: 0x44).contains("combined  Device-nGnRE"))
  }

  @Test func `a refusal names the error and has nothing to combine`() {
    var fault = Stage2Fault(kernel: .deviceOnly)
    fault.access = .execute
    let text = fault.explanation(stage1: 0x44).joined(separator: "\n")
    #expect(text.contains("-ENOEXEC") && text.contains("nothing to combine"))
    #expect(!text.contains("combined  "))
  }

  @Test func `every decision can be explained`() {
    for fault in Table.faults {
      let lines = fault.explanation()
      #expect(lines.contains { $0.hasPrefix("why ") } && lines.contains { $0.hasPrefix("source ") })
    }
  }
  typealias Table = Stage2DecisionTable

  @Test func `flags have names that are read back`() {
    for bits in UInt8(0)..<32 {
      let protection = KVMProtection(rawValue: bits)
      let names = protection.name.split(separator: "+").filter { $0 != "0" }
      let flags = names.compactMap { KVMProtection(flagName: $0) }
      #expect(flags.count == names.count)
      #expect(flags.reduce([]) { $0.union($1) } == protection)
    }
    #expect(KVMProtection(flagName: "X") == nil && KVMProtection(flagName: "") == nil)
    #expect(KVMProtection([.read, .write, .normalNC]).name == "r+w+nc")
  }

  @Test func `the setter is explained, errors too`() {
    for bits in UInt8(0)..<32 {
      let protection = KVMProtection(rawValue: bits)
      let text = SetterExplanation.lines(protection, fwb: true, stage1: 0xff).joined(
        separator: "\n")
      let fails = (try? stage2SetProtAttr(protection, fwb: true)) == nil
      #expect(text.contains("-EINVAL") == fails)
      #expect(text.contains("combined  ") != fails)
    }
  }
}
