import Testing
import TraceCore

@testable import Importers

/// A row of the canonical CSV under the full header, and its record.
struct CanonicalCSVTests {
  static let header =
    "record,t_ns,vcpu,op,addr,size,value,flags,kind,attr,pc,bdf,region,source_line\n"

  // Expected records are read off the row by hand.
  @Test(arguments: [
    LineCase(",,0,store,0x10000040,8,,,,,,,,", "store v0 0x10000040+8 [mem@0x10000000]"),
    LineCase(
      "7,100,65535,load,0xfffffffffffffff0,8,0xffffffffffffffff,acq,,0x4,0xffff800010001234,,,12",
      "load v65535 0xfffffffffffffff0+8 =ffffffffffffffff t100 pc0xffff800010001234 f2 a0x4 "
        + "[mem@0xfffffffffff00000] l12"),
    LineCase(
      ",18446744073709551615,1,store,0x0,1,0xFf,rel,,0xff,,,,",
      "store v1 0x0+1 =ff t18446744073709551615 f1 a0xff [mem@0x0]"),
    LineCase(
      ",,0,store,0x40,64,0x1,st64b rel,,,,,,", "store v0 0x40+64 =1 f5 [mem@0x0]"),
    LineCase(
      ",,0,load,0x40,64,0x000102030405060708090a0b0c0d0e0f10,ld64b,,,,,,",
      "load v0 0x40+64 =102030405060708090a0b0c0d0e0f10 f4 [mem@0x0]"),
    LineCase(
      ",,0,store,0x40,64,0x" + String(repeating: "f", count: 128) + ",,,,,,,",
      "store v0 0x40+64 =" + String(repeating: "f", count: 128) + " [mem@0x0]"),
    LineCase(",5,0,barrier,,,,,dmb.st.osh,,0x8,,,", "barrier v0 t5 pc0x8 dmb.st.osh"),
    LineCase(",,0,barrier,,,,,dsb.sy,,,,,", "barrier v0 dsb.sy"),
    LineCase(",,0,barrier,0x0,0,,,isb,,,,,", "barrier v0 isb"),
    LineCase(
      ",,2,config_write,0x4,2,0x406,,,,,0000:01:00.0,,",
      "config_write v2 0x4+2 c=406 0000:01:00.0 [config]"),
    LineCase(
      ",,2,config_read,0xffc,4,,,,,,01:00.7,,", "config_read v2 0xffc+4 0000:01:00.7 [config]"),
    LineCase(",9,0,reset,,,,,flr,,,0000:01:00.0,,", "reset v0 t9 0000:01:00.0 'flr'"),
    LineCase(",9,0,lost,,,0x20,,,,,,,", "lost v0 =20 t9"),
    LineCase(",9,0,lost,,17,,,,,,,,", "lost v0 =11 t9"),
    LineCase(",9,0,lost,,,,,,,,,,", "lost v0 t9"),
    LineCase(",,0,mark,,,,,\"one, \"\"two\"\"\",,,,,", "mark v0 'one, \"two\"'"),
    LineCase(",,0,mark,,,,,\"one\ntwo\r\n3\",,,,,", "mark v0 'one\ntwo\r\n3'"),
    LineCase(
      "\"1\",\"2\",\"3\",\"store\",\"0x10\",\"4\",\"0x5\",\"rel\",\"\",\"0x44\",\"0x6\",\"\","
        + "\"a b\",\"7\"",
      "store v3 0x10+4 =5 t2 pc0x6 f1 a0x44 [a b] l7"),
  ])
  func `a row becomes its record`(_ test: LineCase) throws {
    for ending in ["\n", "\r\n"] {
      let result = try importText(Self.header + test.line + ending)
      #expect(result.records == test.records)
      #expect(result.context.format == "csv")
    }
  }

