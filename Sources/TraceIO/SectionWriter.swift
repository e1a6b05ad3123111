internal import TraceCore

/// Encodes and writes the sections of a native trace.
final class SectionWriter {
  /// The block that ``writeBlock(recordsOfClass:)`` writes.
  let block = Block()
  private let output: OutputFile
  private let compressor: FrameCompressor
  private var table: [UInt8] = []
  private var totals = TotalsCounter()
  private var predictor = RunColumn.Predictor()
  private var frames: [UInt8] = []
  private var steps: [UInt64] = []

  init(to output: OutputFile, level: Int32) throws(TraceError) {
    self.output = output
    compressor = try FrameCompressor(level: level)
  }

  func writeHeader() throws(TraceError) { try output.write(NativeHeader().frame) }

  func writeContext(_ document: ContextDocument, firstRecord: UInt64) throws(TraceError) {
    var section = Section(kind: .context, firstRecord: firstRecord)
    try add(.document, encodeDocument(document), to: &section)
    try put(section)
  }

  func writeBlock(recordsOfClass: (Int) -> Int) throws(TraceError) {
    var section = Section(kind: .block, firstRecord: block.firstRecord)
    section.count = UInt32(block.count)
    section.firstTime = block.times[0]
    section.lastTime = block.times[block.count - 1]
    do throws(TraceError) {
      try add(.runs, RunColumn.encode(block, predictor: &predictor), to: &section)
    } catch {
      var located = error
      located.record = block.firstRecord + (error.record ?? 0)
      throw located
    }
    try add(.times, DeltaColumn.encode(block.times, &steps), to: &section)
    try add(.configValues, block.configValues, to: &section)
    try add(.values, block.values, to: &section)
    if !block.codeAddresses.isEmpty {
      try add(.codeAddresses, AddressColumn.encode(block.codeAddresses), to: &section)
    }
    if !block.lines.isEmpty {
      try add(.lines, DeltaColumn.encode(block.lines, &steps), to: &section)
    }
    BlockTableRow(section, offset: output.bytesWritten).append(to: &table)
    try put(section)
    totals.add(block, recordsOfClass: recordsOfClass)
  }

  func writeFooter(_ context: TraceContext, records: UInt64) throws(TraceError) {
    var full = WrittenContext()
    let summary = SummaryDocument(context: full.update(to: context), totals: totals.totals)
    var section = Section(kind: .footer, firstRecord: records)
    try add(.document, encodeDocument(summary), to: &section)
    guard table.count <= NativeFormat.tableLimit else {
      throw TraceError(.range, "the trace has too many blocks")
    }
    try add(.blockTable, table, to: &section)
    let offset = output.bytesWritten
    try put(section)
    try output.write(NativeTrailer(footer: offset).frame)
  }

  /// Compresses a part; an empty one is left out.
  private func add(
    _ part: NativeFormat.Part, _ bytes: [UInt8], to section: inout Section
  ) throws(TraceError) {
    guard !bytes.isEmpty else { return }
    let size = try compressor.append(bytes, to: &frames)
    section.parts.append(
      Section.Part(
        identifier: part.rawValue, compressed: UInt32(size), raw: UInt32(bytes.count)))
  }

  private func put(_ section: Section) throws(TraceError) {
    try output.write(section.frame)
    try output.write(frames)
    frames.removeAll(keepingCapacity: true)
  }
}
