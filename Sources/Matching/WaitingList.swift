import Results

/// Which TLPs of a list wait, oldest first, and until when.
struct WaitingList {
  private var waiting: [UInt64: (line: UInt64, until: UInt64)] = [:]
  /// No TLP below it waits.
  private var oldest: UInt64 = 0
  /// Index of the next TLP of the list.
  private(set) var next: UInt64 = 0
  /// How far the walk has come in the list; it goes on behind its end.
  var position: UInt64 = 0

  /// TLPs that wait.
  var count: Int { waiting.count }
  /// DWs of them.
  private(set) var dwords = 0

  /// The index of one more TLP.
  mutating func take() -> UInt64 {
    defer { next += 1 }
    return next
  }

  /// A TLP waits.
  ///
  /// - Parameters:
  ///   - tlp: One of the list.
  ///   - line: Its line.
  ///   - until: Position of the other list at which it is left.
  mutating func add(_ tlp: WaitingTLP, line: UInt64, until: UInt64) {
    waiting[tlp.index] = (line, until)
    dwords += tlp.request.dwords
  }

  /// A TLP that waited does not any more.
  mutating func remove(_ tlp: WaitingTLP) {
    waiting[tlp.index] = nil
    dwords -= tlp.request.dwords
  }

  /// The oldest TLP, where its time has come; it is to be removed.
  ///
  /// - Parameter position: That of the other list.
  /// - Returns: Its index and line.
  mutating func left(at position: UInt64) -> (index: UInt64, line: UInt64)? {
    while oldest < next {
      if let (line, until) = waiting[oldest] { return until <= position ? (oldest, line) : nil }
      oldest += 1
    }
    return nil
  }
}
