import Results

/// TLPs of a line that wait, those of each list in its order.
struct WaitingLine {
  /// What of a TLP is looked for; the rest is in its ``WaitingList``.
  struct Entry {
    var index: UInt64
    var request: MatchResult.Request
    /// Its enabled bytes in the line; nil where it goes beyond.
    var bytes: UInt128?
  }

  private var predicted: [Entry] = []
  private var observed: [Entry] = []
  /// Index of the last TLP of each list that waited when one of the other was left.
  private var lastMet: (predicted: UInt64?, observed: UInt64?)

  private subscript(side: WaitingTLP.Side) -> [Entry] {
    get { side == .predicted ? predicted : observed }
    _modify {
      if side == .predicted { yield &predicted } else { yield &observed }
    }
  }

  var isEmpty: Bool { predicted.isEmpty && observed.isEmpty }

  mutating func add(_ tlp: WaitingTLP, _ lineBytes: Int) {
    self[tlp.side].append(
      Entry(index: tlp.index, request: tlp.request, bytes: tlp.request.bytes(lineBytes)))
  }

  /// Takes out the first TLP of a list with the same request.
  ///
  /// - Parameters:
  ///   - request: Of one of the other list.
  ///   - side: The list.
  /// - Returns: Its index; nil where there is none.
  mutating func take(_ request: MatchResult.Request, _ side: WaitingTLP.Side) -> UInt64? {
    guard let place = self[side].firstIndex(where: { $0.request == request }) else { return nil }
    return self[side].remove(at: place).index
  }

  /// Takes out a TLP that is left.
  ///
  /// - Parameters:
  ///   - index: Its own.
  ///   - side: Its list.
  /// - Returns: Whether the other list has or had something in the line meanwhile, and the index of
  ///   the first that it has.
  mutating func leave(
    _ index: UInt64, _ side: WaitingTLP.Side
  ) -> (isMet: Bool, other: UInt64?) {
    guard let place = self[side].firstIndex(where: { $0.index == index }) else {
      preconditionFailure("what waits is in its line")
    }
    self[side].remove(at: place)
    let own = side == .predicted ? lastMet.predicted : lastMet.observed
    let isMet = own.map { index <= $0 } ?? false
    let others = self[side.other]
    guard let first = others.first, let last = others.last else { return (isMet, nil) }
    if side == .predicted { lastMet.observed = last.index } else { lastMet.predicted = last.index }
    return (true, first.index)
  }

  /// Takes out the smallest beginnings of both lists that are the same bytes.
  ///
  /// - Returns: The indices of those TLPs; nil where no beginnings are.
  mutating func takeSameBytes() -> (predicted: [UInt64], observed: [UInt64])? {
    // Both grow, so the first that are the same are the smallest; and where they are equally many
    // bytes but not the same, neither of both can be a part of what will be.
    var (left, right): (UInt128, UInt128) = (0, 0)
    var (first, second) = (0, 0)
    while left != right || left == 0 {
      if left.nonzeroBitCount <= right.nonzeroBitCount {
        guard first < predicted.count, let bytes = predicted[first].bytes else { return nil }
        left |= bytes
        first += 1
      } else {
        guard second < observed.count, let bytes = observed[second].bytes else { return nil }
        right |= bytes
        second += 1
      }
    }
    defer {
      predicted.removeFirst(first)
      observed.removeFirst(second)
    }
    return (predicted[..<first].map(\.index), observed[..<second].map(\.index))
  }
}
