public import TraceCore

/// Hands out blocks that are held in memory.
public final class ArrayBlockSource: BlockSource {
  public let context: TraceContext
  private let blocks: [Block]
  private var position = 0

  /// - Parameters:
  ///   - context: Regions and texts of the blocks.
  ///   - blocks: Filled blocks, in the trace's order.
  public init(context: TraceContext, blocks: [Block]) {
    self.context = context
    self.blocks = blocks
  }

  /// Blocks handed out, and blocks in total.
  public var progress: (consumed: UInt64, total: UInt64?) {
    (UInt64(position), UInt64(blocks.count))
  }

  public func next(into block: Block) throws(TraceError) -> Bool {
    block.removeAll()
    guard position < blocks.count else { return false }
    copy(blocks[position], to: block)
    position += 1
    return true
  }

  private func copy(_ source: Block, to target: Block) {
    target.firstRecord = source.firstRecord
    target.count = source.count
    target.classes = source.classes
    target.runTokens = source.runTokens
    target.runCounts = source.runCounts
    target.runAddresses = source.runAddresses
    target.times = source.times
    target.configValues = source.configValues
    target.values = source.values
    target.codeAddresses = source.codeAddresses
    target.lines = source.lines
  }
}
