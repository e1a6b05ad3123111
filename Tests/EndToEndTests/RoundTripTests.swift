import Foundation
import Testing

/// One trace in all its forms says the same.
struct RoundTripTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Every kind of record and every column of the canonical CSV.
  static let everything = """
    record,t_ns,vcpu,op,addr,size,value,flags,kind,attr,pc,bdf,region,source_line
    0,1000,0,store,0x10000000,8,0x1122334455667788,rel,,0x44,0xffff800008000000,,"bar ""0"", a",7
    1,1001,1,load,0x10000008,4,,acq,,0x04,,,"bar ""0"", a",8
    2,1001,0,store,0x10000040,64,0x1,st64b,,,,,"bar ""0"", a",9
    3,1002,0,load,0x10000040,64,,ld64b,,,,,"bar ""0"", a",9
    4,,0,barrier,,,,,dmb.st.osh,,0xffff800008000004,,,20
    5,1003,3,barrier,,,,,isb,,,,,21
    6,1004,0,config_read,0x0,4,0x1af41110,,,,,0000:01:00.0,config,10
    7,1005,0,config_write,0x48,2,0x8000,,,,,0000:01:00.0,config,11
    8,1006,0,reset,,,,,flr,,,0000:01:00.0,,12
    9,1006,0,reset,,,,,pm,,,0000:01:00.0,config,
    10,1007,0,lost,,,0x11,,,,,,,13
    11,1008,0,lost,,,,,,,,,,14
    12,1009,65535,mark,,,,,"a mark, with commas",,,,,15

    """

  @Test func `every cell of every kind of record survives import and dump`() throws {
    try scratch.write("a.csv", Self.everything)
    let text = try scratch.quietly(["dump", "a.csv"]).output
    #expect(text == Self.everything)
    try scratch.mmioscopeImport("a.csv", "a.mmt")
    #expect(try scratch.quietly(["dump", "a.mmt"]).output == Self.everything)
  }

  @Test(arguments: Repository.traces)
  func `dump, import and dump again give the same CSV`(name: String) throws {
    let dump = try scratch.mmioscope(
      ["dump", Repository.trace(name)], output: "first.csv".made(in: scratch))
    #expect(dump.status == 0 && dump.errors == "")
    try scratch.mmioscopeImport("first.csv", "again.mmt", ["--format", "csv"])
    _ = try scratch.mmioscope(["dump", "again.mmt"], output: "second.csv".made(in: scratch))
    let isSame = try scratch.bytes("first.csv") == scratch.bytes("second.csv")
    #expect(isSame)
  }

  @Test func `pieces of a dump are the dump`() throws {
    let trace = Repository.trace("nvme-flr")
    let whole = try scratch.quietly(["dump", trace]).lines
    for (from, count) in [(0, 1), (65_000, 1_000), (134_309, 5), (134_310, 1)] {
      let piece = try scratch.quietly(
        ["dump", trace, "--from", "\(from)", "--count", "\(count)"]
      ).lines
      let expected = whole.dropFirst(1 + from).prefix(count)
      let isSame = piece.dropFirst().elementsEqual(expected)
      #expect(isSame, "\(from)")
    }
    #expect(try scratch.quietly(["dump", trace, "--from", "\(UInt64.max)"]).lines.count == 1)
  }

  @Test(arguments: [true, false])
  func `text, zstd, pipe and native trace give one result`(isLog: Bool) throws {
    let text =
      isLog
      ? Inputs.log(2000)
      : try scratch.quietly(
        ["dump", Repository.trace("fb-wc"), "--count", "70000"]
      ).output
    try scratch.write("t", text)
    try scratch.write("t.zst", Inputs.zstd(text))
    try scratch.mmioscopeImport("t", "t.mmt")
    var results = try ["t", "t.zst", "t.mmt"].map {
      (name: $0, run: try scratch.quietly(["compare", $0, "--json", "-"]).output)
    }
    for file in ["t", "t.zst", "t.mmt"] {
      let run = try scratch.quietly(["compare", "-", "--json", "-"], input: file).output
      results.append((name: file + " on standard input", run: run))
    }
    let expected = Self.anonymous(results[0].run)
    #expect(expected.count > 100)
    for result in results.dropFirst() {
      let isSame = Self.anonymous(result.run) == expected
      #expect(isSame, "\(result.name)")
    }
    // A pipe is not a file: nothing can be read out of order.
    let piped = try scratch.shell("cat t.mmt | \"$MMIOSCOPE\" compare - --json -")
    #expect(piped.status == 0 && Self.anonymous(piped.output) == expected)
  }

  /// Lines of a run.json without what tells one form of a trace from another.
  private static func anonymous(_ run: String) -> [Substring] {
    let words = ["\"name\" : \"t", "\"name\" : \"stdin\"", "\"sha256\" : ", "\"format\" : "]
    return run.split(separator: "\n").filter { line in !words.contains { line.contains($0) } }
  }

  @Test(arguments: Repository.traces)
  func `the report's SHA-256 is the file's`(name: String) throws {
    let sum = try scratch.shell("sha256sum < '\(Repository.trace(name))' | cut -c 1-64").output
    let run = try JSON(
      scratch.quietly(["analyze", Repository.trace(name), "--json", "-"]).output)
    #expect(run["trace"]["sha256"].text == String(sum.dropLast()))
    #expect(sum.count == 65)
  }

  @Test func `several captures are read one after the other`() throws {
    try scratch.write("a.csv", Inputs.csv)
    try scratch.write("b.csv", Inputs.csvHeader + "load,3,0x10000010,4\n")
    let outcome = try scratch.mmioscope(["import", "a.csv", "b.csv", "-o", "ab.mmt"])
    #expect(outcome.status == 0)
    let table = rows(try scratch.quietly(["dump", "ab.mmt"]).output).dropFirst()
    #expect(table.map { $0[3] } == ["store", "store", "load"])
    #expect(table.map { $0[0] } == ["0", "1", "2"])
  }

  @Test(arguments: Repository.traces)
  func `CSV with the map beside it comes back as the trace`(name: String) throws {
    let trace = Repository.trace(name)
    let there = try scratch.mmioscope(
      ["convert", trace, "-o", "t.csv", "--map-out", "t.map.yaml"])
    #expect(there.status == 0 && !there.errors.contains("without region"))
    let back = try scratch.mmioscope(["convert", "t.csv", "--map", "t.map.yaml", "-o", "t.mmt"])
    #expect(back.status == 0)
    let ours = try JSON(scratch.quietly(["compare", trace, "--json", "-"]).output)
    let theirs = try JSON(scratch.quietly(["compare", "t.mmt", "--json", "-"]).output)
    for part in ["scenarios", "findings"] {
      let isSame = try ours[part].sortedText == theirs[part].sortedText
      #expect(isSame, "\(part)")
    }
    // What is in the map comes out again, images too.
    let again = try scratch.mmioscope(
      ["convert", "t.mmt", "-o", "u.csv", "--map-out", "u.map.yaml"])
    #expect(again.status == 0)
    let map = try String(decoding: scratch.bytes("t.map.yaml"), as: UTF8.self)
    let other = try String(decoding: scratch.bytes("u.map.yaml"), as: UTF8.self)
    #expect(map == other.replacing("u.map.lspci", with: "t.map.lspci"))
    if try scratch.list().contains("t.map.lspci") {
      #expect(try scratch.bytes("t.map.lspci") == scratch.bytes("u.map.lspci"))
    }
    let isSame = try scratch.bytes("t.csv") == scratch.bytes("u.csv")
    #expect(isSame)
  }

  /// The rows of the CSV take more than the 4 KiB or 8 KiB that eight of the shell's units are.
  @Test func `where the CSV cannot be written no map stays`() throws {
    try scratch.write(
      "a.csv",
      Inputs.csvHeader + String(repeating: "store,0,0x10000000,8\n", count: 1000))
    let outcome = try scratch.shell(
      "ulimit -f 8; \"$MMIOSCOPE\" convert a.csv -o b.csv --map-out b.yaml")
    #expect(outcome.status == 2)
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test func `a dump that belongs to no map stays as it is`() throws {
    let slice = ["slice", Repository.trace("vfio-reclaim"), "--count", "9", "-o", "s.mmt"]
    #expect(try scratch.mmioscope(slice).status == 0)
    let command = ["convert", "s.mmt", "-o", "t.csv", "--map-out", "t.yaml"]
    try scratch.write("t.lspci", "mine")
    try scratch.failing(command, saying: ["t.lspci", "t.yaml"])
    #expect(try scratch.list() == ["s.mmt", "t.lspci"])
    #expect(try scratch.text("t.lspci") == "mine")
    // With its map it is replaced, as that is.
    try scratch.write("t.yaml", "regions: []\n")
    #expect(try scratch.mmioscope(command).status == 0)
    #expect(try scratch.text("t.lspci") != "mine")
  }

  /// A power-state reset that a guest asks VFIO for, behind a store: what VFIO does between the two is
  /// known from its config accesses' region alone, so that without that there would be findings more.
  @Test func `the map keeps that config accesses are VFIO's`() throws {
    let device = "(0000:00:05.0"
    try scratch.write(
      "vfio.log",
      """
      7@1.000050:vfio_pci_read_config  \(device), @0x6, len=0x2) 0x10
      7@1.000100:vfio_pci_read_config  \(device), @0x34, len=0x1) 0xc8
      7@1.000200:vfio_pci_read_config  \(device), @0xc8, len=0x2) 0xd001
      7@1.000250:vfio_pci_read_config  \(device), @0xcc, len=0x2) 0x0
      7@1.000300:vfio_region_write  \(device):region0+0x100, 0x1, 4)
      7@1.000400:vfio_pci_write_config  \(device), @0xcc, 0x3, len=0x2)
      7@1.000500:vfio_pci_write_config  \(device), @0xcc, 0x0, len=0x2)

      """)
    #expect(try scratch.mmioscope(["import", "vfio.log", "-o", "a.mmt"]).status == 0)
    let there = try scratch.mmioscope(["convert", "a.mmt", "-o", "b.csv", "--map-out", "b.yaml"])
    #expect(there.status == 0)
    #expect(try scratch.text("b.yaml").contains("name: \"vfio config\", kind: config, vfio: true"))
    func findings(_ arguments: [String]) throws -> Data {
      try JSON(
        scratch.quietly(["compare", "--ranges", "off", "--json", "-"] + arguments).output)[
          "findings"
        ].sortedText
    }
    let ours = try findings(["a.mmt"])
    #expect(try findings(["b.csv", "--map", "b.yaml"]) == ours)
    #expect(try findings(["b.csv"]) != ours)
  }

  @Test func `with its map a dump gives the result of the trace it came from`() throws {
    let trace = Repository.trace("vfio-reclaim")
    _ = try scratch.mmioscope(["dump", trace], output: "t.csv".made(in: scratch))
    let map = Repository.path("Traces/vfio-reclaim.map.yaml")
    let ours = try JSON(scratch.quietly(["compare", trace, "--json", "-"]).output)
    let theirs = try JSON(
      scratch.quietly(["compare", "t.csv", "--map", map, "--json", "-"]).output)
    for part in ["scenarios", "findings"] {
      let isSame = try ours[part].sortedText == theirs[part].sortedText
      #expect(isSame, "\(part)")
    }
  }
}

extension String {
  /// The same name, of a file that is there and empty.
  func made(in scratch: Scratch) throws -> String {
    try scratch.write(self, "")
    return self
  }
}
