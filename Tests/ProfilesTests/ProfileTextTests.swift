import Testing
import TraceCore

@testable import Profiles

@Suite struct ProfileTextTests {
  @Test func `no line is wider than 100 columns`() throws {
    let library = ProfileLibrary()
    let lines = try ProfileText.list(library) + library.profiles().flatMap(ProfileText.table)
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
  }

  @Test func `the list has a row a profile, links one together`() throws {
    let library = ProfileLibrary()
    let csv = try ProfileText.listCSV(library)
    #expect(try csv.count == 1 + library.profiles().count)
    #expect(csv[0] == "kind,name,description")
    #expect(csv[1].hasPrefix("cpu,generic-arm64,"))
  }

  @Test func `a table aligns its columns and wraps sources under each other`() throws {
    let library = ProfileLibrary()
    let lines = ProfileText.table(try #require(try library.builtIn(.device, named: "generic")))
    #expect(
      lines[0] == "device generic: A device that answers reads in about a microsecond")
    // One more than the widest cell of each column: 34 (conventional_reset_wait_ns),
    // 11 (1100000000), 10, 5 and 10.
    let widths = [34, 11, 10, 5, 10]
    let head = zip(["key", "value", "range", "unit", "status"], widths).map { text, width in
      text + String(repeating: " ", count: width - text.count)
    }
    #expect(lines[2] == head.joined() + "source")
    #expect(
      lines.contains {
        $0.hasPrefix(
          "device.config_latency_ns          1000       787..1600 ns   assumed   No measurement")
      })
    #expect(lines[4].hasPrefix(String(repeating: " ", count: 70)))
    #expect(!lines[4].hasPrefix(String(repeating: " ", count: 71)))
  }

  @Test func `a table in CSV quotes what needs quotes`() throws {
    let library = ProfileLibrary()
    let rows = ProfileText.tableCSV(try #require(try library.builtIn(.link, named: "generic")))
    #expect(rows.count == SettingKey.keys(of: .link).count)
    let mps = try #require(rows.first { $0.hasPrefix("link,generic,link.mps,256,bytes,measured,") })
    #expect(mps.contains("\"Neugebauer et al., \"\"Understanding PCIe"))
    #expect(mps.hasSuffix(","), "the payload size has no range")
    #expect(rows.contains { $0.hasPrefix("link,generic,link.ph,") && $0.hasSuffix(",32..127") })
    #expect(ProfileText.tableHead.hasSuffix(",range"))
  }

  @Test(arguments: [
    ("neoverse-v2", ["cpu"]), ("generic", ["rc", "link", "device"]), ("gen5x8", ["link"]),
  ])
  func `a name finds every kind that has it`(name: String, kinds: [String]) throws {
    #expect(try ProfileLibrary().profiles(matching: name).map(\.kind.rawValue) == kinds)
  }

  @Test func `a name that nothing has is an error with the nearest`() throws {
    let library = ProfileLibrary()
    #expect(try library.profiles(matching: "rc/generic").map(\.kind) == [.rc])
    let error = failure { () throws(TraceError) in try library.profiles(matching: "minimum") }
    #expect(error == "configuration: no profile 'minimum'; did you mean 'minimal'?")
  }
}
