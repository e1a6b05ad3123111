/// Which TLPs may pass which, between one transmitter and one receiver.
///
/// PCI Express Base Specification 5.0, section 2.4.1, Table 2-40 (6.0: Table 2-42). The table orders
/// TLPs of one traffic class alone; one of another class is never held back by it. It says what a
/// port may do with TLPs that are at the port, not what a root complex does with the accesses of a
/// CPU before it. UIO and Flow-Through IDE are outside.
public struct PCIeOrderingTable: Sendable {
  /// What the table says of two TLPs.
  public struct Decision: Sendable, Equatable {
    /// The entry that holds; nil for different traffic classes.
    public var entry: OrderingEntry?
    /// The later TLP is allowed to pass.
    public var mayPass: Bool
    /// It must be able to, even where the earlier one cannot go on.
    public var mustPass: Bool
  }

  /// The entry for most TLPs, and the one that comes first where its condition holds.
  private struct Cell: Sendable {
    var otherwise: Int
    var conditional: Int?
  }

  /// The entries that hold, in the order of ``rows``.
  public let entries: [OrderingEntry]
  private let cells: [Cell]
  private let isConventionalBridge: Bool

  /// - Parameters:
  ///   - removed: Codes of entries to leave out, to see what each is for. An entry under a condition
  ///     goes, and the cell's other entry holds instead. Of the others, what was forbidden or
  ///     required becomes free, and what was free is not permitted any more.
  ///   - conventionalBridge: The place is inside a bridge from PCI Express to a conventional PCI
  ///     bus, and the TLPs go downstream.
  /// - Precondition: Every code is one of ``rows``.
  public init(without removed: Set<String> = [], conventionalBridge: Bool = false) {
    precondition(
      removed.isSubset(of: Self.rows.map(\.code)), "an entry that the table does not have")
    entries = Self.rows.compactMap { entry in
      guard removed.contains(entry.code) else { return entry }
      guard entry.condition == .otherwise else { return nil }
      var changed = entry
      changed.verdict = entry.verdict == .free ? .no : .free
      return changed
    }
    cells = Self.cells(entries)
    isConventionalBridge = conventionalBridge
  }

  private static func cells(_ entries: [OrderingEntry]) -> [Cell] {
    OrderingClass.allCases.flatMap { row in
      OrderingClass.allCases.map { column in
        let places = entries.indices.filter {
          entries[$0].row == row && entries[$0].column == column
        }
        let conditional = places.first { entries[$0].condition != .otherwise }
        guard let otherwise = places.first(where: { $0 != conditional }) else {
          preconditionFailure("a cell without an entry")
        }
        return Cell(otherwise: otherwise, conditional: conditional)
      }
    }
  }

  /// Whether a TLP may pass one before it.
  ///
  /// - Parameters:
  ///   - later: The TLP behind.
  ///   - earlier: The TLP in front.
  /// - Returns: The entry that decides, and what it says.
  public func verdict(later: OrderedTLP, earlier: OrderedTLP) -> Decision {
    guard let place = place(later, earlier) else {
      return Decision(entry: nil, mayPass: true, mustPass: false)
    }
    let entry = entries[place]
    return Decision(
      entry: entry, mayPass: entry.verdict != .no, mustPass: entry.verdict == .yes)
  }

  /// As ``verdict(later:earlier:)``, its `mayPass` alone; it does not allocate.
  public func mayPass(later: OrderedTLP, earlier: OrderedTLP) -> Bool {
    guard let place = place(later, earlier) else { return true }
    return entries[place].verdict != .no
  }

  /// As ``verdict(later:earlier:)``, its `mustPass` alone; it does not allocate.
  public func mustPass(later: OrderedTLP, earlier: OrderedTLP) -> Bool {
    guard let place = place(later, earlier) else { return false }
    return entries[place].verdict == .yes
  }

  private func place(_ later: OrderedTLP, _ earlier: OrderedTLP) -> Int? {
    guard later.trafficClass == earlier.trafficClass else { return nil }
    let row = Int(later.kind.orderingClass.rawValue)
    let cell = cells[row * 4 + Int(earlier.kind.orderingClass.rawValue)]
    guard let conditional = cell.conditional,
      entries[conditional].condition.holds(later, earlier, bridge: isConventionalBridge)
    else { return cell.otherwise }
    return conditional
  }
}
