import Testing

/// `tlp` and `link`, against numbers worked out by hand.
struct TLPCommandTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Bytes of a 64-byte buffer and how many memory writes they make under each split.
  struct Vector: CustomTestStringConvertible, Sendable {
    var bytes: String
    var minimal: Int
    var runs: Int
    var aligned: Int
    var testDescription: String { bytes }
  }

  /// Counted by hand from the byte-enable rules (PCI Express Base Specification 5.0, 2.2.5): one
  /// run with any ends, or any bytes of one aligned quadword; and, for `aligned`, by cutting each
  /// run from its low end into the largest aligned power of two.
  static let vectors = [
    Vector(bytes: "0-63", minimal: 1, runs: 1, aligned: 1),
    // 1 | 2 | 4 | 8 | 16 | 32
    Vector(bytes: "1-63", minimal: 1, runs: 1, aligned: 6),
    Vector(bytes: "0-62", minimal: 1, runs: 1, aligned: 6),
    Vector(bytes: "4-63", minimal: 1, runs: 1, aligned: 4),
    // 3 | 4-7 | 8-15 | 16-31 | 32-47 | 48-55 | 56-59 | 60
    Vector(bytes: "3-60", minimal: 1, runs: 1, aligned: 8),
    Vector(bytes: "0-19,21-63", minimal: 2, runs: 2, aligned: 6),
    Vector(bytes: "0-19,24-63", minimal: 2, runs: 2, aligned: 4),
    Vector(bytes: "0,7", minimal: 1, runs: 2, aligned: 2),
    Vector(bytes: "4,11", minimal: 2, runs: 2, aligned: 2),
    Vector(bytes: "0,63", minimal: 2, runs: 2, aligned: 2),
    Vector(bytes: "0-7", minimal: 1, runs: 1, aligned: 1),
    Vector(bytes: "4-11", minimal: 1, runs: 1, aligned: 2),
    Vector(
      bytes: stride(from: 0, to: 64, by: 2).map(String.init).joined(separator: ","), minimal: 8,
      runs: 32, aligned: 32),
    Vector(
      bytes: stride(from: 0, to: 64, by: 8).map { "\($0)-\($0 + 3)" }.joined(separator: ","),
      minimal: 8, runs: 8, aligned: 8),
    Vector(bytes: "0-7,16-23,32-39,48-55", minimal: 4, runs: 4, aligned: 4),
  ]

  @Test(arguments: vectors) func `bytes leave in as many writes as counted`(vector: Vector) throws {
    let splits = [
      ("runs", vector.runs), ("minimal", vector.minimal), ("aligned", vector.aligned),
    ]
    for (split, count) in splits {
      let lines = try scratch.quietly(["tlp", "--bytes", vector.bytes, "--split", split]).lines
      #expect(lines.count == count + 2, "\(split)")
      let word = count == 1 ? "TLP" : "TLPs"
      #expect(lines.last?.hasPrefix("total: \(count) \(word), ") == true, "\(split)")
    }
  }

  @Test func `a write is shown with its byte enables`() throws {
    // Bytes 3 to 12: DWs 0 to 3, the first with its top byte, the last with its lowest. 4 DW
    // header above 4 GiB: 8 + 16 + 16 = 40 bytes on the wire.
    let lines = try scratch.quietly(["tlp", "--bytes", "3-12"]).lines
    let cells = lines[1].split(separator: " ")
    #expect(cells == ["0x1000000003", "1000", "0001", "10", "4", "40"])
    #expect(lines[2] == "total: 1 TLP, 10 payload bytes, 16 padded bytes, 40 wire bytes")
  }

  @Test func `a write never crosses 4 KiB, and the header is shorter below 4 GiB`() throws {
    // 4 bytes up to 0x1000, 60 from there: 8 + 12 + 4 = 24 and 8 + 12 + 60 = 80.
    let lines = try scratch.quietly(["tlp", "--bytes", "0-63", "--at", "0xffc"]).lines
    #expect(lines[1].split(separator: " ") == ["0xffc", "1111", "0000", "4", "1", "24"])
    #expect(lines[2].split(separator: " ") == ["0x1000", "1111", "1111", "60", "15", "80"])
  }

  @Test func `masks are answered as CSV`() throws {
    try scratch.write("masks", "ff\n0xFFFFFFFFFFFFFFFF\n0x81\n1\n")
    let expected = """
      mask,tlps,payload_bytes,padded_bytes,wire_bytes
      0xff,1,8,8,32
      0xffffffffffffffff,1,64,64,88
      0x81,2,2,8,56
      0x1,1,1,4,28

      """
    #expect(try scratch.quietly(["tlp", "--masks", "masks"]).output == expected)
    let piped = try scratch.quietly(["tlp", "--masks", "-"], input: "masks")
    #expect(piped.output == expected)
    // Bytes 0 and 7 are one write where a quadword may have holes.
    let minimal = try scratch.quietly(["tlp", "--masks", "masks", "--split", "minimal"]).lines
    #expect(minimal[3] == "0x81,1,2,8,32")
  }

  @Test(arguments: [
    ("1\nxyz\n", "masks:2:1:"), ("1\n\n2\n", "masks:2:1:"), ("0x10000000000000000\n", "masks:1:"),
    ("", "masks"), ("0x", "masks:1:"),
  ])
  func `a bad mask is an error with its line`(text: String, says: String) throws {
    try scratch.write("masks", text)
    let outcome = try scratch.mmioscope(["tlp", "--masks", "masks"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(says), "\(outcome.errors)")
  }

  /// The rows of a listing as CSV: one dictionary a TLP.
  private func listing(_ arguments: [String]) throws -> [[String: String]] {
    let table = rows(try scratch.quietly(["tlp"] + arguments + ["--csv"]).output)
    return table.dropFirst().map { row in
      Dictionary(zip(table[0], row)) { first, _ in first }
    }
  }

  @Test func `a write of 300 bytes is cut at Max_Payload_Size`() throws {
    // 0x1003 to 0x10ff are 253 bytes in 64 DWs, then 47 in 12; 8 + 12 + 4 a DW.
    let writes = try listing(["--write", "0x1003+300"])
    #expect(writes.map { $0["type"] } == ["MWr32", "MWr32"])
    #expect(writes.map { $0["address"] } == ["0x1000", "0x1100"])
    #expect(writes.map { $0["first_be"] } == ["1000", "1111"])
    #expect(writes.map { $0["last_be"] } == ["1111", "0111"])
    #expect(writes.map { $0["payload_bytes"] } == ["253", "47"])
    #expect(writes.map { $0["wire_bytes"] } == ["276", "68"])
    #expect(writes.map { $0["data_credits"] } == ["16", "3"])
    // Fmt 010 Type 0, Length 0x40; Requester ID 0, tag 0, BEs 1111 1000; the address.
    #expect(writes[0]["header"] == "40000040 000000f8 00001000")
  }

  @Test func `a read and its completions, few and many`() throws {
    // 256 bytes from 0x20 on at RCB 64: the published example of one to five completions.
    let few = try listing(["--read", "0x20+256"])
    #expect(few.map { $0["direction"] } == ["down", "up"])
    #expect(few.map { $0["wire_bytes"] } == ["20", "276"])
    let many = try listing(["--read", "0x20+256", "--completions", "rcb"]).dropFirst()
    #expect(many.map { $0["payload_bytes"] } == ["32", "64", "64", "64", "32"])
    #expect(many.map { $0["byte_count"] } == ["256", "224", "160", "96", "32"])
    #expect(many.map { $0["lower_address"] } == ["32", "64", "0", "64", "0"])
    #expect(many.allSatisfy { $0["credit_pool"] == "CPL" && $0["type"] == "CplD" })
    let cut = try listing(["--read", "0x20+256", "--link", "gen4x16,mps=128,mrrs=128,rcb=128"])
    #expect(cut.filter { $0["direction"] == "down" }.map { $0["address"] } == ["0x20", "0xa0"])
  }

  @Test func `zero-length requests, config accesses and AtomicOps`() throws {
    let zero = try listing(["--zero-length", "0x1000"])
    #expect(zero.map { $0["type"] } == ["MRd32", "MWr32", "CplD"])
    #expect(zero.map { $0["first_be"] } == ["0000", "0000", ""])
    #expect(zero[2]["byte_count"] == "1")
    let config = try listing(["--config", "01:00.0:0x06", "--config-write", "--size", "2"])
    #expect(config.map { $0["type"] } == ["CfgWr0", "Cpl"])
    #expect(config[0]["function"] == "01:00.0" && config[0]["register"] == "4")
    // BE 1100 of the DW at register 4; bus 1, device 0, function 0 in the third DW.
    #expect(config[0]["header"] == "44000001 0000000c 01000004")
    #expect(config.map { $0["wire_bytes"] } == ["24", "20"])
    let atomic = try listing([
      "--atomic", "cas", "--at", "0x1000", "--size", "8", "--link", "gen6x16", "--ecrc",
    ])
    // Flit mode: 12 + 16 of operands + 4 of ECRC, and 12 + 8 + 4 with the old value.
    #expect(atomic.map { $0["wire_bytes"] } == ["32", "24"])
    #expect(atomic.map { $0["credit_pool"] } == ["NP", "CPL"])
    #expect(atomic[0]["header"] == "4e002004 00000000 00001000")
    // At 32 GT/s flit mode is negotiated: no framing, no LCRC, 4 header DWs and 2 of data.
    let write = ["--write", "0x1000000000+8", "--link", "gen5x4"]
    #expect(try listing(write).map { $0["wire_bytes"] } == ["32"])
    #expect(try listing(write + ["--flit"]).map { $0["wire_bytes"] } == ["24"])
  }

  @Test func `the table for people has the same TLPs and totals`() throws {
    let lines = try scratch.quietly(["tlp", "--read", "0x20+256", "--completions", "rcb"]).lines
    #expect(lines.count == 8)
    #expect(lines[2].contains("SC count 256 low 0x20") && lines[2].contains("1 CPLH + 2 CPLD"))
    // 20 bytes asked; 5 x 20 + 256 answered.
    #expect(
      lines[7]
        == "total: 1 TLP down, 0 payload bytes, 20 wire bytes; 5 TLPs up, 256 payload bytes, "
        + "356 wire bytes")
  }

  @Test func `the writes of a mask as CSV are those of the table`() throws {
    for split in ["runs", "minimal", "aligned", "qword"] {
      let arguments = ["--bytes", "0-2,7,12-40,50", "--split", split]
      let table = try scratch.quietly(["tlp"] + arguments).lines.dropFirst().dropLast()
      let writes = try listing(arguments)
      #expect(table.count == writes.count)
      for (line, write) in zip(table, writes) {
        let cells = line.split(separator: " ").map(String.init)
        #expect(Array(cells[1...3]) == ["first_be", "last_be", "payload_bytes"].map { write[$0] })
        #expect(Array(cells[4...5]) == ["length_dw", "wire_bytes"].map { write[$0] })
      }
    }
  }

  @Test(arguments: [
    (["--write", "0x1000+0"], "see --zero-length"), (["--write", "0x1000"], "ADDR+LEN"),
    (["--write", "0xffffffffffffffff+2"], "beyond 2^64"),
    (["--read", "0+99999999999999999999"], "'99999999999999999999'"),
    (["--read", "0+8", "--completions", "fw"], "did you mean 'few'?"),
    (["--read", "0+8", "--write", "0+8"], "--write and --read exclude each other"),
    (["--read", "0+8", "--at", "0"], "--at goes with"),
    (["--bytes", "0", "--completions", "few"], "--completions goes with --read"),
    (["--bytes", "0", "--size", "4"], "--size goes with"),
    (["--bytes", "0", "--split", "minimum"], "did you mean 'minimal'?"),
    (["--masks", "-", "--csv"], "leave out --csv"),
    (["--config", "01:00.0"], "BDF:REG"), (["--config", "01:20.0:4"], "01:20.0"),
    (["--config", "01:.00.0:4"], "01:.00.0"), (["--config", "0:01:00.0:4"], "0:01:00.0"),
    (["--config", "01:00.8:4"], "01:00.8"), (["--config", "01:00.0:0x1000"], "0x1000"),
    (["--config", "01:00.0:3", "--size", "2"], "within a DW"),
    (["--config", "01:00.0:4", "--config-type", "2"], "0 or 1"),
    (["--atomic", "fetch_add"], "did you mean 'fetchadd'?"),
    (["--atomic", "swap", "--size", "16"], "4, 8"),
    (["--atomic", "cas", "--size", "16", "--at", "0x1008"], "multiple"),
    (["--write", "0+4", "--requester", "1"], "--requester"),
    (["--masks", "-", "--line", "64"], "--line has no effect on --masks: a mask has 64 bits"),
    (["--write", "0+4", "--line", "32"], "--line has no effect on --write with --split runs"),
    (["--write", "0+4", "--line", "32", "--split", "minimal"], "with --split minimal"),
    (["--write", "0+4", "--line", "32", "--split", "aligned"], "with --split aligned"),
    (["--write", "0+4", "--line", "48", "--split", "qword"], "a power of two, 16 to 128"),
    (["--read", "0+4", "--line", "64"], "--line goes with --bytes or --write"),
    (["--read", "0+4", "--split", "qword"], "--split goes with --bytes, --masks or --write"),
    (["--config", "01:00.0:4", "--split", "runs"], "not --config"),
    ([], "give one of --bytes"),
  ])
  func `nonsense is refused by name`(arguments: [String], says: String) throws {
    try scratch.failing(["tlp"] + arguments, saying: [says])
  }

  /// By hand: 64 aligned bytes are one line of 64, two of 32 and four of 16.
  @Test(arguments: [(64, 1), (32, 2), (16, 4)])
  func `under qword the line cuts a write`(line: Int, tlps: Int) throws {
    let arguments = ["--write", "0x1000+64", "--split", "qword", "--line", String(line)]
    #expect(try listing(arguments).count == tlps)
  }

  @Test func `link prints the closed forms`() throws {
    // gen1 x1: 2.5 GT/s with 8b/10b is 2 Gb/s before DLLPs; 64 bytes cost 8 + 16 + 64 = 88.
    let lines = try scratch.quietly(["link", "gen1x1", "--sizes", "4,64,512"]).lines
    #expect(
      lines[0]
        == "gen,lanes,mps,header_dw,flit,payload_bytes,wire_bytes,tlp_link_gbps,goodput_gbps")
    let cells = lines.dropFirst().map { $0.split(separator: ",") }
    #expect(cells.map { $0[5] } == ["4", "64", "512"])
    // With 256 bytes at most, 512 are two TLPs of 280.
    #expect(cells.map { $0[6] } == ["28", "88", "560"])
    for cell in cells {
      let (link, goodput) = (Double(cell[7]) ?? 0, Double(cell[8]) ?? 0)
      let (payload, wire) = (Double(cell[5]) ?? 0, Double(cell[6]) ?? 1)
      #expect(link > 1.9 && link <= 2)
      #expect(abs(goodput - link * payload / wire) < 0.002)
    }
  }

  @Test func `profiles names what a scenario can run under`() throws {
    let list = rows(try scratch.quietly(["profiles", "--csv"]).output)
    #expect(list[0] == ["kind", "name", "description"])
    let names = Set(list.dropFirst().map { $0[0] + " " + $0[1] })
    let wanted: Set = [
      "cpu neoverse-v2", "cpu neoverse-n1", "cpu generic-arm64", "cpu x86-wc", "rc generic",
      "rc minimal", "rc aligned",
    ]
    #expect(wanted.isSubset(of: names))
    let text = try scratch.quietly(["profiles"]).output
    for name in wanted { #expect(text.contains(name.split(separator: " ")[1]), "\(name)") }
    for generation in 3...6 {
      for lanes in [1, 2, 4, 8, 16] {
        let link = "gen\(generation)x\(lanes)"
        #expect(try scratch.quietly(["profiles", link]).output.contains("link.lanes"), "\(link)")
      }
    }
  }

  @Test func `every value of a profile has a status and a source`() throws {
    for name in ["neoverse-v2", "neoverse-n1", "generic-arm64", "x86-wc", "minimal", "gen5x16"] {
      let text = try scratch.quietly(["profiles", name, "--csv"]).output
      let lines = text.split(separator: "\n")
      #expect(lines.count > 2, "\(name)")
      for line in lines.dropFirst() {
        let status = ["specified", "measured", "assumed", "user"].contains {
          line.contains(",\($0),")
        }
        #expect(status && line.split(separator: ",").count >= 5, "\(line)")
      }
    }
  }
}
