import Testing

struct MapTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// The capture says where BAR 0 of 00:04.0 lies; the write to port 0x70 is no access to it.
  @Test(arguments: ["", "    size: 0x4000\n"])
  func `a region of the map without a base lies where the capture has it`(size: String) throws {
    try scratch.write(
      "q.log",
      """
      32521@1795344195.741757:memory_region_ops_write cpu 0 mr 0x1 addr 0x70 value 0x8f size 1 name 'rtc-index'
      32521@1795344195.763330:pci_update_mappings_add nvme 00:04.0 0,0xfebec000+0x4000
      32521@1795344195.763711:memory_region_ops_write cpu 0 mr 0x2 addr 0xfebec014 value 0x1 size 4 name 'nvme-ctrl'

      """)
    try scratch.write(
      "m.yaml",
      "regions:\n  - name: nic\n    kind: bar\n    bdf: \"0000:00:04.0\"\n    bar: 0\n" + size)
    let dump = try scratch.quietly(["dump", "q.log", "--map", "m.yaml"])
    let rows = dump.lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.map { $0[4] } == ["0xfebec014"])
    #expect(rows.map { $0[12] } == ["nic"])
    let info = try scratch.quietly(["info", "q.log", "--map", "m.yaml"])
    #expect(info.output.contains("0xfebec000 + 0x4000"))
  }

  /// KVM leaves the mapping Device, so no advice about write-combining is of use.
  @Test func `what VFIO may not map otherwise is said first`() throws {
    let stores = (0..<128).map { "store,0,0x\(String(0x1000_0000 + 8 * $0, radix: 16)),8\n" }
    try scratch.write("t.csv", "op,vcpu,addr,size\n" + stores.joined())
    try scratch.write(
      "m.yaml",
      """
      regions:
        - { name: nic, base: 0x10000000, size: 4KiB, kind: bar, prefetchable: true, vfio: false }

      """)
    let outcome = try scratch.quietly(["compare", "t.csv", "--map", "m.yaml", "--ranges", "off"])
    #expect(
      outcome.output.contains("KVM keeps nic Device at stage 2, whatever the driver asks for."),
      "\(outcome.output)")
  }

  @Test(arguments: [("normal-wb", true), ("normal-wt", true), ("normal-nc", false)])
  func `cacheable memory is said to be replayed as Normal-NC`(type: String, isSaid: Bool) throws {
    try scratch.write("t.csv", "op,vcpu,addr,size\nstore,0,0x10000000,8\n")
    let outcome = try scratch.quietly([
      "analyze", "t.csv", "--policy", "none", "--stage1", "all=" + type, "--json", "-",
    ])
    #expect(outcome.output.contains("is replayed as Normal-NC: caches are not modelled") == isSaid)
  }

  /// A base that is mistyped puts a region where nothing is; what the map says of it is of no use then.
  @Test func `a window of the map that no access lies in is told first`() throws {
    try scratch.write("t.csv", "t_ns,vcpu,op,addr,size\n1,0,store,0x10000000,4\n")
    try scratch.write(
      "m.yaml",
      """
      regions:
        - { name: nic, base: 0x10000000, size: 4KiB, kind: bar }
        - { name: lost, base: 0x1000000, size: 4KiB, kind: bar }

      """)
    let text = "No access lies in 'lost' of the map: is the base right?"
    let compared = try scratch.quietly(["compare", "t.csv", "--map", "m.yaml"]).lines
    #expect(compared.contains { $0.hasPrefix("capture: " + text) })
    let run = try scratch.quietly(["compare", "t.csv", "--map", "m.yaml", "--json", "-"]).output
    #expect(run.contains(text) && run.contains("map_window_unused"))
    // It stays with the native trace, but not with an anonymous one.
    _ = try scratch.mmioscope(["import", "t.csv", "--map", "m.yaml", "-o", "t.mmt"])
    #expect(try scratch.quietly(["info", "t.mmt"]).output.contains(text))
    _ = try scratch.mmioscope(["anonymize", "t.mmt", "-o", "a.mmt"])
    #expect(try !scratch.quietly(["info", "a.mmt"]).output.contains("'lost'"))
    try scratch.write("good.yaml", "regions:\n  - { name: nic, base: 0x10000000, size: 4KiB }\n")
    let good = try scratch.quietly(["compare", "t.csv", "--map", "good.yaml"]).output
    #expect(!good.contains("No access lies in"))
  }
}
