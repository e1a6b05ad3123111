import ConfigSpace
import Glibc
import Importers
import Litmus
import Matching
import Results
import TraceCore
import TraceEdit
import TraceIO
import YAMLInput

/// One reader that is fed with bytes; it may throw a `TraceError`, and nothing else may happen.
struct FuzzTarget: Sendable {
  let name: String
  let run: @Sendable ([UInt8]) throws(TraceError) -> Void

  /// Every reader: each ``ImportFormat`` by itself, so that a new one needs no edit here.
  static var all: [FuzzTarget] {
    ImportFormat.all.map(importer) + [
      FuzzTarget(name: "recognize") { bytes throws(TraceError) in
        _ = try ImportFormat.recognize(bytes, path: "fuzz")
      },
      FuzzTarget(name: "trace") { bytes throws(TraceError) in
        for isSeekable in [true, false] {
          do throws(TraceError) {
            try use(NativeTraceReader(MemorySource(bytes, isSeekable: isSeekable)))
          } catch { continue }
        }
        let reader = try NativeTraceReader(MemorySource(bytes))
        let regions = reader.context.regions.regions
        try use(AnonymizedSource(reader, regions: regions, accessSizes: [], epoch: 0, seed: 1))
      },
      FuzzTarget(name: "lspci") { bytes throws(TraceError) in
        _ = try LspciDump.parse(bytes, file: "fuzz")
      },
      FuzzTarget(name: "map") { bytes throws(TraceError) in
        _ = try TraceMap(try YAMLDocument(bytes: bytes, file: "fuzz"))
      },
      FuzzTarget(name: "litmus") { bytes throws(TraceError) in
        _ = try LitmusTest.parse(bytes, file: "fuzz")
      },
      FuzzTarget(name: "observed") { bytes throws(TraceError) in
        let context = TraceContext(name: "fuzz", format: "native")
        context.regions.add(Region(name: "all", base: 0, size: .max, origin: .map))
        let list = try ObservedList(MemorySource(bytes, path: "fuzz"), chunk: 7)
        let matcher = TLPMatcher(list, context, lineBytes: 64, window: 4)
        _ = try matcher.finish(
          MatchResult(
            trace: "fuzz", observed: "fuzz", scenario: "fuzz", accessors: "none", window: 4,
            lineBytes: 64, hasEnables: true))
      },
    ]
  }

  /// An importer, once as it is and once asked to skip bad records.
  private static func importer(_ format: ImportFormat) -> FuzzTarget {
    FuzzTarget(name: "import-" + format.name) { bytes throws(TraceError) in
      for skip in [false, true] {
        var options = ImportOptions()
        options.skipBadRecords = skip
        options.longestLine = 1 << 16
        do throws(TraceError) {
          try use(format.open(MemorySource(bytes), name: "fuzz", options: options))
        } catch { continue }
      }
    }
  }

  /// What commands do with blocks: every column is read, and written as CSV and to a native trace.
  private static func use(_ source: any BlockSource) throws(TraceError) {
    let block = Block()
    var rows = CanonicalCSVWriter(context: source.context)
    let native = try NativeTraceWriter(to: OutputFile(path: "/dev/null"), context: source.context)
    var text: [UInt8] = []
    while try source.next(into: block) {
      guard block.count <= Block.capacity else { fatalError("a block holds too much") }
      try block.loadAll()
      text.removeAll(keepingCapacity: true)
      try rows.write(block, range: 0 ..< .max, to: &text)
      try native.write(block)
    }
    try native.finish()
  }

  /// The target of the variable `FUZZ_TARGET`; `list` prints the names and ends.
  static let chosen: FuzzTarget = {
    let wanted = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? "list"
    if let found = all.first(where: { $0.name == wanted }) { return found }
    for target in all { print(target.name) }
    fflush(nil)
    // libFuzzer takes exit() for a crash.
    _exit(wanted == "list" ? 0 : 2)
  }()
}

/// Called by libFuzzer for every input.
///
/// - Parameters:
///   - start: The input's bytes, nil where there are none.
///   - count: How many.
/// - Returns: 0: the input may go into the corpus.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  do throws(TraceError) {
    try FuzzTarget.chosen.run(bytes)
  } catch {
    // A message must be one that can be shown.
    guard !error.description.isEmpty else { fatalError("an error without words") }
  }
  return 0
}
