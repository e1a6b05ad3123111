import Testing
import TraceCore

@testable import Importers

/// The two streams of QEMU plugins.
///
/// Lines are written by hand after the grammar of `Capture/README.md` and of the comma-separated kit's
/// header; expected records are read off them.
struct PluginTests {
  /// Streams that were put behind each other end more than once.
  @Test func `numbers of unresolved accesses stay at the largest number`() throws {
    let end = "#end 0 18446744073709551615\n"
    let result = try importText("#mmioscope-plugin 1\n" + end + end)
    #expect(result.counter("unresolved_access") == .max)
  }

  static let own = """
    #mmioscope-plugin 1
    #api 4
    #barriers folded
    m 0 5 1
    w 0 10 0xffff800008021234 0x10000008 8 0x1122334455667788 0x44 0xf9000020 RAM
    b 0 11 0xffff800008021238 0xd5033abf 3
    w 0 12 0xffff80000802123c 0x10000010 16 0x1000000000000000000000000000002 0x44 0xa9000440 RAM
    r 1 13 0xffff800008021240 0x9000018 4 0x90 0x04 0x88dffc20 pl011
    w 1 14 0xffff800008021244 0x10200000 4 0x1 off 0x889ffc20 nvme
    b 1 15 0xffff800008021248 0xb8e10001 7
    w 1 16 0xffff80000802124c 0x4010108004 2 - - 0x79000020 pcie-mmcfg-mmio
    #end 5 0

    """

  static let commas = """
    #mmio_plugin,1
    #api,4
    M,0,1,5,1
    W,0,2,10,ffff800008021234,ffff800012000008,10000008,8,1122334455667788,ram,NC,f9000020,RAM
    B,0,3,11,ffff800008021238,dmb ishst
    S,0,4,12,dmb ish=2;isb=1;stlr=9
    R,1,5,13,ffff800008021240,ffff800008400018,9000018,4,90,io,nGnRE,88dffc20,pl011
    W,1,6,14,ffff800008021244,ffff800008500000,10200000,4,1,io,ff,889ffc20,nvme
    #end

    """

