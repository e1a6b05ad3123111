import CZstd
import FoundationEssentials
import TestSupport
import TraceCore
import TraceIO

/// A folder that is removed with the object.
final class Scratch {
  let folder: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "mmioscope-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(filePath: path(name)))
    return path(name)
  }

  func bytes(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(filePath: path(name))))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}

/// One zstd frame with checksum.
func zstdFrame(_ bytes: [UInt8], hasSize: Bool = true, windowLog: Int32 = 0) -> [UInt8] {
  guard let context = unsafe ZSTD_createCCtx() else { return [] }
  defer { _ = unsafe ZSTD_freeCCtx(context) }
  _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, hasSize ? 1 : 0)
  if windowLog > 0 {
    _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
  }
  var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
  let size = unsafe frame.withUnsafeMutableBytes { target in
    unsafe bytes.withUnsafeBytes { source in
      unsafe ZSTD_compress2(
        context, target.baseAddress, target.count, source.baseAddress, source.count)
    }
  }
  return Array(frame.prefix(size))
}

/// A skippable frame.
func skippable(_ payload: [UInt8], magic: UInt32 = 0x184d_2a5a) -> [UInt8] {
  little(magic) + little(UInt32(payload.count)) + payload
}

/// Little-endian bytes, written here again so that tests do not lean on what they test.
func little(_ value: some FixedWidthInteger) -> [UInt8] {
  (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// The whole content of a source.
func readAll(_ source: any ByteSource, chunk: Int = 300_000) throws(TraceError) -> [UInt8] {
  var content: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: chunk)
  while true {
    let count = try source.read(into: &buffer, from: 0)
    if count == 0 { return content }
    content += buffer[..<count]
  }
}

/// Everything a block holds, for comparison.
struct BlockContent: Equatable {
  var firstRecord: UInt64
  var count: Int
  var classes: [RecordClass]
  var tokens: [UInt8]
  var counts: [UInt16]
  var addresses: [UInt64]
  var times: [UInt64]
  var configValues: [UInt8]
  var values: [UInt8]
  var codeAddresses: [UInt64]
  var lines: [UInt64]

  init(_ block: Block) throws(TraceError) {
    for column in [Block.LazyColumn.values, .codeAddresses, .lines] { try block.load(column) }
    firstRecord = block.firstRecord
    count = block.count
    classes = block.classes
    tokens = block.runTokens
    counts = block.runCounts
    addresses = block.runAddresses
    times = block.times
    configValues = block.configValues
    values = block.values
    codeAddresses = block.codeAddresses
    lines = block.lines
  }
}

/// Blocks of random records of every kind.
struct TraceGenerator {
  var random: SplitMix64
  /// Records in a block at most.
  var limit = 400
  private var time: UInt64 = 1_000_000
  private var nextRecord: UInt64 = 0
  private var line: UInt64 = 1

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Regions and texts that the records refer to.
  static func context() -> TraceContext {
    let context = TraceContext(name: "capture.log", format: "qemu-log")
    let function = PCIFunction(bus: 1, device: 0, function: 0)
    context.regions.add(
      Region(
        name: "bar2", base: 0x100_0000_0000, size: 0x200_0000, function: function, bar: 2,
        sideEffects: [0x40...0x43], origin: .map))
    context.regions.add(
      Region(name: "uart", base: 0x900_0000, size: 0x1000, kind: .platform, origin: .capture))
    _ = context.intern("flr")
    _ = context.intern("a mark with \"quotes\" and ünïcode")
    context.configImages[function] = [0x86, 0x80, 0xff, 0x00]
    context.counters.add("unknown_lines", 3, meaning: "Lines of no known kind.")
    context.blindSpots = ["The capture holds no barriers."]
    return context
  }

  /// A block whose columns are independent of `BlockBuilder`.
  mutating func block() -> Block {
    let block = Block()
    let count = Int.random(in: 1...limit, using: &random)
    block.firstRecord = nextRecord
    block.classes = (0..<Int.random(in: 1...30, using: &random)).map { _ in recordClass() }
    let bases = block.classes.map { _ in address() }
    let step = UInt64.random(in: 1...3, using: &random)
    while block.count < count {
      let token = Int.random(in: 0..<block.classes.count, using: &random)
      let isLong = Int.random(in: 0..<20, using: &random) == 0
      let run = min(Int.random(in: 1...(isLong ? 700 : 6), using: &random), count - block.count)
      appendRun(token, run, base: bases[token], to: block)
      for _ in 0..<run { appendRecord(block.classes[token], step: step, to: block) }
    }
    nextRecord += UInt64(block.count)
    return block
  }

  private mutating func appendRun(_ token: Int, _ run: Int, base: UInt64, to block: Block) {
    let entry = block.classes[token]
    let last = block.runs - 1
    var address: UInt64 = 0
    if entry.operation.isAccess || entry.operation.isConfig {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: address = base
      case 1 where last >= 0: address = block.runAddresses[last] + UInt64(entry.size)
      default: address = base + UInt64.random(in: 0..<100_000, using: &random)
      }
    }
    block.runTokens.append(UInt8(token))
    block.runCounts.append(UInt16(run))
    block.runAddresses.append(address)
    block.count += run
  }

  private mutating func appendRecord(_ entry: RecordClass, step: UInt64, to block: Block) {
    if entry.columns.contains(.time) { advance(step) }
    block.times.append(time)
    let size = entry.size == 0 ? 8 : Int(entry.size)
    let value = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
    if entry.columns.contains(.value) { block.values += value }
    if entry.columns.contains(.configValue) { block.configValues += value }
    if entry.columns.contains(.codeAddress) {
      block.codeAddresses.append(
        0xffff_8000_0000_0000 + 4 * UInt64.random(in: 0..<300, using: &random))
    }
    if entry.columns.contains(.line) {
      line += Int.random(in: 0..<50, using: &random) == 0 ? 9 : 1
      block.lines.append(line)
    }
  }

  /// Mostly small steps; also long ones, and back.
  private mutating func advance(_ unit: UInt64) {
    switch Int.random(in: 0..<100, using: &random) {
    case 0: time += unit &* UInt64.random(in: 0..<1_000_000_000_000, using: &random)
    case 1: time -= min(time, UInt64.random(in: 0..<5000, using: &random))
    case 2..<10: time += unit * UInt64.random(in: 0..<60_000, using: &random)
    default: time += unit * UInt64.random(in: 0..<200, using: &random)
    }
  }

  private mutating func address() -> UInt64 {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: UInt64.random(in: 0...(.max - 0x100_0000), using: &random)
    default: 0x100_0000_0000 + UInt64.random(in: 0..<0x100_0000, using: &random)
    }
  }

  private mutating func recordClass() -> RecordClass {
    var columns: RecordClass.Columns = []
    for column in [RecordClass.Columns.time, .codeAddress, .line] where Bool.random(using: &random)
    {
      columns.insert(column)
    }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: columns.insert(.value)
    case 1: columns.insert(.configValue)
    default: break
    }
    let vcpu = UInt16.random(in: 0...5, using: &random)
    let function = PCIFunction(bus: 1, device: 0, function: 0)
    switch Operation.allCases.randomElement(using: &random) ?? .store {
    case .store, .load:
      let isStore = Bool.random(using: &random)
      return RecordClass(
        isStore ? .store : .load, size: [1, 2, 4, 8, 16, 64].randomElement(using: &random) ?? 8,
        vcpu: vcpu, flags: isStore ? .release : [],
        attribute: Bool.random(using: &random) ? 4 : nil,
        region: RegionID(rawValue: UInt16.random(in: 0...1, using: &random)), columns: columns)
    case .barrier:
      return RecordClass(
        .barrier, vcpu: vcpu, barrier: Barrier(.dmbST, .outerShareable), columns: columns)
    case .configRead:
      return RecordClass(.configRead, size: 4, vcpu: vcpu, function: function, columns: columns)
    case .configWrite:
      return RecordClass(.configWrite, size: 2, vcpu: vcpu, function: function, columns: columns)
    case .reset: return RecordClass(.reset, function: function, text: 0, columns: columns)
    case .lost: return RecordClass(.lost, columns: columns)
    case .mark: return RecordClass(.mark, text: 1, columns: columns)
    }
  }
}

/// A trace written to memory by way of a file.
func nativeTrace(
  _ blocks: [Block], context: TraceContext = TraceGenerator.context()
) throws -> [UInt8] {
  let scratch = try Scratch()
  let output = try OutputFile(path: scratch.path("trace.mmt"))
  let writer = try NativeTraceWriter(to: output, context: context)
  for block in blocks { try writer.write(block) }
  try writer.finish()
  try output.commit()
  return try scratch.bytes("trace.mmt")
}

/// All blocks of a reader, with every column.
func readBlocks(_ reader: NativeTraceReader) throws(TraceError) -> [BlockContent] {
  var contents: [BlockContent] = []
  let block = Block()
  while try reader.next(into: block) { contents.append(try BlockContent(block)) }
  return contents
}
