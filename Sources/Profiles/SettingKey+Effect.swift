extension SettingKey {
  /// What a value delays, and which end of a range is the slow one.
  public struct Effect: Sendable, Equatable {
    /// What a slow value holds up, which tells what it does to the gain of gathering.
    public enum Delayed: Sendable {
      /// Only accesses that cannot gather: the slower, the more is gained.
      case device
      /// Only accesses that gather: the slower, the less is gained.
      case gathering
      /// Every access, gathering or not, by the same time: the slower, the less of the whole is
      /// gained.
      case both
      /// Each TLP, whatever its size: the slower, the nearer the gain comes to the ratio of TLPs,
      /// from either side.
      case tlps
      /// TLPs by their size: the slower, the nearer the gain comes to the ratio of bytes.
      case bytes
      /// Both: the time after which credits of either kind are back.
      case link
    }

    public var delayed: Delayed
    /// A larger value is slower: a latency, not a number of buffers.
    public var isSlowerWhenLarger: Bool
  }

  /// The row with what a larger value does.
  func larger(isSlower: Bool, for delayed: Effect.Delayed) -> Self {
    var row = self
    row.effect = Effect(delayed: delayed, isSlowerWhenLarger: isSlower)
    return row
  }

  /// The row of a value that counts or findings depend on.
  func changingCounts() -> Self {
    var row = self
    row.changesCounts = true
    return row
  }

  /// The row of a value that its user always chooses, so that it is never uncertain.
  func alwaysChosen() -> Self {
    var row = self
    row.takesRange = false
    return row
  }

  /// The row of a value that carries its source into results.
  func namingSource(_ name: @escaping @Sendable (inout ModelSettings, String) -> Void) -> Self {
    var row = self
    row.nameSource = name
    return row
  }

  /// The row of a number of which 0 is the one that means infinite, or none.
  func zeroIsSpecial() -> Self {
    var row = self
    row.hasSpecialZero = true
    return row
  }
}
