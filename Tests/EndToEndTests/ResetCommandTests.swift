import Foundation
import Testing

/// `mmioscope reset` on the captures that come along, and on what it cannot use.
///
/// Expected facts are the captures' own config accesses, read by `dump`: which record writes Device
/// Control bit 15 or Bridge Control bit 6, and what the kernel's documented sequence has around it.
struct ResetCommandTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func trace(_ name: String) -> String { Repository.path("Traces/" + name) }

  /// Rows of a CSV text by column name; none of the columns read here is quoted.
  private func rows(_ text: String) -> [[String: String]] {
    let lines = text.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard let header = lines.first else { return [] }
    return lines.dropFirst().map { Dictionary(zip(header, $0), uniquingKeysWith: { a, _ in a }) }
  }

  /// Config writes of a dump: record, function, register, value.
  private func configWrites(_ name: String) throws -> [(UInt64, String, String, UInt32)] {
    rows(try scratch.quietly(["dump", trace(name)]).output).compactMap { row in
      guard row["op"] == "config_write", let record = row["record"].flatMap({ UInt64($0) }),
        let value = row["value"].flatMap({ UInt32($0.dropFirst(2), radix: 16) })
      else { return nil }
      return (record, row["bdf"] ?? "", row["addr"] ?? "", value)
    }
  }

  @Test func `the times of a reset and those of dump differ by the first stamp`() throws {
    let trace = trace("nvme-flr.mmt")
    let audit = try JSON(scratch.quietly(["reset", trace, "--json", "-"]).output)
    let first = try #require(audit["trace"]["first_time_ns"].integer)
    let info = try JSON(scratch.quietly(["info", trace, "--json", "-"]).output)
    let dump = rows(try scratch.quietly(["dump", trace, "--count", "1"]).output)
    #expect(dump.first?["t_ns"] == String(first))
    #expect(info["first_time_ns"].integer == first)
    let reset = try #require(audit["resets"].list.first)
    let (time, record) = try (
      #require(reset["time_ns"].integer), #require(reset["record"].integer)
    )
    let there = rows(
      try scratch.quietly([
        "dump", trace, "--from-time", "\(first + time)", "--count", "1", "--from", "\(record)",
      ]).output)
    #expect(there.map { $0["record"] } == ["\(record)"])
    #expect(
      try scratch.quietly(["reset", trace, "--markdown", "-"]).output
        .contains("count from the first record's stamp"))
  }

  // Bridge Control of 00:01.0 lies at 0x803e of the ECAM window at 0x4010000000; the capture begins
  // when the kernel had read the header, so that neither header type nor bus numbers are in it.
  @Test func `the bus reset of a port whose header the capture lacks is found, its scope is not`()
    throws
  {
    let trace = trace("fb-wc.mmt")
    let writes = rows(
      try scratch.quietly([
        "dump", trace, "--address", "0x401000803e", "--direction", "store",
      ]).output
    ).filter { $0["op"] == "store" }
    #expect(writes.map { $0["value"] } == ["0x42", "0x2"])
    #expect(writes.map { $0["size"] } == ["2", "2"])
    let found = rows(try scratch.quietly(["reset", trace, "--csv", "-"]).output)
    #expect(found.map { $0["record"] } == ["664581", "664581"])
    #expect(found.map { $0["function"] } == ["0000:00:01.0", "0000:00:01.0"])
    #expect(found.map { $0["kind"] } == ["sbr-assert", "sbr-assert"])
    #expect(found.map { $0["functions"] } == ["", ""])
    for column in ["natural", "before", "after", "verdict"] {
      #expect(found.map { $0[column] } == ["not-shown", "not-shown"])
    }
    let words = try scratch.quietly(["reset", trace]).output
    #expect(words.contains("config_assumed_bridge 1x"))
    #expect(!words.contains("config_unknown_header_type"))
    let report = try scratch.quietly(["compare", trace, "--markdown", "-"]).output
    #expect(!report.contains("Nothing is missing"))
    #expect(report.contains("`config_assumed_bridge`"))
  }

  // The guest's kernel is 6.1: six FLRs and four bus resets through sysfs, then one FLR by hand.
  @Test func `the NVMe capture's resets are those of its config writes, by their methods`() throws {
    let writes = try configWrites("nvme-flr.mmt")
    let flrs = writes.filter { $0.1 == "0000:01:00.0" && $0.2 == "0x88" && $0.3 & 0x8000 != 0 }
    let buses = writes.filter { $0.1 == "0000:00:01.0" && $0.2 == "0x3e" && $0.3 & 0x40 != 0 }
    #expect(flrs.count == 7 && buses.count == 4)
    let found = rows(
      try scratch.quietly(["reset", trace("nvme-flr.mmt"), "--csv", "-"]).output)
    let device = found.filter { $0["scenario"] == "kvm-device" }
    #expect(
      device.compactMap { $0["record"].flatMap { UInt64($0) } }
        == (flrs + buses).map(\.0).sorted())
    let methods = device.compactMap { $0["method"] }
    #expect(
      methods
        == Array(repeating: "linux-flr", count: 6) + Array(repeating: "linux-bus", count: 4)
        + ["bare-write"])
    // Whoever wrote by hand polled nothing and wrote no BAR back; the kernel always did.
    for row in device {
      let isBare = row["method"] == "bare-write"
      #expect(row["deviations"]?.contains("pending-not-polled") == isBare)
      #expect(row["steps_missing"] == (isBare ? "pending-poll restore" : ""))
      #expect(row["path"] == "trapped")
    }
    #expect(found.count == 2 * device.count)
    // No mapping orders MMIO and a reset by itself.
    #expect(found.allSatisfy { $0["natural"] == "no" })
  }

  // The four bus resets are writes to the port 00:01.0, above the region's function; fb-wc's goes
  // through the ECAM window.
  @Test func `a filter by region or address keeps the resets of the bridges above`() throws {
    for options in [
      ["--region", "0000:01:00.0 bar 0"], ["--address", "0x10000000+16K"],
    ] {
      let found = rows(
        try scratch.quietly(["reset", trace("nvme-flr.mmt"), "--csv", "-"] + options).output
      ).filter { $0["scenario"] == "kvm-device" }.compactMap { $0["kind"] }
      #expect(
        found == Array(repeating: "flr", count: 6) + Array(repeating: "sbr-assert", count: 4)
          + ["flr"])
      let run = try JSON(
        scratch.quietly(["compare", trace("nvme-flr.mmt"), "--json", "-"] + options).output)
      #expect(run["findings"].list.contains { $0["code"].text == "RST004" })
    }
    for options in [["--region", "display bar 0"], ["--address", "0x10000000+16M"]] {
      let found = rows(
        try scratch.quietly(["reset", trace("fb-wc.mmt"), "--csv", "-"] + options).output)
      #expect(found.map { $0["kind"] } == ["sbr-assert", "sbr-assert"])
    }
  }

  // Of the dump's seven writes of Device Control bit 15 and four of Bridge Control bit 6.
  @Test(arguments: ["compare", "analyze"])
  func `a run points to the resets of its trace`(command: String) throws {
    let trace = trace("nvme-flr.mmt")
    let screen = try scratch.quietly([command, trace]).output
    #expect(screen.contains("\nresets: 11 (flr 7, sbr-assert 4)"))
    #expect(screen.contains("mmioscope reset TRACE"))
    let report = try scratch.quietly([command, trace, "--markdown", "-"]).output
    #expect(
      report.contains("Resets: 11 (flr 7, sbr-assert 4). `mmioscope reset nvme-flr.mmt` shows"))
    try scratch.write("a.csv", Inputs.csv)
    #expect(!(try scratch.quietly([command, "a.csv"]).output.contains("resets:")))
  }

  // By reset's own table, in whose order they are first met: one vocabulary for both.
  @Test(arguments: ["fb-wc", "nvme-flr", "vfio-reclaim"])
  func `compare counts resets by the kinds that reset gives`(name: String) throws {
    let kinds = rows(try scratch.quietly(["reset", trace("\(name).mmt"), "--csv", "-"]).output)
      .filter { $0["scenario"] == "kvm-device" }.compactMap { $0["kind"] }
    var first: [String] = []
    for kind in kinds where !first.contains(kind) { first.append(kind) }
    let counts = first.map { kind in "\(kind) \(kinds.count { $0 == kind })" }
    #expect(
      try scratch.quietly(["compare", trace("\(name).mmt")]).output.contains(
        "\nresets: \(kinds.count) (\(counts.joined(separator: ", ")))"))
  }

  // A vCPU resets a function by config accesses, and QEMU tells of another reset: two kinds.
  @Test func `a power state's reset and a notice of one have names of their own`() throws {
    let device = "0000:01:00.0"
    // Power Management at 0x40 whose No_Soft_Reset, bit 3 of its Control, is 0.
    let reads = [
      ("0x4", "0x100006"), ("0x34", "0x40"), ("0x40", "0x36001"), ("0x44", "0x0"),
    ]
    let lines =
      ["t_ns,vcpu,op,addr,size,value,flags,kind,attr,bdf"]
      + reads.map { "0,0,config_read,\($0.0),4,\($0.1),,,,\(device)" }
      + [
        "10,0,config_write,0x44,2,0x3,,,,\(device)", "99,0,config_write,0x44,2,0x0,,,,\(device)",
        "9000,0,reset,,,,,vfio_pci_reset_pm,,\(device)",
      ]
    try scratch.write("n.csv", lines.joined(separator: "\n") + "\n")
    let screen = try scratch.quietly(["compare", "n.csv"]).output
    #expect(screen.contains("resets: 2 (pm-reset-start 1, pm-reset 1)"))
  }

  // QEMU's log has no barriers. Behind every store the kernel's reset reads the function's header, so
  // that with a DSB ahead of those reads each would be in order: none is known not to be.
  @Test func `a capture without barriers says so first, and takes no missing one for a fact`()
    throws
  {
    let trace = trace("nvme-flr.mmt")
    let found = rows(try scratch.quietly(["reset", trace, "--csv", "-"]).output)
    #expect(Set(found.compactMap { $0["before"] }) == ["yes", "not-shown"])
    #expect(found.allSatisfy { $0["deviations"]?.contains("no-dsb") == false })
    // By hand, within the recovery time: whatever barriers there were.
    #expect(found.filter { $0["reset"] == "11" }.allSatisfy { $0["after"] == "no" })
    let screen = try scratch.quietly(["reset", trace]).output
    let report = try scratch.quietly(["reset", trace, "--markdown", "-"]).output
    for text in [screen, report] {
      let head = text.prefix(1200).replacing("\n", with: " ")
      #expect(head.contains("generic-arm64, generic, gen4x16, accessors bursts"))
      #expect(head.contains("The capture holds no barriers"))
      #expect(!text.contains("With the capture's barriers"))
    }
    let whole = try scratch.quietly(["reset", self.trace("vfio-reclaim.mmt")]).output
    #expect(whole.contains("accessors recorded") && !whole.contains("holds no barriers"))
  }

  @Test func `the VFIO capture's closes save nothing, its resets do`() throws {
    let found = rows(
      try scratch.quietly([
        "reset", trace("vfio-reclaim.mmt"), "--csv", "-", "--before", "none",
      ]).output
    ).filter { $0["scenario"] == "none" && $0["kind"] == "flr" }
    let closes = found.filter { $0["method"] == "vfio-close-flr" }
    // A reset at open or by ioctl saves the header first; a close does not.
    #expect(!closes.isEmpty)
    for row in found {
      let seen = row["steps_seen"]?.split(separator: " ").map(String.init) ?? []
      #expect(seen.contains("save-state") == (row["method"] == "linux-flr"))
      #expect(seen.contains("command-0x0400") && seen.contains("pending-poll"))
      #expect(row["path"] == "ecam")
    }
  }

  @Test func `a known serialisation point settles what hangs on it`() throws {
    func before(_ point: String) throws -> Set<String> {
      let text = try scratch.quietly([
        "reset", trace("vfio-reclaim.mmt"), "--csv", "-", "--set",
        "rc.serialisation_point=\(point)",
      ]).output
      return Set(rows(text).filter { $0["kind"] == "flr" }.compactMap { $0["before"] })
    }
    #expect(try before("root-complex") == ["yes"])
    #expect(try before("interconnect") == ["no"])
  }

  @Test func `the folder holds every form, twice the same`() throws {
    for folder in ["a", "b"] {
      let outcome = try scratch.mmioscope(["reset", trace("nvme-flr.mmt"), "-o", folder])
      #expect(outcome.status == 0 && outcome.output == "")
      #expect(outcome.errors == "report: \(folder)/reset.md\n")
    }
    let names = ["reset.json", "reset.md", "reset_rows.csv", "resets.csv"]
    #expect(try scratch.list("a").sorted() == names)
    for name in names {
      #expect(try scratch.bytes("a/" + name) == scratch.bytes("b/" + name), "\(name)")
    }
    let text = String(decoding: try scratch.bytes("a/reset.md"), as: UTF8.self)
    #expect(text.contains("Resets are not naturally ordered"))
  }

  @Test func `what is asked for by number is alone in every form`() throws {
    let only = ["reset", trace("nvme-flr.mmt"), "--reset", "3", "--reset", "11"]
    _ = try scratch.mmioscope(only + ["-o", "few"])
    _ = try scratch.mmioscope(["reset", trace("nvme-flr.mmt"), "-o", "all"])
    for name in ["resets.csv", "reset_rows.csv"] {
      let few = String(decoding: try scratch.bytes("few/" + name), as: UTF8.self)
      let all = String(decoding: try scratch.bytes("all/" + name), as: UTF8.self)
      let lines = all.split(separator: "\n")
      let expected = [lines[0]] + lines.filter { $0.hasPrefix("3,") || $0.hasPrefix("11,") }
      #expect(few.split(separator: "\n") == expected)
    }
    let json = try numbers("few/reset.json")
    #expect(json.numbers == [3, 11] && json.total == 11)
    #expect(try numbers("all/reset.json").numbers == Array(1...11))
    let text = String(decoding: try scratch.bytes("few/reset.md"), as: UTF8.self)
    #expect(text.contains("Only 2 of 11 resets of the trace asked for."))
    let litmus = try scratch.quietly(only + ["--litmus", "-"]).output
    #expect(litmus.contains("R3-") && !litmus.contains("R1-"))
  }

  private func numbers(_ path: String) throws -> (numbers: [Int], total: Int?) {
    let document = try JSONSerialization.jsonObject(with: Data(try scratch.bytes(path)))
    let object = try #require(document as? [String: Any])
    let resets = try #require(object["resets"] as? [[String: Any]])
    return (resets.compactMap { $0["number"] as? Int }, object["resets_in_trace"] as? Int)
  }

  // The document is written entry by entry; it has to read as if it were made in one piece.
  @Test func `the JSON that is streamed is the encoder's own`() throws {
    let text = try scratch.quietly(["reset", trace("nvme-flr.mmt"), "--json", "-"]).output
    let encoder = try JSONSerialization.data(
      withJSONObject: JSONSerialization.jsonObject(with: Data(text.utf8)),
      options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    #expect(String(decoding: encoder, as: UTF8.self) + "\n" == text)
  }

  @Test func `what hangs on the host comes with what settles it`() throws {
    let vfio = trace("vfio-reclaim.mmt")
    let setting = "rc.serialisation_point=root-complex"
    let open = try scratch.quietly(["reset", vfio]).output
    #expect(open.contains("the serialisation point: --set rc.serialisation_point="))
    // By the dump, three of its 34 resets come before any MMIO to what they reset.
    let claim = open.replacing("\n", with: " ")
    #expect(claim.contains(": of 31 resets with MMIO before them (34 resets in all), the mapping"))
    #expect(claim.contains(" in order for 0 under kvm-device and 0 under kvm-normal-nc"))
    #expect(open.contains("With the capture's barriers, reads and unmaps:"))
    let settled = try scratch.quietly(["reset", vfio, "--set", setting]).output
    #expect(!settled.contains("is settled by"))
  }

  // VFIO's log has both: the guest's write of Device Control, and what the host made of it.
  @Test(arguments: [(1000, 1), (1001, 2)])
  func `a notice of a config write's reset at its time is part of it`(
    time: Int, count: Int
  ) throws {
    let device = "0000:01:00.0"
    let reads = [
      ("0x4", "0x100006"), ("0x34", "0x60"), ("0x60", "0x20010"), ("0x64", "0x10008000"),
    ]
    let lines =
      ["t_ns,vcpu,op,addr,size,value,flags,kind,attr,bdf"]
      + reads.map { "0,0,config_read,\($0.0),4,\($0.1),,,,\(device)" }
      + [
        "1000,0,config_write,0x68,2,0xa810,,,,\(device)", "\(time),0,reset,,,,,flr,,\(device)",
      ]
    try scratch.write("n.csv", lines.joined(separator: "\n") + "\n")
    let found = rows(try scratch.quietly(["reset", "n.csv", "--csv", "-"]).output)
    #expect(found.count == 2 * count)
    #expect(found.first?["record"] == "4")
    #expect(found.first?["steps_seen"]?.contains("notice") == (count == 1))
    #expect(
      try scratch.quietly(["compare", "n.csv"]).output.contains("resets: \(count) (flr \(count))"))
    // Nothing to order is said once.
    let text = try scratch.quietly(["reset", "n.csv"]).output
    #expect(text.contains("no MMIO before any") && !text.contains("barriers, reads and unmaps"))
  }

  // Every program that backs a row is confirmed by the litmus command, which reads its text.
  @Test func `the programs that it writes hold`() throws {
    try scratch.quietly(["reset", trace("nvme-flr.mmt"), "--litmus", "r.litmus"])
    let outcome = try scratch.mmioscope(["litmus", "r.litmus"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("every claim holds"))
  }

  @Test func `a trace without a reset says what it would need`() throws {
    try scratch.write("a.csv", Inputs.csv)
    let text = try scratch.quietly(["reset", "a.csv"]).output
    #expect(text.contains("has no reset") && text.contains("config accesses"))
    try scratch.failing(["reset", "a.csv", "--reset", "1"], saying: ["has 0 resets"])
  }

  @Test func `one reset can be asked for, counted from 1`() throws {
    let text = try scratch.quietly(["reset", trace("nvme-flr.mmt"), "--reset", "11"]).output
    #expect(text.hasPrefix("reset 11: flr of 0000:01:00.0"))
    let two = try scratch.quietly([
      "reset", trace("nvme-flr.mmt"), "--reset", "11", "--reset", "3",
    ]).output
    #expect(two.hasPrefix("reset 3: flr") && two.contains("\nreset 11: flr"))
    try scratch.failing(["reset", trace("nvme-flr.mmt"), "--reset", "0"], saying: ["from 1"])
    try scratch.failing(["reset", trace("nvme-flr.mmt"), "--reset", "99"], saying: ["11 resets"])
  }
}
