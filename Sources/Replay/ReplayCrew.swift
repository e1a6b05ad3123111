import Dispatch
import Synchronization
import TraceCore

/// Hands blocks to replays that do not depend on each other, on several cores.
///
/// All have taken a block when it returns, so that its source may refill it; what they count does
/// not depend on the number of threads. A block's lazy columns are decoded at their first use,
/// one at a time; else the block and the trace's context are only read.
struct ReplayCrew {
  private let scenarios: [VariedScenario]
  private let most: Int

  /// - Parameters:
  ///   - scenarios: In any order; replays with the most clocks are begun first.
  ///   - threads: At most so many work at a time.
  init(_ scenarios: [VariedScenario], threads: Int) {
    self.scenarios = scenarios
    most = threads
  }

  /// Every replay takes the block.
  ///
  /// - Throws: ``TraceError`` of the first replay that has one.
  func consume(_ block: Block) throws(TraceError) {
    // There may be more of them after each block.
    let replays = scenarios.flatMap(\.replays).sorted { $0.clockCount > $1.clockCount }
    let threads = min(most, replays.count)
    guard threads > 1 else {
      for replay in replays { try replay.consume(block) }
      return
    }
    let next = Atomic<Int>(0)
    let faults = Mutex<[Int: TraceError]>([:])
    // Each replay is taken by one thread, and the block is only read.
    nonisolated(unsafe) let shared = (block: block, replays: replays)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let (block, replays) = unsafe (shared.block, shared.replays)
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < replays.count else { return }
        do throws(TraceError) {
          try replays[index].consume(block)
        } catch {
          faults.withLock { $0[index] = error }
        }
      }
    }
    if let first = faults.withLock({ $0.min { $0.key < $1.key }?.value }) { throw first }
  }
}
