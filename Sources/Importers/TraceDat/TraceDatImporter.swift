import TraceCore
import TraceIO

/// Reads the events of one family from a `trace.dat` file, all CPUs merged by time.
final class TraceDatImporter<Events: DatEvents>: BlockSource {
  let context: TraceContext
  private let source: any ByteSource
  private let file: any RandomAccess
  private let layout: DatLayout
  private var merge: DatMerge<Events>
  private var builder: BlockBuilder?
  private var nextRecord: UInt64 = 0
  private var isConcluded = false

  init(
    _ source: any ByteSource, _ file: any RandomAccess, _ layout: DatLayout,
    _ context: TraceContext, _ options: ImportOptions
  ) throws(TraceError) {
    self.source = source
    self.file = file
    self.layout = layout
    self.context = context
    merge = try DatMerge(file, layout, context, options)
  }

  var progress: (consumed: UInt64, total: UInt64?) {
    let start = layout.cpus.map(\.offset).min() ?? 0
    let done = zip(merge.streams, layout.cpus).reduce(0) { sum, pair in
      sum + pair.0.pages.consumed - pair.1.offset
    }
    return (start + done, file.size)
  }

  func next(into block: Block) throws(TraceError) -> Bool {
    let builder = builder ?? BlockBuilder(block)
    self.builder = builder
    builder.reset(firstRecord: nextRecord, into: block)
    let isAtEnd = try builder.withAppender { appender throws(TraceError) in
      try Events.fill(&appender, from: &merge, behind: nextRecord)
    }
    if isAtEnd { try conclude() }
    merge.events.counters.flush(into: context)
    nextRecord += UInt64(block.count)
    return block.count > 0
  }

  // MARK: The end

  private func conclude() throws(TraceError) {
    guard !isConcluded else { return }
    isConcluded = true
    merge.conclude()
    try hash()
  }

  /// The pages were read out of order: the checksum needs them once more, in order.
  private func hash() throws(TraceError) {
    if let input = source as? InputFile, input.isHashed, input.sha256 == nil {
      var buffer = [UInt8](repeating: 0, count: 262_144)
      while try input.read(into: &buffer, from: 0) > 0 {}
    }
    context.sha256 = source.sha256
  }
}
