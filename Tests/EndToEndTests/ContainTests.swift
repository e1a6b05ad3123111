import Foundation
import Testing

/// `contain`: its forms, and what it refuses.
struct ContainTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Eight stores that fill a line, a load, and two regions that are no PCI window, the second of
  /// which is passed through.
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
    load,0,0x9000000,4,uart
    load,0,0x9000004,4,uart

    """
  private static let map = """
    regions:
      - { name: bar 2, base: 0x10000000, size: 4KiB, kind: bar }
      - { name: gicv, base: 0x8010000, size: 64KiB, kind: platform }
      - { name: uart, base: 0x9000000, size: 4KiB, kind: platform, vfio: true }

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

  @Test func `a capture's accesses are counted; a region passed through has rows of its own`()
    throws
  {
    let run = try json(try prepare())
    let write = try #require(row(run, "pcie-server", "BAR", "ur", "write"))
    #expect(write["accesses"].integer == 8)
    #expect(write["before"]["memory_type"].text == "device-ngnre")
    #expect(write["after"]["memory_type"].text == "normal-nc")
    #expect(row(run, "pcie-server", "BAR", "ur", "read")?["accesses"].integer == 1)
    let uart = try #require(row(run, "pcie-server", "uart", "slave-error", "read"))
    #expect(uart["accesses"].integer == 2)
    #expect(uart["before"]["memory_type"].text == "device-ngnre")
    #expect(run["rows"].list.allSatisfy { $0["place"].text != "gicv" })
    let notes = run["notes"].list.compactMap(\.text)
    #expect(notes.contains { $0.hasPrefix("Left out: accesses that the hypervisor emulates and") })
    #expect(notes.contains { $0.contains("(1 to gicv)") })
    // One TLP of eight stores against eight of one.
    let blast = run["blast"].list
    #expect(blast.map { $0["scenario"].text } == ["kvm-device", "kvm-normal-nc"])
    #expect(blast.map { $0["largest"].integer } == [1, 8])
    #expect(blast.map { $0["tlps"].integer } == [8, 1])
  }

  /// Without a hypervisor nothing is emulated; the capture has one store to the region.
  @Test func `without KVM a platform region's accesses reach it`() throws {
    let run = try json(try prepare() + ["--before", "none", "--after", "none"])
    let gicv = try #require(row(run, "pcie-server", "gicv", "slave-error", "write"))
    #expect(gicv["accesses"].integer == 1)
  }

  @Test func `places that only their types set apart are named by their regions`() throws {
    try scratch.write(
      "b.csv",
      """
      op,vcpu,addr,size,region
      store,0,0x10000000,8,bar 0
      store,0,0x20000000,8,bar 2
      store,0,0x20000008,8,bar 2
      store,0,0x30000000,8,bar 4

      """)
    try scratch.write(
      "b.yaml",
      """
      regions:
        - { name: bar 0, base: 0x10000000, size: 4KiB, kind: bar }
        - { name: bar 2, base: 0x20000000, size: 4KiB, kind: bar, stage1: device-ngnre }
        - { name: bar 4, base: 0x30000000, size: 4KiB, kind: bar }

      """)
    let arguments = ["contain", "b.csv", "--map", "b.yaml", "--platform", "pcie-server"]
    let run = try json(arguments)
    let writes = run["rows"].list.filter {
      $0["fault"].text == "ur" && $0["access"].text == "write"
    }
    #expect(writes.map { $0["place"].text } == ["BAR (bar 0, bar 4)", "BAR (bar 2)"])
    #expect(writes.map { $0["accesses"].integer } == [2, 2])
    #expect(writes.map { $0["after"]["memory_type"].text } == ["normal-nc", "device-ngnre"])
    // A place's name may leave some of its regions out; this list does not.
    #expect(
      writes.map { $0["regions"].list.map(\.text) } == [["bar 0", "bar 4"], ["bar 2"]])
    let csv = rows(try scratch.quietly(arguments + ["--csv", "-"]).output)
    #expect(csv[0].last == "regions")
    #expect(Set(csv.dropFirst().compactMap(\.last)) == ["bar 0;bar 4", "bar 2"])
  }

  @Test func `without a capture no regions are named`() throws {
    let run = try json(["contain", "--matrix"])
    #expect(run["rows"].list.allSatisfy { $0["regions"].list.isEmpty })
  }

  /// The matrix counts nothing; a capture does, and values in range move some of it.
  @Test func `a second count is explained where there is one`() throws {
    let trace = Repository.trace("nvme-flr")
    let counted = ["contain", trace, "--platform", "pcie-server"]
    for arguments in [counted, counted + ["--markdown", "-"]] {
      let text = try scratch.quietly(arguments).output
      #expect(text.contains(/[0-9] \(or [0-9]/))
      #expect(text.contains("\nN (or M): N accesses under the platform's own values, M under"))
    }
    #expect(try !scratch.quietly(["contain", "--matrix"]).output.contains("N (or M)"))
  }

  @Test func `the answer comes before the outcomes, which fit 100 columns`() throws {
    for arguments in [["contain", "--matrix"], try prepare()] {
      let lines = try scratch.quietly(arguments).lines
      let answers = lines.indices.filter { lines[$0].contains("The memory type plays") }
      let head = try #require(lines.firstIndex { $0.hasPrefix("where ") })
      #expect(!answers.isEmpty && answers.allSatisfy { $0 < head })
      #expect(lines.allSatisfy { $0.count <= 100 })
    }
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
    (["contain", "a.csv", "--at", "12"], "the trace has 12 records"),
    (["contain", "a.csv", "--map", "a.yaml", "--at", "9"], "gicv, which the hypervisor emulates"),
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
