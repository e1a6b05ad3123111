import Foundation
import Testing

/// `contain`: its forms, and what it refuses.
struct ContainTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Eight stores that fill a line, a load and a platform region.
  private static let capture = """
    op,vcpu,addr,size,region
    store,0,0x10000000,8,bar 2
    store,0,0x10000008,8,bar 2
    store,0,0x10000010,8,bar 2
    store,0,0x10000018,8,bar 2
    store,0,0x10000020,8,bar 2
    store,0,0x10000028,8,bar 2
    store,0,0x10000030,8,bar 2
    store,0,0x10000038,8,bar 2
    load,0,0x10000000,4,bar 2
    store,0,0x8010000,4,gicv

    """
  private static let map = """
    regions:
      - { name: bar 2, base: 0x10000000, size: 4KiB, kind: bar }
      - { name: gicv, base: 0x8010000, size: 64KiB, kind: platform }

    """

  private func prepare() throws -> [String] {
    try scratch.write("a.csv", Self.capture)
    try scratch.write("a.yaml", Self.map)
    return ["contain", "a.csv", "--map", "a.yaml", "--accessors", "recorded"]
  }

  /// Rows by platform, place, fault and access.
  private func json(_ arguments: [String]) throws -> JSON {
    try JSON(scratch.quietly(arguments + ["--json", "-"]).output)
  }

  private func row(
    _ run: JSON, _ platform: String, _ place: String, _ fault: String, _ access: String
  ) -> JSON? {
    run["rows"].list.first {
      $0["platform"].text == platform && $0["place"].text == place && $0["fault"].text == fault
        && $0["access"].text == access
    }
  }

  @Test func `the matrix answers the seed's claim`() throws {
    let run = try json(["contain", "--matrix"])
    // The root complex answers no errors: as the seed says.
    let safe = try #require(row(run, "pcie-server", "BAR", "ur", "read"))
    #expect(safe["type_matters"].text == "no")
    #expect(safe["before"]["outcomes"].list.map(\.text) == ["contained"])
    // It answers slave errors: a Device load is worse than a Normal-NC load.
    let unsafe = try #require(row(run, "rpi-cm4", "BAR", "ur", "read"))
    #expect(unsafe["type_matters"].text == "yes")
    #expect(unsafe["before"]["own_outcomes"].list.map(\.text) == ["host down"])
    #expect(unsafe["after"]["own_outcomes"].list.map(\.text) == ["contained"])
    #expect(unsafe["hangs_on"].list.map(\.text).contains("platform.normal_load_abort"))
    for step in unsafe["before"]["chains"][0]["steps"].list {
      for key in ["stage", "rule", "text", "source"] { #expect(step[key].text?.isEmpty == false) }
    }
  }

  @Test func `a capture's accesses are counted, and its platform region is a row of its own`()
    throws
  {
    let run = try json(try prepare())
    let write = try #require(row(run, "pcie-server", "BAR", "ur", "write"))
    #expect(write["accesses"].integer == 8)
    #expect(write["before"]["memory_type"].text == "device-ngnre")
    #expect(write["after"]["memory_type"].text == "normal-nc")
    #expect(row(run, "pcie-server", "BAR", "ur", "read")?["accesses"].integer == 1)
    let gicv = try #require(row(run, "pcie-server", "gicv", "slave-error", "write"))
    #expect(gicv["accesses"].integer == 1 && gicv["type_matters"].text == "no")
    #expect(gicv["after"]["memory_type"].text == "device-ngnre")
    // One TLP of eight stores against eight of one.
    let blast = run["blast"].list
    #expect(blast.map { $0["scenario"].text } == ["kvm-device", "kvm-normal-nc"])
    #expect(blast.map { $0["largest"].integer } == [1, 8])
    #expect(blast.map { $0["tlps"].integer } == [8, 1])
  }

  @Test func `one record with its companions, and every step on the terminal`() throws {
    let arguments = try prepare() + ["--at", "3", "--fault", "ur", "--platform", "rpi-cm4"]
    let run = try json(arguments)
    #expect(run["failed"]["address"].integer == 0x1000_0018)
    let companions = run["failed"]["companions"].list.map { $0["records"].list.map(\.integer) }
    #expect(companions == [[3], [0, 1, 2, 3, 4, 5, 6, 7]])
    #expect(run["rows"].list.map { $0["access"].text } == ["write"])
    let text = try scratch.quietly(arguments + ["--steps"]).output
    #expect(text.contains("record 3: store of 8 B at 0x10000018 in bar 2"))
    #expect(text.contains("device.posted: ") && text.contains("exception.none: "))
  }

  @Test func `a folder holds the page, the tables and the JSON`() throws {
    let outcome = try scratch.mmioscope(try prepare() + ["-o", "out"])
    #expect(outcome.status == 0 && outcome.output == "")
    #expect(outcome.errors == "report: out/containment.md\n")
    let files = try scratch.list("out").sorted()
    #expect(
      files == ["containment.csv", "containment.json", "containment.md", "stores_per_tlp.csv"])
    let header = rows(try scratch.text("out/containment.csv"))[0]
    #expect(
      Array(header.prefix(7)) == [
        "platform", "place", "fault", "access", "accesses", "before_type", "before_outcomes",
      ])
    #expect(
      rows(try scratch.text("out/stores_per_tlp.csv")) == [
        ["region", "scenario", "stores_per_tlp", "tlps"], ["bar 2", "kvm-device", "1", "8"],
        ["bar 2", "kvm-normal-nc", "8", "1"],
      ])
    let page = try scratch.text("out/containment.md")
    #expect(page.contains("GICV") && page.contains("## Does the memory type play a part?"))
    #expect(page.contains("up to 8 stores, not 1"))
    // The same again, byte for byte.
    _ = try scratch.mmioscope(try prepare() + ["-o", "again"])
    for file in files { #expect(try scratch.text("out/" + file) == scratch.text("again/" + file)) }
  }

  @Test func `values are set, and a user's platform is read`() throws {
    try scratch.write(
      "mine.yaml",
      """
      kind: platform
      name: mine
      description: Mine
      extends: pcie-server
      values:
        failed_read:
          value: slave-error
          source: measured on the bench, one board
          status: measured

      """)
    let own = try json(["contain", "--matrix", "--platform", "mine.yaml", "--fault", "ur"])
    #expect(row(own, "mine", "BAR", "ur", "read")?["type_matters"].text == "yes")
    let changed = try json([
      "contain", "--matrix", "--platform", "mine.yaml", "--fault", "ur", "--set",
      "platform.failed_read=zeros",
    ])
    #expect(row(changed, "mine", "BAR", "ur", "read")?["type_matters"].text == "no")
  }

  @Test func `compare says which regions stay Device`() throws {
    try scratch.write("a.csv", Self.capture)
    try scratch.write("a.yaml", Self.map)
    let line = "gicv stays Device-nGnRE at stage 2 under every KVM policy"
    let arguments = ["compare", "a.csv", "--map", "a.yaml"]
    #expect(try scratch.quietly(arguments).output.contains(line))
    let page = try scratch.quietly(arguments + ["--markdown", "-"]).output
    #expect(page.contains("`gicv` stays Device-nGnRE at stage 2 under every KVM policy: "))
    // Without such a region there is no such line.
    try scratch.write("b.csv", Inputs.csv)
    #expect(try !scratch.quietly(["compare", "b.csv"]).output.contains("Device-nGnRE at stage 2"))
  }

  @Test(arguments: [
    (["contain"], "--matrix"), (["contain", "a.csv", "--matrix"], "--matrix"),
    (["contain", "--matrix", "--at", "1"], "need a trace"),
    (["contain", "a.csv", "--types", "device-gre,normal-nc"], "needs --matrix"),
    (["contain", "--matrix", "--types", "normal-nc"], "expected two of"),
    (["contain", "--matrix", "--platform", "rpi-cm5"], "did you mean 'rpi-cm4'?"),
    (["contain", "--matrix", "--platform", "none.yaml"], "none.yaml"),
    (["contain", "--matrix", "--fault", "crash"], "expected all, ur, ca"),
    (["contain", "--matrix", "--set", "platform.dpc=maybe"], "'maybe' is not allowed"),
    (["contain", "a.csv", "--at", "10"], "the trace has 10 records"),
    (["contain", "a.csv", "--at", "-1"], "--at"),
    (["contain", "a.csv", "--at", "somewhere"], "expected every, a record's number"),
    (["contain", "a.csv", "--at", "region bar 9"], "the trace has no such region"),
    (["contain", "a.csv", "--at", "18446744073709551616"], "--at"),
    (["compare", "a.csv", "--set", "platform.dpc=fatal"], "contain only"),
    (["contain", "nothing.csv"], "nothing.csv"),
  ])
  func `wrong arguments are refused`(arguments: [String], words: String) throws {
    _ = try prepare()
    try scratch.failing(arguments, saying: [words])
  }
}
