import Testing
import TraceCore
import TraceIO

@testable import Importers

/// Who made an access, where the capture names it by text.
struct CallerTests {
  private static func line(_ callers: String) -> String {
    "dd-1 [000] .... 1.000001: rwmmio_write: \(callers) width=32 val=0x1 addr=0x1000\n"
  }

  /// Texts as the kernel (`%pS`), trace-cmd and old kernels print them; kept as they are.
  @Test(arguments: [
    "virtqueue_notify+0x28/0x58 -> vp_notify+0x68/0xe8", "vp_notify+0x68/0xe8",
    "nvme_irq+0x24 -> nvme_poll_cq+0x434", "f+0x1/0x2 [nvme] -> g+0x1/0x9 [nvme]",
    "0xffff800080001000 -> vp_notify+0x68",
  ])
  func `callers are kept as they are printed`(_ text: String) throws {
    let result = try importText(Self.line(text) + Self.line("z+0x1") + Self.line(text))
    #expect(result.callers == [text, "z+0x1", text])
    #expect(result.context.callers.texts == [text, "z+0x1"])
    #expect(result.counter("caller_dropped") == 0)
  }

  @Test func `a caller that is a number is a code address`() throws {
    let result = try importText(Self.line("0x10 -> 0xffff800080001000") + Self.line("0x44"))
    #expect(result.callers == ["0xffff800080001000", "0x44"])
    #expect(result.context.callers.texts.isEmpty)
  }

  @Test func `what cannot be kept is counted, and the access stays`() throws {
    let long = String(repeating: "s", count: 257)
    let reserved = "0x" + hex(CallerTable.base)
    for text in [long, reserved, "dead"] {
      let result = try importText(Self.line(text))
      #expect(result.records.count == 1)
      #expect(result.callers.isEmpty)
      #expect(result.counter("caller_dropped") == 1)
    }
    #expect(try importText(Self.line(String(long.dropLast()))).callers.count == 1)
  }

  @Test func `no more than 65,536 callers are kept`() throws {
    let lines = (0..<65_540).map { Self.line("f\($0)+0x1") }.joined()
    let result = try importText(lines)
    #expect(result.records.count == 65_540)
    #expect(result.context.callers.texts.count == 65_536)
    #expect(result.counter("caller_dropped") == 4)
  }

  /// First drafts of the events, which name the accessor: the width is the accessor's.
  @Test(arguments: [
    ("readb", 1), ("readw", 2), ("readl", 4), ("readq_relaxed", 8), ("readl_relaxed", 4),
  ])
  func `an accessor's name is a width`(_ accessor: String, _ size: Int) throws {
    let start = "dd-1 [000] .... 1.000001: rwmmio_read: "
    let named = try importText(start + "probe+0x1/0x2 \(accessor) addr=0x1000\n")
    #expect(named.records == ["load v0 0x1000+\(size) t1000001000 [mem@0x1000] l1"])
    #expect(named.callers == ["probe+0x1/0x2"])
    #expect(place(importError(start + "probe+0x1 readx addr=0x1000\n")) == "bad-record 1:40")
  }

  // MARK: trace.dat

  /// Offsets are subtracted by hand; of two symbols at one address the first one counts.
  @Test func `a kernel's symbols name the callers of a binary file`() throws {
    let symbols = KernelSymbols(
      Array(
        """
        ffff800080001000 T outer
        ffff800080002000 t inner\t[nvme]
        ffff800080002000 t alias
        0000000000000000 T hidden
        no symbol at all
        """.utf8))
    #expect(symbols.name(of: 0xffff_8000_8000_1000) == "outer+0x0")
    #expect(symbols.name(of: 0xffff_8000_8000_1fff) == "outer+0xfff")
    #expect(symbols.name(of: 0xffff_8000_8000_2010) == "inner+0x10 [nvme]")
    #expect(symbols.name(of: 0xffff_8000_8000_0fff) == nil)
    var callers = SymbolCallers(symbols)
    let context = TraceContext(name: "t", format: "t")
    let code = callers.code(0xffff_8000_8000_2010, outer: 0xffff_8000_8000_1004, context)
    #expect(code.flatMap { context.callers[$0] } == "outer+0x4 -> inner+0x10 [nvme]")
    #expect(callers.code(0xffff_8000_8000_2010, outer: 0xffff_8000_8000_1004, context) == code)
    #expect(callers.code(0x77, outer: 0xffff_8000_8000_1004, context) == 0x77)
    #expect(callers.code(CallerTable.base, outer: nil, context) == nil)
  }

  @Test(arguments: [UInt8(6), 7])
  func `both versions hold symbols`(_ version: UInt8) throws {
    var page = DatPage(at: 1000)
    page.event(DatFile.rwmmio(474, caller: 0x2010, 0x1000, 0x11), after: 10)
    var file = DatFile()
    file.version = version
    // The builder's outer caller is 0xca11.
    file.symbols = "0000000000002000 T inner\n000000000000ca00 T outer\n"
    file.cpus = [(0, [page])]
    let result = try importBytes(file.bytes)
    #expect(result.callers == ["outer+0x11 -> inner+0x10"])
  }

  // MARK: Canonical CSV

  @Test func `CSV holds callers, in quotes where it must`() throws {
    let texts = ["a+0x1 -> b+0x2", "say \"no\", twice", "0x12 -> b+0x2", "z"]
    let rows = texts.map { text in
      "0,store,0x10,4,\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }
    let csv = "vcpu,op,addr,size,pc\n" + rows.joined(separator: "\n") + "\n0,store,0x10,4,0x99\n"
    let result = try importText(csv)
    #expect(result.callers == texts + ["0x99"])
    // And out again.
    let source = try ImportFormat.canonicalCSV.open(MemorySource(Array(csv.utf8)), name: "t")
    let block = Block()
    var writer = CanonicalCSVWriter(context: source.context)
    var bytes = Array(CanonicalCSVWriter.header.utf8)
    while try source.next(into: block) { try writer.write(block, range: 0 ..< .max, to: &bytes) }
    #expect(try importBytes(bytes).callers == texts + ["0x99"])
  }

  @Test(arguments: ["12", "dead", "0x", "0xg", "0x12345678901234567", "0x53594d4200000000"])
  func `a code address that is neither number nor name is an error`(_ cell: String) {
    let error = importError("vcpu,op,addr,size,pc\n0,store,0x10,4,\(cell)\n")
    // `0xg` holds a letter that no number has: it is a name.
    #expect(cell == "0xg" ? error == nil : error?.line == 2 && error?.column == 16)
  }
}
