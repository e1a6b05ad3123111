import Testing

/// `packets`: the list of TLPs as a user gets it.
struct PacketsTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private static let head = "t_ns,vcpu,op,addr,size,kind\n"
  /// Two stores that follow one another, behind a record that makes no difference.
  private static let stores = "1,0,store,0x10000000,4,\n2,0,store,0x10000004,4,\n"

  /// Bytes of a write below 4 GiB: 8 and a header of 12, and 4 a DW.
  @Test func `a row has what the link carries, who wrote it and when`() throws {
    try scratch.write("t.csv", Self.head + Self.stores + "9,0,barrier,,,dmb.st\n")
    let rows = try scratch.mmioscope(["packets", "t.csv", "--clock", "paced"]).output
      .split(separator: "\n").map(String.init)
    #expect(rows.count == 2)
    let names = try #require(rows.first).split(separator: ",").map(String.init)
    let cells = rows[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let row = Dictionary(uniqueKeysWithValues: zip(names, cells))
    #expect(cells.count == names.count)
    let wanted = [
      "tlp": "0", "direction": "down", "type": "MWr32", "completes": "", "addr": "0x10000000",
      "length_dw": "2", "first_be": "1111", "last_be": "1111", "payload_bytes": "8",
      "wire_bytes": "28", "vcpu": "0", "origin": "line", "cause": "barrier",
      "left_at_record": "2", "records": "0-1", "saturated_start_ps": "", "saturated_end_ps": "",
    ]
    for (name, value) in wanted { #expect(row[name] == value, "\(name)") }
    // The second store is issued no earlier than 1 ns behind the first.
    #expect(UInt64(row["paced_start_ps"] ?? "").map { $0 >= 1000 } == true)
  }

  /// Without barriers one is assumed ahead of each store that continues none; whether there are any
  /// only the end of a text tells.
  @Test func `barriers are assumed as in compare, for which a file is read twice`() throws {
    let third = "3,0,store,0x10000020,4,\n"
    try scratch.write("bare.csv", Self.head + Self.stores + third)
    let bare = try scratch.mmioscope(["packets", "bare.csv"])
    #expect(bare.status == 0 && bare.errors.contains("accessors bursts; 2 TLPs"))
    #expect(bare.output.contains(",line,barrier,2,0-1,"))
    let recorded = Self.head + Self.stores + third + "4,0,barrier,,,dmb.st\n"
    try scratch.write("barrier.csv", recorded)
    let held = try scratch.mmioscope(["packets", "barrier.csv"])
    // One line, two runs of bytes.
    #expect(held.status == 0 && held.errors.contains("accessors recorded; 2 TLPs"))
    #expect(held.output.contains(",line,barrier,3,2,"))
    let refused = try scratch.shell("cat bare.csv | \"$MMIOSCOPE\" packets -")
    #expect(refused.status == 2 && refused.errors.contains("packets without --accessors"))
    let piped = try scratch.shell(
      "cat bare.csv | \"$MMIOSCOPE\" packets - --accessors bursts --csv p.csv")
    #expect(piped.status == 0 && piped.output.isEmpty)
    #expect(try scratch.text("p.csv") == bare.output)
  }

  @Test func `a wrong region is refused and leaves no file`() throws {
    try scratch.write("t.csv", Self.head + Self.stores)
    try scratch.failing(
      ["packets", "t.csv", "--csv", "p.csv", "--accessors", "relaxed", "--stage1", "x=normal-nc"],
      saying: ["--stage1 x", "no such region"])
    #expect(try scratch.list(".") == ["t.csv"])
  }
}
