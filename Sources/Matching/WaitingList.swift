import Results

/// TLPs of a list that wait, oldest first, and until when.
struct WaitingList {
  private struct Entry {
    var tlp: WaitingTLP
    var line: UInt64
    var until: UInt64
  }

  private var waiting: [UInt64: Entry] = [:]
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
    waiting[tlp.index] = Entry(tlp: tlp, line: line, until: until)
    dwords += tlp.request.dwords
  }

  /// A TLP that waits.
  subscript(index: UInt64) -> WaitingTLP {
    guard let entry = waiting[index] else { preconditionFailure("nobody asks for others") }
    return entry.tlp
  }

  /// Takes out a TLP that waits.
  mutating func remove(_ index: UInt64) -> WaitingTLP {
    let tlp = self[index]
    waiting[index] = nil
    dwords -= tlp.request.dwords
    return tlp
  }

  /// The oldest TLP, where its time has come; it is to be removed.
  ///
  /// - Parameter position: That of the other list.
  /// - Returns: Its index and line.
  mutating func left(at position: UInt64) -> (index: UInt64, line: UInt64)? {
    while oldest < next {
      if let entry = waiting[oldest] {
        return entry.until <= position ? (oldest, entry.line) : nil
      }
      oldest += 1
    }
    return nil
  }
}
