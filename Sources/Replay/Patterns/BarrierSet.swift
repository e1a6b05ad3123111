public import TraceCore

/// What the barriers between two accesses order, and how far each of them reaches.
///
/// A set holds another one where it is at least as strong: DSB SY holds DMB ST, and an Outer
/// Shareable barrier holds the Inner Shareable one of its kind. ISB and DGH order no accesses.
public struct BarrierSet: OptionSet, Hashable, Sendable {
  /// Effects in bits 4:0 as far as any domain reaches, 9:5 Inner Shareable at least, 14:10 Outer
  /// Shareable or the full system.
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  private static let storesBeforeStores: UInt16 = 1
  private static let storesBeforeLoads: UInt16 = 2
  private static let loadsBeforeAll: UInt16 = 4
  private static let storesComplete: UInt16 = 8
  private static let loadsComplete: UInt16 = 16
  private static let width: UInt16 = 5

  /// - Parameter barrier: One instruction.
  public init(_ barrier: Barrier) {
    var effects: UInt16 = 0
    if barrier.ordersStores { effects |= Self.storesBeforeStores }
    if barrier.ordersStoresBeforeLoads { effects |= Self.storesBeforeLoads }
    if barrier.ordersLoads { effects |= Self.loadsBeforeAll }
    if barrier.isDSB {
      if barrier.ordersStores { effects |= Self.storesComplete }
      if barrier.ordersLoads { effects |= Self.loadsComplete }
    }
    let inner = effects << Self.width
    let outer = inner << Self.width
    switch barrier.domain {
    case .nonShareable: rawValue = effects
    case .innerShareable: rawValue = effects | inner
    case .outerShareable, .unspecified: rawValue = effects | inner | outer
    }
  }

  /// The DMB ST of an accessor such as writel (Linux arch/arm64/include/asm/io.h, `__iowmb`).
  static let beforeWrite = BarrierSet(Barrier(.dmbST, .outerShareable))
  /// The DMB LD of an accessor such as readl (`__iormb`).
  static let afterRead = BarrierSet(Barrier(.dmbLD, .outerShareable))

  /// Whether MMIO before the barriers is ordered before MMIO behind them.
  ///
  /// MMIO is Outer Shareable whatever its mapping says (Arm ARM DDI 0487, Table D8-103); a barrier
  /// of a smaller domain need not order it.
  ///
  /// - Parameters:
  ///   - first: The earlier access is a store.
  ///   - second: The later access is a store.
  ///   - ignoresDomains: Barriers order MMIO whatever domain they name.
  /// - Returns: Whether they must not be exchanged.
  public func orders(store first: Bool, store second: Bool, ignoresDomains: Bool) -> Bool {
    let effect =
      first
      ? (second ? Self.storesBeforeStores : Self.storesBeforeLoads) : Self.loadsBeforeAll
    return rawValue & effect << (ignoresDomains ? 0 : 2 * Self.width) != 0
  }
}
