/// Shades for values between two ends: equal factors are equal steps.
struct SweepScale {
  var low: Ratio
  var high: Ratio

  /// The shade of a value.
  ///
  /// - Parameters:
  ///   - value: Between the ends.
  ///   - count: Number of shades.
  /// - Returns: 0 at the low end, `count - 1` at the high one; 0 where the ends are equal.
  func shade(_ value: Ratio, of count: Int) -> Int {
    let (first, last) = (Self.logarithm(low), Self.logarithm(high))
    guard last > first else { return 0 }
    let place = min(max(Self.logarithm(value) - first, 0), last - first)
    return min(count - 1, place * count / (last - first))
  }

  /// Bits behind the point of ``logarithm(_:)``.
  static let fraction = 12

  /// Base 2, rounded down to 2^-12: integers alone, so that every machine has the same shades.
  ///
  /// - Parameter value: Any quotient; 0 is taken as 2^-63.
  /// - Returns: The logarithm times 2^12.
  static func logarithm(_ value: Ratio) -> Int {
    // 63 bits behind the point hold any quotient that is not below 2^-63.
    let fixed = max(1, (UInt128(value.numerator) << 63) / UInt128(value.denominator))
    let top = UInt128.bitWidth - 1 - fixed.leadingZeroBitCount
    // The mantissa, 1 to 2, with 31 bits behind the point; squaring doubles the logarithm.
    var mantissa = UInt64(top >= 31 ? fixed >> UInt128(top - 31) : fixed << UInt128(31 - top))
    var result = top - 63
    for _ in 0..<fraction {
      mantissa = (mantissa * mantissa) >> 31
      result *= 2
      if mantissa >> 32 != 0 {
        mantissa >>= 1
        result += 1
      }
    }
    return result
  }
}