  @Test func `the package's own stream gives accesses, barriers, types and flags`() throws {
    let result = try importText(Self.own)
    #expect(result.context.format == "plugin")
    #expect(
      result.records == [
        "mark v0 t5 'marker-1' l4",
        "store v0 0x10000008+8 =1122334455667788 t10 pc0xffff800008021234 a0x44 [mem@0x10000000] l5",
        "barrier v0 t11 pc0xffff800008021238 dmb.st.ish l6",
        "store v0 0x10000010+16 =1000000000000000000000000000002 t12 pc0xffff80000802123c a0x44 "
          + "[mem@0x10000000] l7",
        "load v1 0x9000018+4 =90 t13 pc0xffff800008021240 f2 a0x4 [pl011] l8",
        "store v1 0x10200000+4 =1 t14 pc0xffff800008021244 f1 a0x0 [nvme] l9",
        "barrier v1 t15 pc0xffff800008021248 acqrel l10",
        "store v1 0x4010108004+2 t16 pc0xffff80000802124c [ecam at 0x4010000000] l11",
      ])
    #expect(result.counter("barrier_folded") == 2)
    #expect(result.counter("ordered_access_elsewhere") == 6)
    #expect(result.counter("ecam_window_assumed") == 1)
    #expect(result.counter("no_end_line") == 0)
    #expect(result.context.regions.regions.map(\.kind) == [.bar, .platform, .bar, .ecam])
  }

  @Test func `the comma-separated stream gives the same kinds of records`() throws {
    let result = try importText(Self.commas)
    #expect(
      result.records == [
        "mark v0 t5000 'marker-1' l3",
        "store v0 0x10000008+8 =1122334455667788 t10000 pc0xffff800008021234 a0x44 "
          + "[mem@0x10000000] l4",
        "barrier v0 t11000 pc0xffff800008021238 dmb.st.ish l5",
        "barrier v0 t12000 dmb.sy.ish l6",
        "barrier v0 t12000 isb l6",
        "barrier v0 t12000 rel l6",
        "load v1 0x9000018+4 =90 t13000 pc0xffff800008021240 f2 a0x4 [pl011] l7",
        "store v1 0x10200000+4 =1 t14000 pc0xffff800008021244 f1 a0xff [nvme] l8",
      ])
    #expect(result.counter("barrier_folded") == 1)
    #expect(result.counter("ordered_access_elsewhere") == 8)
  }

  /// LDAPR is not ordered behind a store-release, and so says nothing of what is recorded.
  @Test func `of a summary's acquires and releases none stands behind another by chance`() throws {
    let text = """
      #mmio_plugin,1
      S,0,1,5,stlr=2;ldapr=3;ldaxr=4;cas.al=1
      B,0,2,6,ffff800008021238,ldar
      #end

      """
    let result = try importText(text)
    #expect(
      result.records == [
        "barrier v0 t5000 acq l2", "barrier v0 t5000 rel l2", "barrier v0 t5000 acqrel l2",
      ])
    #expect(result.counter("ordered_access_elsewhere") == 1 + 3 + 1)
    #expect(result.counter("other_instruction") == 3)
  }

  @Test func `the map's regions go before QEMU's names`() throws {
    let map = [
      Region(name: "display", base: 0x1000_0000, size: 0x100_0000, kind: .bar, origin: .map)
    ]
    let result = try importText(Self.own, map: map)
    #expect(result.records[1].contains("[display]"))
    #expect(result.records[5].contains("[display]"))
  }

  @Test func `what a QEMU without values and registers cannot tell is a blind spot`() throws {
    let text = "#mmioscope-plugin 1\nr 0 1 0x8000 0x9000018 4 - - 0x88dffc20 pl011\n#end 1 0\n"
    let spots = try importText(text).context.blindSpots
    #expect(spots.contains { $0.contains("no value") })
    #expect(spots.contains { $0.contains("no stage-1 memory type") })
    #expect(spots.contains("The stream holds no barriers."))
    let whole = try importText(Self.commas).context.blindSpots
    #expect(!whole.contains { $0.contains("no value") || $0.contains("no barriers") })
  }

  @Test func `a stream without its end and accesses that QEMU lost are data loss`() throws {
    let cut = try importText("#mmioscope-plugin 1\nm 0 1 2\n")
    #expect(cut.counter("no_end_line") == 1)
    let lossy = try importText("#mmioscope-plugin 1\n#end 0 3\n")
    #expect(lossy.counter("unresolved_access") == 3)
    #expect(lossy.context.counters.rows.allSatisfy { $0.severity == .dataLoss })
  }

  /// Two accesses where the end tells of 99: 97 are missing; three where it tells of two: one more.
  @Test func `accesses are held to the number in the end line`() throws {
    let access = "r 0 1 0x8000 0x9000018 4 0x1 0x4 0x88dffc20 pl011\n"
    let start = "#mmioscope-plugin 1\n"
    let two = start + access + access
    #expect(try importText(two + "#end 99 0\n").counter("end_line_differs") == 97)
    #expect(try importText(two + access + "#end 2 0\n").counter("end_line_differs") == 1)
    #expect(try importText(two + "#end 2 0\n" + access).counter("end_line_differs") == 1)
    // Values that are not known are read in another way.
    let bare = "r 0 1 0x8000 0x9000018 4 - - 0x88dffc20 pl011\n"
    let whole = try importText(two + bare + "#end 3 0\n")
    #expect(whole.context.counters.rows.isEmpty)
  }

  @Test func `each of several streams is held to its own end`() throws {
    let access = "r 0 1 0x8000 0x9000018 4 0x1 0x4 0x88dffc20 pl011\n"
    let whole = "#mmioscope-plugin 1\n" + access + "#end 1 0\n"
    let cut = "#mmioscope-plugin 1\n" + access
    #expect(try importText(whole + whole).context.counters.rows.isEmpty)
    for text in [whole + cut, cut + whole] {
      let result = try importText(text)
      #expect(result.records.count == 2)
      #expect(result.context.counters.rows.map(\.name) == ["no_end_line"])
    }
    #expect(try importText(cut + cut).counter("no_end_line") == 2)
    let commas = "#mmio_plugin,1\nM,0,1,5,1\n"
    #expect(try importText(commas + commas + "#end\n").counter("no_end_line") == 1)
  }

  @Test func `stamps that go back are counted CPU by CPU`() throws {
    let text = """
      #mmioscope-plugin 1
      r 0 20 0x8000 0x9000018 4 0x1 0x4 0x88dffc20 pl011
      b 1 10 0xffff800008021238 0xd5033abf 3
      m 0 19 1
      b 1 9 0xffff800008021238 0xd5033abf 3
      r 0 18 0x8000 0x9000018 4 0x1 0x4 0x88dffc20 pl011
      r 1 18 0x8000 0x9000018 4 0x1 0x4 0x88dffc20 pl011
      #end 3 0

      """
    #expect(try importText(text).counter("clock_backwards") == 3)
  }

  @Test(
    arguments: [
      ("x 0 1", "bad-record 2:1"), ("w 0 1", "bad-record 2:6"),
      ("w 70000 1 0x1 0x2 4 - - 0x1 n", "range 2:3"),
      ("w 0 1 0x1 0x2 0 - - 0x1 n", "range 2:11"),
      ("w 0 1 0x1 0x2 65 - - 0x1 n", "range 2:11"),
      ("w 0 1 0x1 0xffffffffffffffff 2 - - 0x1 n", "range 2:11"),
      ("w 0 1 0x1 0x2 4 0x - 0x1 n", "bad-record 2:19"),
      ("w 0 1 0x1 0x2 4 - 0x100 0x1 n", "range 2:19"),
      ("w 0 1 0x1 0x2 4 - - 0x100000000 n", "range 2:21"),
      ("w 0 1 0x1 0x2 4 - - 0x1 ", "bad-record 2:25"),
      ("b 0 1 0x1 0xd5033abf 0", "range 2:22"), ("m 0 1 256", "range 2:7"),
      ("m 0 1 1 2", "bad-record 2:9"), ("#end 1", "bad-record 2:7"),
    ]) func `a line that breaks the grammar has its place`(line: String, expected: String)
  {
    #expect(place(importError("#mmioscope-plugin 1\n\(line)\n")) == expected)
  }

  @Test(
    arguments: [
      ("Q,0,1,1", "bad-record 2:1"), ("B,0,1,1,8,dmb up", "bad-record 2:11"),
      ("S,0,1,1,isb", "bad-record 2:9"), ("S,0,1,1,isb=1;", "bad-record 2:15"),
      ("R,0,1,1,8,8,9,4,1,xx,NC,1,n", "bad-record 2:19"),
      ("R,0,1,1,8,8,9,4,1,io,100,1,n", "range 2:22"),
      ("M,0,1,18446744073709552,1", "range 2:7"),
    ]) func `a line with commas that breaks the grammar has its place`(
      line: String, expected: String
    )
  {
    #expect(place(importError("#mmio_plugin,1\n\(line)\n")) == expected)
  }

  @Test func `another first line is an error that cannot be skipped`() {
    #expect(
      place(importError("#mmioscope-plugin 2\n", as: .plugin, skip: true)) == "bad-record 1:1")
  }

  @Test func `streams cut at any byte end cleanly and keep the whole lines`() throws {
    for text in [Self.own, Self.commas] {
      let whole = try importText(text).records
      let bytes = Array(text.utf8)
      let header = (bytes.firstIndex(of: 0x0a) ?? 0) + 1
      for cut in header...bytes.count {
        let result = try importBytes(Array(bytes[..<cut]), as: .plugin)
        // A cut in a number may leave a shorter one: only records of whole lines are compared.
        let count = max(result.records.count - 2, 0)
        #expect(Array(result.records.prefix(count)) == Array(whole.prefix(count)))
      }
    }
  }
}