  @Test func `names that are no UTF-8 are counted`() throws {
    // Two regions that look alike then, a mark, and a name that is right.
    var bytes = Array("op,vcpu,addr,size,kind,region\n".utf8)
    for tail in [[0xff], [0xfe], [0xc3, 0xa9]] as [[UInt8]] {
      bytes += Array("store,0,0x10,4,,a".utf8) + tail + [0x0a]
    }
    bytes += Array("mark,0,,,m".utf8) + [0x80, 0x2c, 0x0a]
    let result = try importBytes(bytes)
    #expect(result.counter("name_repaired") == 3)
    #expect(result.records.count == 4)
  }

  @Test func `a row's line is that of the column, and its own without the column`() throws {
    let bare = try importText("op,vcpu,addr,size\nstore,0,0x10,4\n\nload,0,0x10,4\n")
    #expect(bare.records == ["store v0 0x10+4 [mem@0x0] l2", "load v0 0x10+4 [mem@0x0] l4"])
    let column = try importText(
      "op,vcpu,addr,size,source_line\nstore,0,0x10,4,\nload,0,0x10,4,70\n")
    #expect(column.records == ["store v0 0x10+4 [mem@0x0]", "load v0 0x10+4 [mem@0x0] l70"])
  }

  @Test func `a reset keeps the region that its row names`() throws {
    let result = try importText(
      Self.header + ",,0,config_read,0x0,4,,,,,,0000:01:00.0,vfio config,5\n"
        + ",,0,reset,,,,,pm,,,0000:01:00.0,vfio config,6\n")
    #expect(
      result.records == [
        "config_read v0 0x0+4 0000:01:00.0 [vfio config] l5",
        "reset v0 0000:01:00.0 'pm' [vfio config] l6",
      ])
    #expect(result.context.regions.regions.map(\.kind) == [.config])
  }

  /// A script may know one device only, and fill the cells that say where in every row.
  @Test func `cells that say where are counted where they cannot be kept`() throws {
    let map = [
      Region(
        name: "bar", base: 0x1000, size: 0x1000, kind: .bar, function: PCIFunction("0000:01:00.0"),
        origin: .map)
    ]
    let device = ",,,,,,0000:01:00.0,bar,\n"
    let text =
      Self.header + ",,0,store,0x1000,4" + device + ",,0,load,0x1000,4" + device
      + ",,0,barrier,,,,,isb,,,0000:01:00.0,bar,\n" + ",,0,mark,,,,,m,,,0000:01:00.0,bar,\n"
      + ",,0,lost,," + device
    let mapped = try importText(text, map: map)
    #expect(
      mapped.records == [
        "store v0 0x1000+4 [bar]", "load v0 0x1000+4 [bar]", "barrier v0 isb",
        "mark v0 0000:01:00.0 'm'", "lost v0 0000:01:00.0",
      ])
    // Of the barrier.
    #expect(mapped.counter("function_not_kept") == 1)
    #expect(mapped.counter("region_not_kept") == 3)
  }

  /// The first row that names a region says whose it is; one cut around addresses may be anyone's.
  @Test func `a region that rows name is the function's of the first of them`() throws {
    func store(_ function: String, _ region: String) -> String {
      ",,0,store,0x1000,4,,,,,,\(function),\(region),\n"
    }
    let (first, second) = ("0000:01:00.0", "0000:02:00.0")
    let own = try importText(Self.header + store(first, "bar") + store(first, "bar"))
    #expect(own.context.regions.regions.map(\.function) == [PCIFunction(first)])
    #expect(own.counter("function_not_kept") == 0)
    let both = try importText(Self.header + store(first, "bar") + store(second, "bar"))
    #expect(both.context.regions.regions.map(\.function) == [PCIFunction(first)])
    #expect(both.counter("function_not_kept") == 1)
    for text in [store("", "bar") + store(first, "bar"), store(first, "")] {
      let unknown = try importText(Self.header + text)
      #expect(unknown.context.regions.regions.map(\.function) == [nil])
      #expect(unknown.counter("function_not_kept") == 1)
    }
  }

  /// 20 behind 30 on CPU 0, in its block and across one of 65,536 rows; 25 is CPU 1's first.
  @Test func `stamps that go back are counted CPU by CPU`() throws {
    let start = "t_ns,vcpu,op,addr,size\n"
    let rows = "10,0,store,0x10,4\n30,0,store,0x10,4\n25,1,store,0x10,4\n20,0,store,0x10,4\n"
    #expect(try importText(start + rows).counter("clock_backwards") == 1)
    let many = String(repeating: "30,0,store,0x10,4\n25,1,load,0x10,4\n", count: 40_000)
    #expect(try importText(start + many).counter("clock_backwards") == 0)
    let ordered = String(repeating: "30,0,store,0x10,4\n", count: 70_000)
    #expect(try importText(start + ordered + "29,0,store,0x10,4\n").counter("clock_backwards") == 1)
    #expect(try importText(start + ordered + "29,1,store,0x10,4\n").counter("clock_backwards") == 0)
    #expect(try importText(start + ordered + ",0,store,0x10,4\n").counter("clock_backwards") == 0)
  }

  /// Rows under the full header, and code, line and column of the error; columns are counted by
  /// hand.
  @Test(arguments: [
    (",,,store,0x10,4,,,,,,,,", "bad-record 2:3"),
    (",,65536,store,0x10,4,,,,,,,,", "range 2:3"),
    (",,-1,store,0x10,4,,,,,,,,", "bad-record 2:3"),
    (",,0,,0x10,4,,,,,,,,", "bad-record 2:5"),
    (",,0,stores,0x10,4,,,,,,,,", "bad-record 2:5"),
    (",,0,Store,0x10,4,,,,,,,,", "bad-record 2:5"),
    (",,0,store,,4,,,,,,,,", "bad-record 2:11"),
    (",,0,store,16,4,,,,,,,,", "bad-record 2:11"),
    (",,0,store,0x,4,,,,,,,,", "bad-record 2:11"),
    (",,0,store,0x10g,4,,,,,,,,", "bad-record 2:15"),
    (",,0,store,0x10000000000000000,4,,,,,,,,", "range 2:11"),
    (",,0,store,0xfffffffffffffffd,4,,,,,,,,", "range 2:11"),
    (",,0,store,0xfffffffffffffffc,4,,,,,,,,", "range 2:11"),
    (",,0,store,0x10,,,,,,,,,", "range 2:16"),
    (",,0,store,0x10,0,,,,,,,,", "range 2:16"),
    (",,0,store,0x10,65,,,,,,,,", "range 2:16"),
    (",,0,store,0x10,9223372036854775808,,,,,,,,", "range 2:16"),
    (",,0,store,0x10,18446744073709551616,,,,,,,,", "range 2:16"),
    (",,0,store,0x10,0x4,,,,,,,,", "bad-record 2:17"),
    (",18446744073709551616,0,store,0x10,4,,,,,,,,", "range 2:2"),
    (",99999999999999999999999999,0,store,0x10,4,,,,,,,,", "range 2:2"),
    (",1.5,0,store,0x10,4,,,,,,,,", "bad-record 2:3"),
    (",,0,store,0x10,4,0x100000000,,,,,,,", "range 2:18"),
    (",,0,store,0x10,8,0x10000000000000000,,,,,,,", "range 2:18"),
    (",,0,store,0x10,64,0x1" + String(repeating: "0", count: 128) + ",,,,,,,", "range 2:19"),
    (",,0,store,0x10,4,,rel x,,,,,,", "bad-record 2:23"),
    (",,0,store,0x10,4,,relx,,,,,,", "bad-record 2:22"),
    (",,0,store,0x10,4,,acq,,,,,,", "bad-record 2:19"),
    (",,0,load,0x10,64,,st64b,,,,,,", "bad-record 2:19"),
    (",,0,store,0x10,32,,st64b,,,,,,", "bad-record 2:16"),
    (",,0,store,0x10,4,,,dmb.sy,,,,,", "bad-record 2:20"),
    (",,0,barrier,,,,,dmb,,,,,", "bad-record 2:17"),
    (",,0,barrier,,,,,dmb.sy.xyz,,,,,", "bad-record 2:17"),
    (",,0,barrier,,,,,,,,,,", "bad-record 2:17"),
    (",,0,barrier,0x10,,,,isb,,,,,", "bad-record 2:13"),
    (",,0,barrier,,4,,,isb,,,,,", "bad-record 2:14"),
    (",,0,mark,,,0x1,,m,,,,,", "bad-record 2:12"),
    (",,0,mark,,,,,,,,,,", "bad-record 2:14"),
    (",,0,store,0x10,4,,,,0x100,,,,", "range 2:21"),
    (",,0,config_read,0x10,4,,,,,,,,", "bad-record 2:29"),
    (",,0,config_read,0x10,4,,,,,,0000:01:20.0,,", "bad-record 2:29"),
    (",,0,config_read,0x1000,4,,,,,,0000:01:00.0,,", "range 2:17"),
    (",,0,config_read,0xffe,4,,,,,,0000:01:00.0,,", "range 2:23"),
    (",,0,config_read,0x10,3,,,,,,0000:01:00.0,,", "range 2:22"),
    (",,0,config_write,0x10,2,0x10000,,,,,0000:01:00.0,,", "range 2:25"),
    (",,0,store,0x10,4,,,,,,,", "bad-record 2:24"),
    (",,0,store,0x10,4,,,,,,,,,", "bad-record 2:25"),
    // Cells that say what the record is, in a row of a kind that has none of them.
    (",,0,barrier,,,,,isb,0x44,,,,", "bad-record 2:21"),
    (",,0,config_read,0x10,4,,,,0x44,,0000:01:00.0,,", "bad-record 2:27"),
    (",,0,mark,,,,,m,0x44,,,,", "bad-record 2:16"),
    (",,0,reset,,,,,flr,0x44,,0000:01:00.0,,", "bad-record 2:19"),
    (",,0,lost,,,,,,0x44,,,,", "bad-record 2:15"),
    (",,0,lost,,,0x3,,m,,,,,", "bad-record 2:17"),
    (",,0,lost,,3,0x3,,,,,,,", "bad-record 2:11"),
    (",,0,mark,,,,,\"open,,,,,", "bad-record 2:14"),
    (",,0,mark,,,,,\"a\"b,,,,,", "bad-record 2:17"),
    (",,0,\"store\"\"\",0x10,4,,,,,,,,", "bad-record 2:5"),
  ])
  func `a bad row is an error with its place`(_ row: String, _ expected: String) throws {
    let text = Self.header + row + "\n"
    #expect(place(importError(text)) == expected)
    #expect(try importText(text, skip: true).counter("bad_record_skipped") <= 1)
    let later = Self.header + ",,0,store,0x10,4,,,,,,,,\n" + row + "\n"
    #expect(importError(later)?.record == 1)
    #expect(importError(later)?.line == 3)
  }

  @Test(arguments: [
    ("op,vcpu,addr,size,colour\n", "bad-record 1:19"),
    ("op,vcpu,addr,size,op\n", "bad-record 1:19"),
    ("op,vcpu,addr\n", "bad-record 1:13"), ("op,vcpu,addr,size,\n", "bad-record 1:19"),
    ("op,vcpu,addr,si", "bad-record 1:14"),
  ])
  func `a bad header is an error even where bad records are skipped`(
    _ header: String, _ expected: String
  ) {
    #expect(place(importError(header)) == expected)
    #expect(place(importError(header, skip: true)) == expected)
  }

  @Test func `an error names the unknown column`() {
    #expect(importError("op,vcpu,addr,size,colour\n")?.message.contains("'colour'") == true)
  }

  @Test func `columns come in any order, with or without a byte order mark`() throws {
    let result = try importText(
      "\u{feff}size,\"addr\",vcpu,op\r\n4,0x10,1,load\r\n\r\n2,0x20,0,store")
    #expect(
      result.records == ["load v1 0x10+4 [mem@0x0] l2", "store v0 0x20+2 [mem@0x0] l4"])
    #expect(result.counter("blank_line") == 1)
    #expect(result.counter("unterminated_last_line") == 1)
  }

  @Test func `a region's name goes before its address`() throws {
    let map = [
      Region(name: "ecam", base: 0x4000_0000, size: 0x1000_0000, kind: .ecam, origin: .map),
      Region(name: "bar2", base: 0x8000_0000, size: 0x1000, origin: .map),
    ]
    let result = try importText(
      """
      op,vcpu,addr,size,value,region,bdf
      store,0,0x40000004,2,0x6,,
      store,0,0x10,4,,bar2,
      store,0,0x2010,4,,mine,
      load,0,0x2000,8,,mine,
      config_read,0,0x10,4,0x7,cfg,0000:01:00.0
      load,0,0x80000ffc,4,,,

      """, map: map)
    #expect(
      result.records == [
        "store v0 0x40000004+2 c=6 [ecam] l2", "store v0 0x10+4 [bar2] l3",
        "store v0 0x2010+4 [mine] l4", "load v0 0x2000+8 [mine] l5",
        "config_read v0 0x10+4 c=7 0000:01:00.0 [cfg] l6", "load v0 0x80000ffc+4 [bar2] l7",
      ])
    let regions = result.context.regions.regions
    #expect(regions.map(\.kind) == [.ecam, .bar, .bar, .config])
    #expect(regions[1].base == 0x8000_0000 && regions[1].size == 0x1000)
    #expect(regions[2].base == 0x2000 && regions[2].size == 0x14)
  }

  @Test func `an access at 0 does not go on where the last address was`() throws {
    let result = try importText(
      "op,vcpu,addr,size\nstore,0,0xfffffffffffffff7,8\nstore,0,0x0,8\nstore,0,0x8,8\n")
    #expect(
      result.records.map { $0.prefix { $0 != "[" } } == [
        "store v0 0xfffffffffffffff7+8 ", "store v0 0x0+8 ", "store v0 0x8+8 ",
      ])
  }

  /// A megabyte of line feeds in one cell; read anew for each of them it would take hours.
  @Test func `a cell of very many lines is read in one go`() throws {
    let text = String(repeating: "\n", count: 1 << 20)
    let result = try importText(
      "op,vcpu,addr,size,kind\nmark,0,,,\"" + text + "\"\nmark,0,,,x\n", longestLine: 2 << 20,
      chunkSize: 1 << 16)
    #expect(result.records.count == 2)
    #expect(result.records.last == "mark v0 'x' l1048579")
  }

  @Test func `a run of 70000 rows spans blocks`() throws {
    let rows = (0..<70_000).map { "\($0),store,0,0x\(hex(UInt64($0) * 8)),8\n" }.joined()
    let result = try importText("t_ns,op,vcpu,addr,size\n" + rows)
    #expect(result.records.count == 70_000)
    #expect(result.records[69_999] == "store v0 0x88b78+8 t69999 [mem@0x0] l70001")
  }

  @Test func `a capture without barriers or attributes says so`() throws {
    let bare = try importText("op,vcpu,addr,size\nstore,0,0x0,4\n").context.blindSpots
    #expect(bare.count == 2)
    let full = try importText(
      "op,vcpu,addr,size,attr,kind\nstore,0,0x0,4,0x44,\nbarrier,0,,,,isb\n")
    #expect(full.context.blindSpots == [])
  }
}
