import Testing

/// What a command says where its result alone would mislead.
struct SaidAloudTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write(
      "a.csv", "op,vcpu,addr,size,t_ns,region\nstore,0,0x1000,4,1,a\nstore,0,0x1004,4,2,a\n")
  }

  @Test func `CSV without a map loses what regions are, a native trace with a wrong name nothing`()
    throws
  {
    let csv = try scratch.mmioscope(["convert", "a.csv", "-o", "b.csv"])
    #expect(csv.status == 0 && csv.errors.contains("--map-out FILE"))
    let mapped = try scratch.mmioscope(["convert", "a.csv", "-o", "b.csv", "--map-out", "b.yaml"])
    #expect(mapped.status == 0 && !mapped.errors.contains("--map-out FILE"))
    let native = try scratch.mmioscope(["import", "a.csv", "-o", "c.mmt"])
    #expect(native.status == 0 && !native.errors.contains("whatever its name says"))
    let named = try scratch.mmioscope(["slice", "a.csv", "-o", "d.csv"])
    #expect(named.status == 0 && named.errors.contains("d.csv becomes a native trace"))
    #expect(try scratch.quietly(["dump", "d.csv"]).lines.count == 3)
  }

  @Test func `resets that were not asked for are counted`() throws {
    let trace = Repository.trace("nvme-flr")
    let whole = try JSON(scratch.mmioscope(["reset", trace, "--json", "-"]).output)
    let one = try JSON(scratch.mmioscope(["reset", trace, "--reset", "1", "--json", "-"]).output)
    let all = try #require(whole["resets_in_trace"].integer)
    #expect(all > 1)
    #expect(whole["resets_not_asked"].integer == 0)
    #expect(one["resets_in_trace"].integer == all && one["resets_not_asked"].integer == all - 1)
  }

  @Test func `analyze gives the same bytes on any number of cores`() throws {
    let trace = Repository.trace("nvme-flr")
    let texts = try ["1", "2", "5"].map { threads in
      try scratch.mmioscope(["analyze", trace, "--json", "-", "--threads", threads]).output
    }
    #expect(Set(texts).count == 1 && texts[0].contains("\"totals\""))
  }

  @Test(arguments: [
    ("store,0,0x1000,65,1,a", "expected a size from 1 to 64 bytes in column size, found '65"),
    ("store,0,0x1000,4,1.5,a", "expected whole nanoseconds in column t_ns, found '.5"),
  ])
  func `a wrong cell is told with what should be there`(row: String, message: String) throws {
    try scratch.write("bad.csv", "op,vcpu,addr,size,t_ns,region\n\(row)\n")
    try scratch.failing(["compare", "bad.csv"], saying: [message])
  }

  /// Posted writes may not pass one another (entry A2a), and may pass an earlier config write (A4).
  @Test func `PCIe's order is printed pair by pair`() throws {
    let lines = try scratch.mmioscope(["explain", "--pcie-order"]).output.split(separator: "\n")
    #expect(lines.first == "first,second,direction,order,entry,why")
    #expect(lines.contains { $0.hasPrefix("MWr,MWr,downstream,kept,A2a,") })
    #expect(lines.contains { $0.hasPrefix("CfgWr,MWr,downstream,not kept,A4,") })
    try scratch.failing(["explain", "--pcie-order", "RST004"], saying: ["without codes"])
  }
}
