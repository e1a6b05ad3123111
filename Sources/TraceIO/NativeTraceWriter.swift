public import TraceCore

/// Writes a native trace; see the article *The native trace*.
///
/// A block is encoded on another core while the caller makes the next one.
public final class NativeTraceWriter {
  /// Records written so far.
  public private(set) var records: UInt64 = 0
  private let context: TraceContext
  private let sections: SectionWriter
  private let background = BackgroundJob()
  private var written = WrittenContext()
  private var hasHeader = false

  /// Prepares to write; nothing is written before the first block or the end.
  ///
  /// - Parameters:
  ///   - output: Receives the trace from its first byte on; the caller leaves it alone up to
  ///     ``finish()``.
  ///   - context: Looked at before each block and at the end.
  ///   - level: zstd compression level.
  /// - Throws: ``TraceError`` when memory is short.
  public init(
    to output: OutputFile, context: TraceContext, level: Int32 = 3
  ) throws(TraceError) {
    self.context = context
    sections = try SectionWriter(to: output, level: level)
  }

  /// The output of a job that nobody waited for is removed before the program goes on.
  deinit { background.end() }

  /// Writes a block and, before it, what it needs of the context.
  ///
  /// - Parameter block: Its first record follows the one written last. Lazy columns are loaded.
  /// - Throws: ``TraceError``: `.internal` for a block whose columns contradict each other; of this
  ///   block or the one before, `.io`, and `.range` for an address that cannot be stored.
  public func write(_ block: Block) throws(TraceError) {
    try write(block) { $0.copy(to: $1) }
  }

  /// Writes a block as ``write(_:)`` does and leaves it empty, with columns to be filled again.
  ///
  /// - Parameter block: As there.
  /// - Throws: ``TraceError`` as there.
  public func take(_ block: Block) throws(TraceError) {
    try write(block) { $0.move(to: $1) }
  }

  private func write(
    _ block: Block, handOver: (Block, Block) -> Void
  ) throws(TraceError) {
    guard block.count > 0 else { return }
    try block.loadAll()
    let recordsOfClass = try checkedTally(block)
    try background.wait()
    try writeContext()
    records += UInt64(block.count)
    handOver(block, sections.block)
    // Nothing else touches the sections until the job was waited for.
    nonisolated(unsafe) let sections = sections
    let path = context.path
    background.start { () throws(TraceError) in
      do throws(TraceError) {
        try unsafe sections.writeBlock { recordsOfClass[$0] }
      } catch {
        throw error.located(in: path)
      }
    }
  }

  /// Writes the footer; the caller commits the output.
  ///
  /// - Throws: ``TraceError`` `.io`, or what the last block failed with.
  public func finish() throws(TraceError) {
    try background.wait()
    try writeContext()
    try sections.writeFooter(context, records: records)
  }

  private func writeContext() throws(TraceError) {
    guard !hasHeader || written.isOutdated(by: context) else { return }
    if !hasHeader { try sections.writeHeader() }
    hasHeader = true
    try sections.writeContext(written.update(to: context), firstRecord: records)
  }

  /// Counts the records of each class and compares every column with what the classes demand.
  private func checkedTally(_ block: Block) throws(TraceError) -> [Int] {
    var tally = [Int](repeating: 0, count: RunColumn.tokenLimit)
    for (token, count) in zip(block.runTokens, block.runCounts) {
      tally[Int(token)] += Int(count)
    }
    let demands = ColumnDemands(block.classes) { tally[$0] }
    let isWhole =
      block.firstRecord == records && block.count <= Block.capacity
      && tally[..<block.classes.count].reduce(0, +) == block.count
      && block.classes.count <= Block.classLimit && block.runCounts.count == block.runs
      && block.runAddresses.count == block.runs && !block.runCounts.contains(0)
      && block.times.count == block.count && block.values.count == demands.valueBytes
      && block.configValues.count == demands.configBytes
      && block.codeAddresses.count == demands.codeAddresses
      && block.lines.count == demands.lines
    guard isWhole else {
      throw TraceError(
        .internal, "a block to be written contradicts itself", record: block.firstRecord)
    }
    return tally
  }
}

/// The first frame of a trace.
struct NativeHeader {
  static let magic = Array("MMT1".utf8)

  var major = NativeFormat.majorVersion
  var minor = NativeFormat.minorVersion

  var frame: [UInt8] {
    var payload = Self.magic
    payload.append(little: major)
    payload.append(little: minor)
    payload.append(little: crc32(payload))
    var frame: [UInt8] = []
    frame.append(little: NativeFormat.headerMagic)
    frame.append(little: UInt32(payload.count))
    return frame + payload
  }

  init() {}

  /// Decodes the payload; a longer one than ours is allowed.
  init(payload: ArraySlice<UInt8>) throws(TraceError) {
    let bytes = Array(payload)
    guard bytes.count >= 12, bytes.starts(with: Self.magic) else {
      throw TraceError(.unknownFormat, "this is no native trace")
    }
    guard crc32(bytes[..<8]) == bytes.little(UInt32.self, at: 8) else {
      throw TraceError(.checksum, "the checksum of the trace's header does not match")
    }
    major = bytes.little(UInt16.self, at: 4)
    minor = bytes.little(UInt16.self, at: 6)
    guard major == NativeFormat.majorVersion else {
      throw TraceError(
        .unknownFormat, "native traces of version \(major).\(minor) need a newer program")
    }
  }
}

/// The last frame of a trace: where the footer is.
struct NativeTrailer {
  static let magic = Array("MMTE".utf8)

  var footer: UInt64

  var frame: [UInt8] {
    var payload = Self.magic
    payload.append(little: footer)
    payload.append(little: crc32(payload))
    var frame: [UInt8] = []
    frame.append(little: NativeFormat.trailerMagic)
    frame.append(little: UInt32(payload.count))
    return frame + payload
  }

  init(footer: UInt64) { self.footer = footer }

  /// Decodes the file's last bytes; nil when they are no trailer.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == NativeFormat.trailerSize,
      bytes.little(UInt32.self, at: 0) == NativeFormat.trailerMagic,
      bytes.little(UInt32.self, at: 4) == 16, bytes[8...].starts(with: Self.magic),
      crc32(bytes[8..<20]) == bytes.little(UInt32.self, at: 20)
    else { return nil }
    footer = bytes.little(UInt64.self, at: 12)
  }
}
