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
    try scratch.failing(["reset", trace("nvme-flr.mmt"), "--reset", "0"], saying: ["from 1"])
    try scratch.failing(["reset", trace("nvme-flr.mmt"), "--reset", "99"], saying: ["11 resets"])
  }
}
