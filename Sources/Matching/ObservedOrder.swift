/// Tells TLPs that agree, but in another order than predicted.
///
/// What becomes of the observed ones is not known in their order; it is gone over in it.
struct ObservedOrder {
  private struct Fate {
    /// Index of the predicted TLP that agrees.
    var predicted: UInt64?
    var region: Int
  }

  /// What became of observed TLPs from ``next`` on.
  private var fates: [UInt64: Fate] = [:]
  /// Index of the first observed TLP of which it is not known.
  private var next: UInt64 = 0
  /// One more than the greatest predicted index so far.
  private var above: UInt64 = 0

  /// It is known what became of an observed TLP.
  ///
  /// - Parameters:
  ///   - observed: The TLP.
  ///   - predicted: Index of the one that agrees with it; nil where none does.
  ///   - found: Called with the region of each TLP that comes behind one that is predicted later.
  mutating func add(_ observed: WaitingTLP, predicted: UInt64?, found: (_ region: Int) -> Void) {
    fates[observed.index] = Fate(predicted: predicted, region: observed.region)
    while let fate = fates.removeValue(forKey: next) {
      next += 1
      guard let predicted = fate.predicted else { continue }
      if predicted < above { found(fate.region) }
      above = max(above, predicted + 1)
    }
  }
}
