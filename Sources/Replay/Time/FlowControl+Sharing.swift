import PCIeModel

// Which clocks may differ in credits and still be one.
extension LinkConfiguration {
  /// Credits that no single TLP needs more of: a TLP that does is charged all there are, which then
  /// makes a difference before anything waits.
  private static let enough = 32

  /// Whether clocks may differ in credits alone: on one channel TLPs start, and so their credits
  /// return, in order.
  var sharesCredits: Bool {
    memoryChannel == 0
      && flowControl.pools.allSatisfy { pool in
        [pool.headers, pool.data].allSatisfy { $0 == 0 || $0 >= Self.enough }
      }
  }
}

extension FlowControl {
  /// The same without data credits that can never be what a TLP waits for.
  ///
  /// TLPs that hold all header credits need no more data credits than there are: a memory write of
  /// this model needs 8 at most, a non-posted request one. With scales credits come back in groups,
  /// headers and data apart, and nothing is left out.
  var withoutIdleData: FlowControl {
    var result = self
    guard headerScale == 1, dataScale == 1 else { return result }
    let units = RegionCounters.largestPayload / 16
    if posted.headers > 0, posted.data >= posted.headers * units { result.posted.data = 0 }
    if nonPosted.headers > 0, nonPosted.data >= nonPosted.headers { result.nonPosted.data = 0 }
    return result
  }

  /// How many posted writes a time goes without a wait, about; the order is all that it is for.
  var ease: Double {
    let headers = posted.headers == 0 ? Int.max : posted.headers
    let writes = posted.data == 0 ? headers : min(headers, posted.data / 4)
    return Double(writes) / Double(loopPs + 1)
  }

  fileprivate var pools: [Pool] { [posted, nonPosted, completion] }

  /// The fewest credits and the longest loop of some, and the most credits that are not infinite.
  static func ends(of all: [FlowControl]) -> (fewest: FlowControl, most: FlowControl) {
    var (fewest, most) = (all[0], all[0])
    let kinds: [WritableKeyPath<FlowControl, Pool>] = [\.posted, \.nonPosted, \.completion]
    let parts: [WritableKeyPath<Pool, Int>] = [\.headers, \.data]
    for kind in kinds {
      for part in parts {
        let path = kind.appending(path: part)
        let finite = all.map { $0[keyPath: path] }.filter { $0 > 0 }
        fewest[keyPath: path] = finite.min() ?? 0
        most[keyPath: path] = finite.max() ?? 0
      }
    }
    fewest.loopPs = all.map(\.loopPs).max() ?? 0
    return (fewest, most)
  }
}
