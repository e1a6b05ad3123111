/// A quotient of two counts, compared exactly and written as a multiple: `2.5x`.
struct Ratio: Comparable, Sendable {
  var numerator: UInt64
  /// At least 1.
  var denominator: UInt64

  /// - Returns: nil where one is unknown or the denominator is 0.
  init?(_ numerator: UInt64?, of denominator: UInt64?) {
    guard let numerator, let denominator, denominator > 0 else { return nil }
    self.numerator = numerator
    self.denominator = denominator
  }

  static func == (left: Self, right: Self) -> Bool {
    left.numerator.multipliedFullWidth(by: right.denominator)
      == right.numerator.multipliedFullWidth(by: left.denominator)
  }

  static func < (left: Self, right: Self) -> Bool {
    left.numerator.multipliedFullWidth(by: right.denominator)
      < right.numerator.multipliedFullWidth(by: left.denominator)
  }

  var text: String { multiple(numerator, of: denominator) ?? "" }
}

/// The least and the greatest of several quotients.
struct RatioRange: Equatable, Sendable {
  var low: Ratio
  var high: Ratio

  /// - Returns: nil of nothing.
  init?(_ ratios: [Ratio]) {
    guard let low = ratios.min(), let high = ratios.max() else { return nil }
    self.low = low
    self.high = high
  }

  /// The ends differ, also as they are written.
  var isWide: Bool { low.text != high.text }

  /// `3.1x to 8.0x`, or one value where both are written alike.
  var text: String { isWide ? low.text + " to " + high.text : low.text }
}
