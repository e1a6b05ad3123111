import TraceCore

/// A trace's blocks as everything that replays one takes them: checked, and timed from 0.
///
/// Whatever goes wrong with a block names the trace's file.
struct ReplayFeed {
  /// What a taker of blocks wants next.
  enum Demand {
    case onwards
    /// Nothing more of this trace.
    case enough
  }

  private let source: any BlockSource
  private let onBlock: ((_ records: UInt64) -> Void)?
  /// What the trace's stamps were.
  private(set) var times = TimeNormalizer()
  /// What had to be repaired.
  private(set) var counters = TraceCounters()
  /// Records handed out.
  private(set) var records: UInt64 = 0

  /// - Parameters:
  ///   - source: The trace, from its beginning.
  ///   - onBlock: Called behind each block; for progress.
  init(_ source: any BlockSource, _ onBlock: ((_ records: UInt64) -> Void)?) {
    self.source = source
    self.onBlock = onBlock
  }

  /// Hands out the blocks, until there are no more or the taker has enough.
  ///
  /// - Parameter take: Takes a block, which is overwritten afterwards.
  /// - Throws: ``TraceError`` from the source, the block's check or `take`.
  mutating func handOut(_ take: (Block) throws(TraceError) -> Demand) throws(TraceError) {
    let block = Block()
    while try source.next(into: block) {
      do throws(TraceError) {
        try Self.validate(block)
        times.normalize(block, &counters)
        records += UInt64(block.count)
        let demand = try take(block)
        onBlock?(records)
        if demand == .enough { return }
      } catch {
        throw error.located(in: source.context.path)
      }
    }
  }

  /// First byte of the last 4 KiB of memory.
  private static let lastPage = UInt64.max - 4095

  /// Refuses what no importer writes but a damaged native trace may hold.
  private static func validate(_ block: Block) throws(TraceError) {
    // A block's longest run has 4 MiB: where all start in the lower half, none comes near.
    guard block.runAddresses.contains(where: { $0 > .max / 2 }) else { return }
    var index = 0
    for run in block.runTokens.indices {
      let entry = block.classes[Int(block.runTokens[run])]
      let count = Int(block.runCounts[run])
      if entry.operation.isAccess {
        // Accesses that fit below the last 4 KiB.
        let address = block.runAddresses[run]
        let size = UInt64(max(1, entry.size))
        let fitting = address > lastPage ? 0 : (lastPage - address) / size
        guard fitting >= count else {
          throw TraceError(
            .range,
            "address 0x\(hex(address &+ fitting &* size)) reaches into the last 4 KiB of memory",
            record: block.firstRecord + UInt64(index) + fitting)
        }
      }
      index += count
    }
  }
}
