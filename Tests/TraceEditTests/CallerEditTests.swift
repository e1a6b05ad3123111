import Glibc
import Importers
import Testing
import TraceCore
import TraceIO

@testable import TraceEdit

/// Callers by text through slices, joins and anonymizing: each capture has numbers of its own.
struct CallerEditTests {
  private func source(_ callers: [String]) throws -> any BlockSource {
    let rows = callers.enumerated().map { "0,store,0x10,4,\($0.element),\(10 * $0.offset)" }
    return try ImportFormat.canonicalCSV.open(
      MemorySource(Array(("vcpu,op,addr,size,pc,t_ns\n" + rows.joined(separator: "\n")).utf8)),
      name: "t")
  }

  private func callers(_ source: any BlockSource) throws -> [String] {
    let block = Block()
    var result: [String] = []
    while try source.next(into: block) {
      try block.loadAll()
      result += block.codeAddresses.map { source.context.callers.shown($0) }
    }
    return result
  }

  @Test func `one after the other`() throws {
    let whole = ConcatenatedSource([
      try source(["x+1", "y+1", "0x99"]), try source(["y+1", "z+1", "x+1"]),
    ])
    #expect(try callers(whole) == ["x+1", "y+1", "0x99", "y+1", "z+1", "x+1"])
    #expect(whole.context.callers.texts == ["x+1", "y+1", "z+1"])
  }

  @Test func `by time stamp`() throws {
    let whole = MergedSource([try source(["x+1", "y+1", "0x99"]), try source(["y+1", "z+1"])])
    #expect(try callers(whole) == ["x+1", "y+1", "y+1", "z+1", "0x99"])
  }

  @Test func `a joined native trace`() throws {
    let native = try NativeTraceReader(MemorySource(try nativeTrace(source(["y+1", "x+1"]))))
    let whole = ConcatenatedSource([try source(["x+1"]), native])
    #expect(try callers(whole) == ["x+1", "y+1", "x+1"])
  }

  @Test func `callers beyond the limit are counted at the seam`() throws {
    let many = (0..<CallerTable.limit).map { "f+\($0)" }
    let whole = ConcatenatedSource([try source(many), try source(["z+1", "f+5", "z+1"])])
    #expect(try callers(whole).suffix(3) == ["0xffffffffffffffff", "f+5", "0xffffffffffffffff"])
    #expect(whole.context.counters["caller_dropped_at_join"] == 1)
  }

  @Test func `a slice keeps them`() throws {
    var selection = SliceSelection()
    selection.records = 1..<3
    let slice = SlicedSource(try source(["x+1", "y+1", "z+1"]), selection)
    #expect(try callers(slice) == ["y+1", "z+1"])
  }

  @Test func `anonymized they are numbers in order of appearance`() throws {
    let anonymous = AnonymizedSource(
      try source(["secret+1", "other+2", "secret+1", "0x99"]), regions: [], accessSizes: [],
      epoch: 0, seed: 1)
    let result = try callers(anonymous)
    #expect(result.prefix(3) == ["caller 1", "caller 2", "caller 1"])
    #expect(result[3].hasPrefix("0x") && result[3] != "0x99")
    #expect(!anonymous.context.callers.texts.contains { $0.contains("secret") })
  }
}

/// A source as a native trace's bytes.
func nativeTrace(_ source: any BlockSource) throws -> [UInt8] {
  let path = "/tmp/mmioscope-\(UInt64.random(in: 0 ..< .max)).mmt"
  let file = try OutputFile(path: path)
  let writer = try NativeTraceWriter(to: file, context: source.context)
  let block = Block()
  while try source.next(into: block) { try writer.write(block) }
  try writer.finish()
  try file.commit()
  let input = try openInput(path: path)
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = try input.read(into: &buffer, from: 0)
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  unsafe unlink(path)
  return bytes
}
