public import Results
public import TraceCore

/// Looks for each predicted memory request among those observed, and the other way round.
///
/// Both lists are walked side by side: a step takes the next TLP of the list of which fewer DWs wait,
/// of equally many that of the predicted one. Where that list has ended, the step counts as one in it all
/// the same, and takes one of the other. A TLP is compared with those that wait in its line, reads
/// apart from writes:
///
/// 1. The first TLP of the other list with the same address, length and byte enables agrees with it.
/// 2. Where there is none, it waits. After the next `window` steps in the other list it is left, or
///    where it is the oldest of more than twice as many that wait in its own.
/// 3. Whenever something has changed in a line, the smallest beginnings of what waits there of both
///    lists are taken out that are the same bytes.
///
/// What becomes of a TLP does not depend on the pieces in which the lists come.
public struct TLPMatcher: ~Copyable {
  private var observed: ObservedList
  private let finder: RegionFinder
  private let window: UInt64
  private let lineBytes: Int
  private var lines: [UInt64: WaitingLine] = [:]
  private var lists: (predicted: WaitingList, observed: WaitingList) = (.init(), .init())
  private var tally: MatchTally

  /// - Parameters:
  ///   - observed: From its first row on.
  ///   - context: Whose regions both lists are of.
  ///   - regions: Names of those that are compared; all where there are none.
  ///   - bases: First addresses of regions that the observed list has elsewhere, by name.
  ///   - lineBytes: Bytes of a line, a power of two from 16 to 128.
  ///   - window: TLPs of the other list among which one is looked for, at least 1.
  public init(
    _ observed: consuming ObservedList, _ context: TraceContext, regions: [String] = [],
    bases: [String: UInt64] = [:], lineBytes: Int, window: Int
  ) {
    self.observed = observed
    finder = RegionFinder(context, regions, bases: bases)
    self.window = UInt64(max(1, window))
    self.lineBytes = lineBytes
    tally = MatchTally()
  }

  /// TLPs that wait in the list of which more do: at most twice the window.
  public var waiting: Int { max(lists.predicted.count, lists.observed.count) }

  /// Takes the next predicted TLPs.
  ///
  /// - Parameter packets: In the order of `packets`.
  /// - Throws: ``TraceError`` from the observed list.
  public mutating func add(_ packets: [Packet]) throws(TraceError) {
    for packet in packets {
      guard let request = packet.memoryRequest else {
        tally.add(other: packet.type)
        continue
      }
      guard let region = finder.region(at: request.address) else {
        tally.add(other: request.isWrite ? Self.outsideWrite : Self.outsideRead)
        continue
      }
      while lists.observed.dwords < lists.predicted.dwords {
        guard let found = try nextObserved() else {
          advance(.observed)
          break
        }
        accept(found.request, found.region, .observed(found.observed))
      }
      let predicted = MatchResult.Predicted(
        number: packet.number, request: request, records: packet.records, cause: packet.cause)
      accept(
        request, region,
        .predicted(
          predicted, saturatedPs: packet.saturated?.startPs, pacedPs: packet.paced?.startPs))
    }
  }

  /// Walks what is left of the observed list.
  ///
  /// - Parameter result: What the result is of; the rest of it is filled in.
  /// - Returns: The result.
  /// - Throws: ``TraceError`` from the observed list.
  public consuming func finish(_ result: MatchResult) throws(TraceError) -> MatchResult {
    while let found = try nextObserved() {
      if lists.observed.dwords >= lists.predicted.dwords { advance(.predicted) }
      accept(found.request, found.region, .observed(found.observed))
    }
    for side in [WaitingTLP.Side.predicted, .observed] { leave(side, at: .max) }
    for (name, count) in observed.others { tally.add(other: name, observed: count) }
    var result = result
    tally.fill(&result, finder)
    result.ignoredColumns = observed.ignoredColumns
    return result
  }

  private static let outsideWrite = "MWr outside the regions"
  private static let outsideRead = "MRd outside the regions"

  // MARK: Walking

  /// An observed TLP as it is compared.
  private struct Found {
    var observed: MatchResult.Observed
    /// With the trace's address.
    var request: MatchResult.Request
    var region: Int
  }

  /// Reads on up to the next observed TLP that is compared; nil where the list has ended.
  private mutating func nextObserved() throws(TraceError) -> Found? {
    while let next = try observed.next() {
      var request = next.request
      guard let place = finder.place(observed: request.address) else {
        observed.count(request.isWrite ? Self.outsideWrite : Self.outsideRead)
        continue
      }
      request.address = place.address
      return Found(observed: next, request: request, region: place.region)
    }
    return nil
  }

  private mutating func accept(
    _ request: MatchResult.Request, _ region: Int, _ origin: WaitingTLP.Origin
  ) {
    let compared = observed.hasEnables ? request : request.wholeDWs
    var tlp = WaitingTLP(index: 0, request: compared, region: region, origin: origin)
    let side = tlp.side
    tlp.index = self[side].take()
    tally.add(compared: tlp)
    let key = compared.line(lineBytes)
    var line = lines.removeValue(forKey: key) ?? WaitingLine()
    if let index = line.take(compared, side.other) {
      let partner = self[side.other].remove(index)
      if side == .predicted {
        tally.add(agreeing: tlp, partner)
      } else {
        tally.add(agreeing: partner, tlp)
      }
    } else {
      line.add(tlp, lineBytes)
      self[side].add(tlp, line: key, until: self[side.other].position + window)
    }
    settle(line, key)
    if self[side].count > 2 * Int(window) { leave(side, at: .max, most: 1) }
    advance(side)
  }

  /// The walk has come one further in a list: TLPs of the other may have waited long enough.
  private mutating func advance(_ side: WaitingTLP.Side) {
    self[side].position += 1
    leave(side.other, at: self[side].position)
  }

  /// Leaves TLPs of a list whose time has come, by the other list's position, the oldest first.
  private mutating func leave(
    _ side: WaitingTLP.Side, at position: UInt64, most limit: Int = .max
  ) {
    var count = 0
    while count < limit, let (index, key) = self[side].left(at: position) {
      count += 1
      var line = lines.removeValue(forKey: key) ?? WaitingLine()
      let (isMet, other) = line.leave(index, side)
      let tlp = self[side].remove(index)
      tally.add(left: tlp, isMet: isMet, beside: other.map { self[side.other][$0] }, finder)
      settle(line, key)
    }
  }

  /// Takes out of a line what is the same bytes, and puts the line back where anything waits.
  private mutating func settle(_ changed: consuming WaitingLine, _ key: UInt64) {
    var line = changed
    while let (predicted, observed) = line.takeSameBytes() {
      tally.add(
        split: predicted.map { lists.predicted.remove($0) },
        observed.map { lists.observed.remove($0) }, finder)
    }
    if !line.isEmpty { lines[key] = line }
  }

  private subscript(side: WaitingTLP.Side) -> WaitingList {
    get { side == .predicted ? lists.predicted : lists.observed }
    _modify {
      if side == .predicted { yield &lists.predicted } else { yield &lists.observed }
    }
  }
}

extension Packet {
  /// What is compared of a memory request; nil of anything else.
  fileprivate var memoryRequest: MatchResult.Request? {
    guard case .address(let address) = target, let enables, direction == .down else { return nil }
    return MatchResult.Request(
      isWrite: type.hasPrefix("MWr"), address: address, dwords: dwords,
      firstEnables: enables.first, lastEnables: enables.last)
  }
}
