/// A whole number as people write it: `64`, `0x40`, `0x100_0000`.
///
/// Leading zeros are refused, because YAML 1.1 reads them as octal.
public enum IntegerText: Equatable {
  case value(UInt64)
  /// A number below zero.
  case negative
  /// A number above 2^64 - 1.
  case tooLarge
  /// No number; why, as the tail of a sentence, or empty.
  case malformed(String)

  /// Reads the whole text.
  public init(_ text: some StringProtocol) {
    if text.hasPrefix("-") {
      if case .value = IntegerText(text.dropFirst()) {
        self = .negative
      } else {
        self = .malformed("")
      }
      return
    }
    let isHex = text.hasPrefix("0x")
    let digits = String(text.dropFirst(isHex ? 2 : 0)).filter { $0 != "_" }
    let isAllowed = digits.allSatisfy { $0.isASCII && (isHex ? $0.isHexDigit : $0.isNumber) }
    guard isAllowed, !digits.isEmpty else {
      self = .malformed("")
      return
    }
    guard isHex || digits == "0" || !digits.hasPrefix("0") else {
      self = .malformed(" (a leading zero could mean octal)")
      return
    }
    self = UInt64(digits, radix: isHex ? 16 : 10).map(Self.value) ?? .tooLarge
  }
}
