import Testing

/// `link` over a grid and with every closed form, against numbers worked out by hand.
struct LinkCommandTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private static let contract =
    "gen,lanes,mps,header_dw,flit,payload_bytes,wire_bytes,tlp_link_gbps,goodput_gbps"

  /// Rows without the header, which must be the contract's.
  private func table(_ arguments: [String]) throws -> [[String]] {
    let table = rows(try scratch.quietly(["link"] + arguments).output)
    #expect(table[0].joined(separator: ",") == Self.contract)
    return Array(table.dropFirst())
  }

  // MARK: The contract

  @Test func `without options the default link is printed in the contract's columns`() throws {
    // gen4 x16, MPS 256: B4 is 249.908; 28, 32, 88 and 280 bytes on the wire.
    let expected = """
      \(Self.contract)
      4,16,256,4,0,4,28,249.908,35.701
      4,16,256,4,0,8,32,249.908,62.477
      4,16,256,4,0,64,88,249.908,181.751
      4,16,256,4,0,256,280,249.908,228.487

      """
    #expect(try scratch.quietly(["link"]).output == expected)
    #expect(try scratch.quietly(["link", "gen4x16"]).output == expected)
    #expect(try scratch.quietly(["link", "--gen", "4", "--lanes", "16"]).output == expected)
  }

  @Test func `the flag of old still adds an ECRC`() throws {
    let plain = try table(["gen3x8"]).map { $0[6] }
    let checked = try table(["gen3x8", "--ecrc"]).map { $0[6] }
    #expect(plain == ["28", "32", "88", "280"])
    #expect(checked == ["32", "36", "92", "284"])
    #expect(try table(["gen3x8", "--digest", "on"]).map { $0[6] } == checked)
    #expect(
      try table(["gen3x8", "--digest", "both", "--sizes", "4"]).map { $0[6] } == ["28", "32"])
  }

  // MARK: The grid

  @Test func `a grid has a row a combination, in the order of its columns`() throws {
    let found = try table([
      "--gen", "1-7", "--lanes", "1-32", "--mps", "128,256", "--header-dw", "3,4", "--flit",
      "both", "--sizes", "1-3,64",
    ])
    var expected: [[String]] = []
    for generation in 1...7 {
      for lanes in [1, 2, 4, 8, 12, 16, 32] {
        for mps in [128, 256] {
          for flit in generation < 6 ? [0, 1] : [1] {
            for header in [3, 4] {
              for size in [1, 2, 3, 64] {
                expected.append([generation, lanes, mps, header, flit, size].map(String.init))
              }
            }
          }
        }
      }
    }
    #expect(found.map { Array($0[..<6]) } == expected)
  }

  @Test func `a grid's row is that of the link by name`() throws {
    for flit in ["off", "on"] {
      let grid = try table([
        "--gen", "3,5", "--lanes", "4,12,32", "--mps", "512", "--flit", flit, "--sizes", "60-70",
      ])
      var named: [[String]] = []
      for generation in [3, 5] {
        for lanes in [4, 12, 32] {
          named += try table([
            "gen\(generation)x\(lanes),mps=512", "--flit", flit, "--sizes", "60-70",
          ])
        }
      }
      #expect(grid == named)
    }
  }

  // Flit mode: 4 DW header, OHC-A1 for 1 byte, none for 4; 236/256 of 16 GT/s x 128/130 x 16.
  @Test func `flit mode is a choice up to generation 5 and the rule from 6 on`() throws {
    let rows = try table(["gen4x16", "--flit", "on", "--sizes", "1,4"])
    #expect(rows.map { $0[6] } == ["24", "20"])
    #expect(rows.map { $0[7] } == ["232.369", "232.369"])
    let off = try table(["--gen", "5-7", "--flit", "off", "--sizes", "4"])
    #expect(off.map { $0[0] } == ["5"])
    try scratch.failing(["link", "gen6x16", "--flit", "off"], saying: ["no link is left"])
  }

  // MARK: Every formula

  private func formulas(_ arguments: [String]) throws -> [[String: String]] {
    let table = rows(try scratch.quietly(["link"] + arguments + ["--formulas"]).output)
    return table.dropFirst().map { row in
      Dictionary(zip(table[0], row)) { first, _ in first }
    }
  }

  // gen3 x8, MPS 256: 63.0154 Gb/s raw, 62.2329 at TLPs; limit 284 x 2.5 / 8 + 115 symbols of 1 ns.
  // 64 B: 88 written, 24 asked, 84 answered. 512 bits x 16 / 1000 ns; / 500 ns x 16; x 80 / 4; / 20.
  /// 2^30 bytes of 65,536 reads each 0.001 ns: 2^33 * 65,536 / 10^-12 bit/s, in Gbit/s.
  @Test func `no terms in range are too large for a cell`() throws {
    let row = try formulas([
      "gen4x16", "--sizes", "1073741824", "--rtt-ns", "0.001", "--outstanding", "65536",
    ])[0]
    let rate = try #require(row["latency_read_gbps"].flatMap(Double.init))
    #expect(abs(rate / 5.62949953421312e17 - 1) < 1e-12)
  }

  @Test func `the formulas are those worked out by hand`() throws {
    let row = try formulas([
      "gen3x8,ph=16,pd=80", "--sizes", "64", "--outstanding", "16", "--rtt-ns", "1000",
      "--issue-ns", "20", "--credit-loop-ns", "500",
    ])[0]
    let expected = [
      "raw_gbps": "63.015", "wire_bytes": "88", "tlp_link_gbps": "62.233",
      "update_limit_symbols": "203.750", "update_limit_ns": "203.750", "write_gbps": "45.260",
      "read_requests": "1", "read_request_bytes": "24", "completions": "1",
      "completion_bytes": "84", "read_gbps": "47.416", "read_write_gbps": "35.562",
      "latency_read_gbps": "8.192", "header_credit_gbps": "16.384",
      "data_credit_gbps": "20.480", "pio_gbps": "16.384",
    ]
    for (column, value) in expected { #expect(row[column] == value, "\(column)") }
  }

  @Test func `what does not bind is an empty cell`() throws {
    let row = try formulas(["gen6x16,ph=0,pd=0", "--sizes", "64"])[0]
    for column in [
      "update_limit_symbols", "update_limit_ns", "header_credit_gbps", "data_credit_gbps",
    ] {
      #expect(row[column] == "", "\(column)")
    }
    #expect(row["pio_gbps"] == row["write_gbps"])
  }

  @Test func `reads by Max_Read_Request_Size and boundary`() throws {
    // 512 bytes: 4 requests of 128, each with one completion, or 8 of 64.
    let few = try formulas(["--mrrs", "128", "--rcb", "64", "--sizes", "512"])[0]
    #expect(few["read_requests"] == "4" && few["completions"] == "4")
    let many = try formulas([
      "--mrrs", "128", "--rcb", "64,128", "--sizes", "512", "--completions", "rcb",
    ])
    #expect(many.map { $0["completions"] } == ["8", "4"])
    #expect(many.map { $0["completion_bytes"] } == ["672", "592"])
  }

  // MARK: Nonsense

  @Test(arguments: [
    (["--gen", "0"], "--gen: '0'"), (["--gen", "8"], "1 to 7"), (["--gen", "5-3"], "'5-3'"),
    (["--gen", ""], "--gen: ''"), (["--lanes", "3"], "there is no 3"),
    (["--lanes", "5-7"], "there is no 5-7"), (["--mps", "100"], "there is no 100"),
    (["--header-dw", "5"], "--header-dw: '5'"), (["--sizes", "4-"], "--sizes: '4-'"),
    (["--sizes", "0"], "--sizes: '0'"), (["--sizes", "+4"], "'+4'"),
    (["--sizes", "9999999999999999999999"], "--sizes:"), (["--rcb", "256"], "there is no 256"),
    (["--flit", "maybe"], "off"), (["--digest", "on", "--ecrc"], "exclude each other"),
    (["gen4x8", "--gen", "4"], "not both"), (["gen4x8,mps=128", "--mps", "128"], "given twice"),
    (["--rtt-ns", "600"], "--rtt-ns needs --formulas"),
    (["--formulas", "--rtt-ns", "0"], "--rtt-ns: '0'"),
    (["--formulas", "--issue-ns", "1e3"], "--issue-ns: '1e3'"),
    (["--formulas", "--outstanding", "0"], "--outstanding: '0'"),
    (["--formulas", "--completions", "max"], "known are few, rcb"),
  ])
  func `nonsense is refused by name`(arguments: [String], says: String) throws {
    try scratch.failing(["link"] + arguments, saying: [says])
  }
}
