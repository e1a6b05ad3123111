import Testing
import TraceCore

@testable import Importers

/// Linux's mmiotrace text.
struct MmiotraceTests {
  @Test(arguments: [
    (
      "R 4 1037.681772 1 0x90000300 0x37002 0x0 0",
      "load v0 0x90000300+4 =37002 t1037681772000 [mem@0x90000000] l1"
    ),
    (
      "W 1 0.000001 19 0xfffffffffffffffe 0xff 0x0 0",
      "store v0 0xfffffffffffffffe+1 =ff t1000 [mem@0xfffffffffff00000] l1"
    ),
    (
      "W 8 1.000000 1 0x90000008 0xffffffffffffffff 0xffffffffc0de0010 42",
      "store v0 0x90000008+8 =ffffffffffffffff t1000000000 pc0xffffffffc0de0010 "
        + "[mem@0x90000000] l1"
    ),
    // A sign-extending load: the register is wider than the access.
    (
      "R 2 1.000000 1 0x90000008 0xffffffffffff8001 0x0 0",
      "load v0 0x90000008+2 =8001 t1000000000 [mem@0x90000000] l1"
    ),
    ("MARK 17.476216 phase: e1000e  load", "mark v0 t17476216000 'phase: e1000e  load' l1"),
    ("MARK 17.476216 Lost 3 events.", "mark v0 t17476216000 'Lost 3 events.' l1"),
    ("CPU:0 [LOST 1012 EVENTS]", "lost v0 =3f4 l1"),
    ("CPU:0 [LOST EVENTS]", "lost v0 l1"),
  ])
  func `records are read`(_ line: String, _ expected: String) throws {
    #expect(try importText(line + "\n", as: .mmiotrace).records == [expected])
  }

  @Test(arguments: [
    ("VERSION 20070824", "header_line", 1), ("LSPCI 00:00.0 Host bridge", "header_line", 1),
    ("", "blank_line", 1), ("noise", "unknown_line", 1), ("1772 1 0x3 0x0 0", "unknown_line", 1),
    ("UNMAP 23.651745 4 0x0 0", "bad_record_skipped", 0),
    ("UNMAP 23.651745 -1 0x0 0", "bad_record_skipped", 0),
    ("UNKNOWN 126.121012 16 0xfd0b4000 f3,a5,f6 0x0 0", "undecoded_copy", 1),
    ("UNKNOWN 126.121012 16 0xfd0b4000 f3,48,a5 0x0 0", "undecoded_copy", 1),
    ("UNKNOWN 126.121012 16 0xfd0b4000 66,f3,a5 0x0 0", "undecoded_copy", 1),
    ("UNKNOWN 126.121012 16 0xfd0b4000 0f,6f,a5 0x0 0", "undecoded_copy", 0),
    ("UNKNOWN 126.121012 16 0xfd0b4000 0f,6f,00 0x0 0", "undecoded_access_dropped", 1),
  ])
  func `other lines are counted`(_ line: String, _ counter: String, _ count: UInt64) throws {
    let result = try importText(line + "\n", as: .mmiotrace, skip: true)
    #expect(result.records.isEmpty)
    #expect(result.counter(counter) == count)
  }

  @Test(arguments: [
    ("R 3 1037.681772 1 0x90000300 0x37002 0x0 0", "range 1:3"),
    // The kernel prints six decimals.
    ("W 4 1.00001 1 0x90000300 0x1 0x0 0", "bad-record 1:5"),
    ("W 4 1.0000001 1 0x90000300 0x1 0x0 0", "bad-record 1:5"),
    ("MARK 1.5 x", "bad-record 1:6"),
    ("R 4 1037 1 0x90000300 0x37002 0x0 0", "bad-record 1:5"),
    ("R 4 1037.681772 x 0x90000300 0x37002 0x0 0", "bad-record 1:17"),
    ("R 4 1037.681772 1 90000300 0x37002 0x0 0", "bad-record 1:19"),
    ("R 4 1037.681772 1 0xfffffffffffffffd 0x37002 0x0 0", "range 1:19"),
    ("R 8 1.000000 1 0xfffffffffffffff8 0x1 0x0 0", "range 1:16"),
    ("R 4 1037.681772 1 0x90000300 0x37002 0x0", "bad-record 1:41"),
    ("R 4 1037.681772 1 0x90000300 0x37002 0x0 0 0", "bad-record 1:44"),
    ("R 4 18446744074.000000 1 0x90000300 0x37002 0x0 0", "range 1:5"),
    ("UNKNOWN 126.121012 16 0xfd0b4000 f3,a5 0x0 0", "bad-record 1:39"),
    ("UNKNOWN 126.121012 16 0xfd0b4000 f3,a5,1f6 0x0 0", "range 1:40"),
    ("MAP 1.000000 1 0x90000000 0x1 0x0 0x0 0", "range 1:31"),
    ("PCIDEV 038 12341111 0", "range 1:8"), ("PCIDEV 0038 12341111 0 0 0", "bad-record 1:27"),
    ("VERSION 20080101", "bad-record 1:1"), ("VERSION 20070824 b", "bad-record 1:18"),
    ("MARK x", "bad-record 1:6"), ("MARK 0.000000 Lost x events.", "bad-record 1:20"),
    ("CPU:0 [FOUND 1 EVENTS]", "bad-record 1:8"),
  ])
  func `a bad record is an error with its place`(_ line: String, _ expected: String) throws {
    let error = importError(line + "\n", as: .mmiotrace)
    #expect(place(error) == expected, "\(String(describing: error))")
    let skipped = try importText(line + "\n", as: .mmiotrace, skip: true)
    #expect(skipped.counter("bad_record_skipped") == 1)
  }

