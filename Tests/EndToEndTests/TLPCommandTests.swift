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
