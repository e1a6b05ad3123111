// A workload of one vCPU as a trace in memory.

import TraceCore

/// One vCPU's accesses to the first region, then a load of the second one.
///
/// The load marks the moment at which the vCPU goes on: it is issued then, and as reads stay behind
/// posted writes, it ends last. So the vCPU's time is the whole trace's less that of its region.
final class ProgramSource: BlockSource {
  /// Accesses that fit into the one block.
  static let accessLimit = Block.capacity - 32
  static let copied = "copied"
  static let marker = "marker"

  let context: TraceContext
  private let content: Block
  private var isRead = false

  var progress: (consumed: UInt64, total: UInt64?) { (isRead ? 1 : 0, 1) }

  /// - Parameters:
  ///   - operation: Of every access.
  ///   - accesses: How many, 1 to ``accessLimit``.
  ///   - size: Bytes of each.
  ///   - fence: A DSB ST follows them.
  init(_ operation: Operation, accesses: Int, size: Int, fence: Bool) {
    precondition(1...Self.accessLimit ~= accesses, "a workload fits into one block")
    context = TraceContext(name: "workload", format: "generated")
    let base: UInt64 = 1 << 36
    let markerBase: UInt64 = 1 << 37
    let copied = context.regions.add(
      Region(name: Self.copied, base: base, size: 1 << 26, origin: .capture))
    let marker = context.regions.add(
      Region(name: Self.marker, base: markerBase, size: 1 << 20, origin: .capture))
    let builder = BlockBuilder(Block())
    let access = RecordClass(operation, size: UInt8(size), region: copied)
    builder.withAppender { appender in
      for index in 0..<accesses {
        appender.append(access, address: base + UInt64(index * size))
      }
      if fence { appender.append(RecordClass(.barrier, barrier: Barrier(.dsbST))) }
      appender.append(RecordClass(.load, size: 8, region: marker), address: markerBase)
    }
    content = builder.block
  }

  func next(into block: Block) throws(TraceError) -> Bool {
    block.removeAll()
    guard !isRead else { return false }
    isRead = true
    block.count = content.count
    block.classes = content.classes
    block.runTokens = content.runTokens
    block.runCounts = content.runCounts
    block.runAddresses = content.runAddresses
    block.times = content.times
    return true
  }
}