  /// Lines of a real capture: the display's PCIDEV has its memory in BAR 0, prefetchable, and BAR 2.
  private static let heading = """
    VERSION 20070824
    PCIDEV 0008 1af41001 15 c001 febd4000 0 0 c04000000c 0 0 80 1000 0 0 4000 0 0 virtio-pci
    PCIDEV 0038 12341111 0 fd000008 0 febd5000 0 0 0 febc0000 1000000 0 1000 0 0 0 8000 \n
    """

  @Test func `PCIDEV lines make regions of the memory BARs`() throws {
    let result = try importText(Self.heading)
    #expect(result.context.format == "mmiotrace")
    let expected = [
      // Port I/O (bit 0 of c001) is no window; 0x0008 is bus 0, device 1; 0x0038 device 7.
      "0000:00:01.0 bar 1 0xfebd4000+0x1000 false false bar",
      // c: prefetchable, 64 bits.
      "0000:00:01.0 bar 4 0xc040000000+0x4000 true true bar",
      "0000:00:07.0 bar 0 0xfd000000+0x1000000 true false bar",
      "0000:00:07.0 bar 2 0xfebd5000+0x1000 false false bar",
      "0000:00:07.0 rom 0xfebc0000+0x8000 nil nil bar",
    ]
    let found = result.context.regions.regions.map { region in
      let flags = [region.prefetchable, region.is64Bit].map { $0.map(String.init) ?? "nil" }
      return "\(region.name) 0x\(hex(region.base))+0x\(hex(region.size)) "
        + flags.joined(separator: " ") + " \(region.kind.rawValue)"
    }
    #expect(found == expected)
  }

  @Test func `MAP lines make regions outside the BARs only`() throws {
    let text =
      Self.heading + """
        MAP 1.000000 1 0xfebd5000 0xff73fa3e80420000 0x1000 0x0 0
        MAP 1.000000 2 0xfed00000 0xff73fa3e80420000 0x400 0x0 0
        MAP 1.000000 3 0xfed00000 0xff73fa3e80420000 0x400 0x0 0
        W 4 1.000001 1 0xfebd5004 0x1 0x0 0
        W 4 1.000002 2 0xfed00010 0x2 0x0 0
        W 4 1.000003 2 0xfec00010 0x3 0x0 0

        """
    let result = try importText(text)
    #expect(
      result.records.map { $0.split(separator: "[").last.map(String.init) } == [
        "0000:00:07.0 bar 2] l7", "map@0xfed00000] l8", "mem@0xfec00000] l9",
      ])
    let map = result.context.regions.regions.filter { $0.name.hasPrefix("map@") }
    #expect(map.count == 1)
    // Devices are known, so what lies outside them is the machine's.
    #expect(map.first?.kind == .platform && map.first?.size == 0x400)
    let bare = try importText("MAP 1.000000 1 0x1000000 0x1 0x1000 0x0 0\n")
    #expect(bare.context.regions.regions.map(\.kind) == [.bar])
  }

  @Test func `a loss told twice counts once, one told by marks only stands at the end`() throws {
    let twice = try importText(
      "MARK 0.000000 Lost 1012 events.\nMARK 215.256675 a\nCPU:0 [LOST 1012 EVENTS]\n",
      as: .mmiotrace)
    #expect(twice.records == ["mark v0 t215256675000 'a' l2", "lost v0 =3f4 l3"])
    #expect(twice.counter("loss_place_unknown") == 0)
    let marks = try importText(
      "MARK 0.000000 Lost 10 events.\nCPU:0 [LOST 4 EVENTS]\nMARK 0.000000 Lost 1 events.\n",
      as: .mmiotrace)
    #expect(marks.records == ["lost v0 =4 l2", "lost v0 =7"])
    #expect(marks.counter("loss_place_unknown") == 7)
  }

  @Test func `a mark that begins like a loss is a mark`() throws {
    let result = try importText("VERSION 20070824\nMARK 0.000000 Lost in space\n")
    #expect(result.records == ["mark v0 t0 'Lost in space' l2"])
  }

  @Test func `what is left out is said`() throws {
    let result = try importText("UNKNOWN 126.121012 16 0xfd0b4000 f3,a5,f6 0x0 0\n")
    #expect(result.context.blindSpots.contains { $0.contains("rep movs") })
    let losses = result.context.counters.rows.filter { $0.severity == .dataLoss }.map(\.name)
    #expect(losses == ["undecoded_access_dropped"])
    let back = try importText(
      "W 4 2.000000 1 0x10000000 0x1 0x0 0\nW 4 1.000000 1 0x10000000 0x1 0x0 0\n",
      as: .mmiotrace)
    #expect(back.counter("clock_backwards") == 1)
  }
}
