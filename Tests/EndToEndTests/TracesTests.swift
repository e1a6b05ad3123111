import Foundation
import Testing

/// The captures in `Traces`, and what their sidecars say of them.
struct TracesTests {
  /// The first lines of every sidecar's text.
  static let keys = [
    "trace", "records", "sha256", "format", "what", "guest", "workload", "devices", "captured",
    "command", "again", "licence",
  ]
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A top-level value of a sidecar that stands on its key's line.
  private func value(_ key: String, of name: String) throws -> String? {
    let line = try Repository.text("Traces/\(name).yaml").split(separator: "\n")
      .first { $0.hasPrefix(key + ":") }
    return line.map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) }
  }

  @Test(arguments: Repository.traces) func `a sidecar says all that is asked of it`(
    name: String
  ) throws {
    let text = try Repository.text("Traces/\(name).yaml")
    for key in Self.keys {
      #expect(text.contains("\n\(key):") || text.hasPrefix("\(key):"), "\(key)")
    }
    #expect(try value("trace", of: name) == "\(name).mmt")
    #expect(!text.contains("../") && !text.contains(Repository.root))
  }

  @Test(arguments: Repository.traces)
  func `records and SHA-256 of a sidecar are the trace's`(name: String) throws {
    let info = try JSON(scratch.quietly(["info", Repository.trace(name), "--json", "-"]).output)
    let records = "\(try #require(info["records"].integer))"
    let sum = try scratch.shell("sha256sum < '\(Repository.trace(name))' | cut -c 1-64").output
    let sha256 = String(sum.dropLast())
    if Repository.updatesGoldens { try rewrite(name, ["records": records, "sha256": sha256]) }
    #expect(try value("records", of: name) == records)
    #expect(try value("sha256", of: name) == sha256)
    #expect(try value("format", of: name) == info["format"].text)
  }

  private func rewrite(_ name: String, _ values: [String: String]) throws {
    let path = "Traces/\(name).yaml"
    let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    let changed = lines.map { line in
      let value = line.split(separator: ":").first.flatMap { values[String($0)].map { ($0) } }
      return value.map { "\(line.split(separator: ":")[0]): \($0)" } ?? String(line)
    }
    try scratch.write(Repository.path(path), changed.joined(separator: "\n"))
    Issue.record("rewrote \(path)")
  }

  @Test(arguments: Repository.traces) func `a trace is below 2 MB`(name: String) throws {
    #expect(try scratch.bytes(Repository.trace(name)).count < 2_000_000)
  }

  @Test func `there are two or three traces, each with a sidecar`() throws {
    #expect((2...3).contains(Repository.traces.count))
    let sidecars = Repository.files(below: "Traces", ending: ".yaml").filter {
      !$0.hasSuffix(".map.yaml")
    }
    #expect(sidecars == Repository.traces.map { "Traces/\($0).yaml" })
  }

  @Test func `one trace has more than 100 000 stores that gather`() throws {
    let most = try Repository.traces.map { name in
      let run = try JSON(
        scratch.quietly([
          "analyze", Repository.trace(name), "--policy", "kvm-normal-nc", "--json", "-",
        ]).output)
      // Stores that did not leave alone, where the capture itself says Normal-NC.
      return run["scenarios"][0]["regions"].list.map { region -> UInt64 in
        let metrics = region["metrics"]
        guard region["stage1"].text == "normal-nc", region["stage1_source"].text != "default",
          let stores = metrics["stores"].integer, let writes = metrics["bus_writes"].integer
        else { return 0 }
        return stores - min(stores, writes)
      }.max() ?? 0
    }
    #expect(try #require(most.max()) > 100_000)
  }

  // Function-level resets of the NVMe controller 0000:01:00.0: its `lspci -vv` shows the PCI
  // Express capability at 0x80, so Device Control is 0x88, and bit 15 initiates the reset. The
  // workload asked for seven: six through sysfs, one by hand.
  @Test func `one trace has function-level resets under load`() throws {
    let table = rows(try scratch.quietly(["dump", Repository.trace("nvme-flr")]).output).dropFirst()
    let resets = table.filter {
      $0[3] == "config_write" && $0[4] == "0x88" && $0[11] == "0000:01:00.0"
        && (UInt64($0[6].dropFirst(2), radix: 16) ?? 0) & 0x8000 != 0
    }
    #expect(resets.count == 7)
    for reset in resets {
      let record = try #require(Int(reset[0]))
      let before = table.dropFirst(max(0, record - 500)).prefix(500)
      let stores = before.filter { $0[3] == "store" && $0[12] == "0000:01:00.0 bar 0" }
      #expect(stores.count > 100, "record \(record)")
    }
    // The program takes them for resets: what is gathered then is a finding at that record.
    let arguments = ["compare", Repository.trace("nvme-flr"), "--json", "-"]
    let findings = try JSON(scratch.quietly(arguments).output)["findings"].list
    let pending = try #require(findings.first { $0["code"].text == "RST001" })
    let first = "\(try #require(pending["first_record"].integer))"
    #expect(resets.contains { $0[0] == first })
    #expect(pending["first_line"].integer.map(String.init) == resets.first { $0[0] == first }?[13])
  }

  /// The display's slot is reset while another process draws; counted here from the rows alone.
  ///
  /// Config accesses are stores to ECAM: register 4 of 01:00.0 is Command with Memory Space
  /// Enable as bit 1, register 0x3e of the port 00:01.0 Bridge Control with Secondary Bus Reset
  /// as bit 6 (PCI Express Base Specification 5.0, 7.5.1.1.3 and 7.5.1.3.13).
  @Test func `stores to a display that does not decode memory are a finding, each of them`() throws
  {
    let table = rows(try scratch.quietly(["dump", Repository.trace("fb-wc")]).output)
    var isDecoding = true
    var lost: [String] = []
    for row in table.dropFirst() where row[3] == "store" {
      let value = UInt64(row[6].dropFirst(2), radix: 16) ?? 0
      switch row[4] {
      case "0x4010100004": isDecoding = value & 2 != 0
      case "0x401000803e" where value & 0x40 != 0: isDecoding = false
      default: if row[12] == "display bar 0", !isDecoding { lost.append(row[0]) }
      }
    }
    let arguments = ["compare", Repository.trace("fb-wc"), "--json", "-"]
    let findings = try JSON(scratch.quietly(arguments).output)["findings"].list
    for scenario in ["kvm-device", "kvm-normal-nc"] {
      let found = findings.filter {
        $0["code"].text == "RST005" && $0["scenario"].text == scenario
          && $0["region"].text == "display bar 0"
      }
      #expect(found.compactMap { $0["count"].integer }.reduce(0, +) == UInt64(lost.count))
      #expect(found.first?["first_record"].integer.map(String.init) == lost.first)
    }
    #expect(lost.count > 1000)
  }
}
