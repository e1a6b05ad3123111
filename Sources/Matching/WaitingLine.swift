import Results

/// TLPs of a line that wait, those of each list in its order.
struct WaitingLine {
  private var predicted: [WaitingTLP] = []
  private var observed: [WaitingTLP] = []
  /// Index of the last TLP of each list that waited when one of the other was left.
  private var lastMet: (predicted: UInt64?, observed: UInt64?)

  subscript(side: WaitingTLP.Side) -> [WaitingTLP] {
    get { side == .predicted ? predicted : observed }
    _modify {
      if side == .predicted { yield &predicted } else { yield &observed }
    }
  }

  var isEmpty: Bool { predicted.isEmpty && observed.isEmpty }

  /// Takes out a TLP that is left.
  ///
  /// - Parameters:
  ///   - index: Its own.
  ///   - side: Its list.
  /// - Returns: It, and whether the other list has or had something in the line meanwhile.
  mutating func leave(_ index: UInt64, _ side: WaitingTLP.Side) -> (tlp: WaitingTLP, isMet: Bool) {
    guard let place = self[side].firstIndex(where: { $0.index == index }) else {
      preconditionFailure("what waits is in its line")
    }
    let tlp = self[side].remove(at: place)
    let own = side == .predicted ? lastMet.predicted : lastMet.observed
    let isMet = own.map { index <= $0 } ?? false
    guard let last = self[side.other].last else { return (tlp, isMet) }
    if side == .predicted { lastMet.observed = last.index } else { lastMet.predicted = last.index }
    return (tlp, true)
  }

  /// Takes out the smallest beginnings of both lists that are the same bytes.
  ///
  /// - Parameter lineBytes: Bytes of a line.
  /// - Returns: Those TLPs; nil where no beginnings are.
  mutating func takeSameBytes(
    _ lineBytes: Int
  ) -> (predicted: [WaitingTLP], observed: [WaitingTLP])? {
    // Both grow, so the first that are the same are the smallest; and where they are equally many
    // bytes but not the same, neither of both can be a part of what will be.
    var (left, right): (UInt128, UInt128) = (0, 0)
    var (first, second) = (0, 0)
    while left != right || left == 0 {
      if left.nonzeroBitCount <= right.nonzeroBitCount {
        guard first < predicted.count, let bytes = predicted[first].request.bytes(lineBytes) else {
          return nil
        }
        left |= bytes
        first += 1
      } else {
        guard second < observed.count, let bytes = observed[second].request.bytes(lineBytes) else {
          return nil
        }
        right |= bytes
        second += 1
      }
    }
    defer {
      predicted.removeFirst(first)
      observed.removeFirst(second)
    }
    return (Array(predicted[..<first]), Array(observed[..<second]))
  }
}
