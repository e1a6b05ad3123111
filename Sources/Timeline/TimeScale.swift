/// How long a nanosecond of the model is shown.
///
/// Perfetto counts whole nanoseconds, and many TLPs take less than one: on gen4x16 a 4-byte write takes
/// 0.8. So time is stretched.
public struct TimeScale: Sendable, Equatable {
  /// Whole picoseconds: what is shown as 1 us takes 1 ns in the model.
  public static let picoseconds = TimeScale(factor: 1000)

  /// Shown time by modelled time.
  public let factor: UInt64

  private init(factor: UInt64) { self.factor = factor }

  /// - Parameter factor: From 1, the model's nanoseconds, to 1000, at which nothing is rounded; nil
  ///   where it is another one.
  public init?(_ factor: Int) {
    guard 1...1000 ~= factor else { return nil }
    self.factor = UInt64(factor)
  }

  /// What a time of the model is shown as.
  ///
  /// Rounded down, so what follows something never begins ahead of its end.
  ///
  /// - Parameter picoseconds: Since the trace's first record.
  /// - Returns: Perfetto's nanoseconds.
  func shown(_ picoseconds: UInt64) -> UInt64 {
    // No more than the picoseconds: the factor is at most 1000.
    UInt64(UInt128(picoseconds) * UInt128(factor) / 1000)
  }

  /// The same for people.
  public var words: String {
    switch factor {
    case 1: "times as modelled, in whole ns"
    case 1000: "1 us here is 1 ns modelled"
    default: "\(factor) ns here are 1 ns modelled"
    }
  }
}
