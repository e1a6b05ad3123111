extension StringProtocol {
  /// One or more of the digits 0 to 9, and nothing else.
  public var isDecimal: Bool {
    !isEmpty && utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }
}

/// A decimal number with so many decimals at most, exactly: in units of the last one's place.
public enum FixedPointText: Equatable, Sendable {
  case value(UInt64)
  /// A number whose units do not fit.
  case tooLarge
  /// No such number, or one with more decimals.
  case malformed

  /// Reads the whole text.
  ///
  /// - Parameters:
  ///   - text: `12`, `0.5`; no sign, no exponent, digits on both sides of a point.
  ///   - places: Decimals that it may have, 1 or more; the unit is 10^-places.
  public init(_ text: some StringProtocol, places: Int) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let decimals = parts.count == 2 ? String(parts[1]) : "0"
    guard parts[0].isDecimal, decimals.isDecimal, decimals.utf8.count <= places else {
      self = .malformed
      return
    }
    let padding = String(repeating: "0", count: places - decimals.utf8.count)
    self = UInt64(String(parts[0]) + decimals + padding).map(Self.value) ?? .tooLarge
  }
}
