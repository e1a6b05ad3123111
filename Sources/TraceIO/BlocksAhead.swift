public import TraceCore

/// Decodes the next block of a native trace on another core while the last one is worked on.
///
/// Only a trace whose regions and texts are known from its footer can be read so: whoever works on
/// a block looks at them.
public final class BlocksAhead: BlockSource {
  /// What the other core has read.
  private final class Next {
    let block = Block()
    var isThere = false
    var progress: (consumed: UInt64, total: UInt64?)
    private let source: any BlockSource

    init(_ source: any BlockSource) {
      self.source = source
      progress = source.progress
    }

    func fill() throws(TraceError) {
      isThere = try source.next(into: block)
      progress = source.progress
    }
  }

  public let context: TraceContext
  public private(set) var progress: (consumed: UInt64, total: UInt64?)
  private let next: Next
  private let background = BackgroundJob()
  private var isStarted = false
  private var isAtEnd = false

  /// Fails where the source learns of regions and texts as it goes.
  ///
  /// - Parameter source: Nobody else reads from it, or asks it anything, from now on.
  public init?(_ source: any BlockSource) {
    guard let reader = source as? NativeTraceReader, reader.knowsContext else { return nil }
    context = reader.context
    progress = reader.progress
    next = Next(reader)
  }

  deinit { background.end() }

  public func next(into block: Block) throws(TraceError) -> Bool {
    guard !isAtEnd else {
      block.removeAll()
      return false
    }
    if !isStarted { start() }
    isStarted = true
    try background.wait()
    block.exchange(next.block)
    progress = next.progress
    isAtEnd = !next.isThere
    if !isAtEnd { start() }
    return !isAtEnd
  }

  private func start() {
    // Nothing else touches the block until the job was waited for.
    nonisolated(unsafe) let next = next
    background.start { () throws(TraceError) in try unsafe next.fill() }
  }
}
