public import TraceCore
import Yams

extension YAMLNode {
  /// The text of a scalar, and whether it stood without quotes.
  ///
  /// - Returns: The text; never empty where it is plain.
  /// - Throws: ``TraceError`` when the node is no scalar, or empty.
  public func scalar() throws(TraceError) -> (text: String, isPlain: Bool) {
    guard case .scalar(let scalar) = node else { throw error("expected a value, found \(found)") }
    let isPlain = scalar.style == .plain || scalar.style == .any
    if isPlain, ["", "~", "null"].contains(scalar.string) { throw error("the value is missing") }
    return (scalar.string, isPlain)
  }

  /// A non-empty text, quoted or not.
  ///
  /// - Throws: ``TraceError`` when the node is no scalar, or empty.
  public func string() throws(TraceError) -> String {
    let text = try scalar().text
    guard !text.isEmpty else { throw error("the text is empty") }
    return text
  }

  /// `true` or `false`.
  ///
  /// - Throws: ``TraceError`` for anything else, `yes` and `on` included.
  public func boolean() throws(TraceError) -> Bool {
    let (text, isPlain) = try scalar()
    switch text {
    case "true" where isPlain: return true
    case "false" where isPlain: return false
    default: throw error("expected true or false, found \(found)")
    }
  }

  /// A whole number, decimal or with `0x` hexadecimal.
  ///
  /// - Parameter range: What is allowed.
  /// - Returns: The number.
  /// - Throws: ``TraceError`` when the node is no number or out of range.
  public func integer(in range: ClosedRange<UInt64>) throws(TraceError) -> UInt64 {
    let (text, isPlain) = try scalar()
    guard isPlain else { throw error("expected a number, found quoted text \(found)") }
    switch IntegerText(text) {
    case .value(let number) where range.contains(number): return number
    case .value, .negative, .tooLarge:
      throw error("\(shortened(text)) is out of range: \(range.lowerBound) to \(range.upperBound)")
    case .malformed(let why): throw error("expected a number, found \(found)\(why)")
    }
  }

  /// A number of bytes: as ``integer(in:)``, or with a unit: `16KiB`, `32MiB`, `1GiB`, or decimal
  /// `16kB`, `32MB`, `1GB`.
  ///
  /// - Parameter range: What is allowed, in bytes.
  /// - Returns: Bytes.
  /// - Throws: ``TraceError`` when the node is no number, out of range, or has another unit.
  public func byteSize(in range: ClosedRange<UInt64>) throws(TraceError) -> UInt64 {
    let text = try scalar().text
    // B is a hexadecimal digit, so that `16B` has a unit but `0x16B` has none.
    let isHex = text.hasPrefix("0x")
    let digits = text.prefix {
      $0.isASCII && ($0 == "_" || (isHex ? $0 == "x" || $0.isHexDigit : $0.isNumber))
    }
    let unit = text[digits.endIndex...]
    if unit.isEmpty || digits.isEmpty { return try integer(in: range) }
    let units: [Substring: UInt64] = [
      "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "kB": 1_000,
      "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ]
    guard let size = units[unit] else {
      throw error(
        "unit '\(shortened(String(unit)))' is not accepted: write bytes, or KiB, MiB, GiB, TiB (or"
          + " kB, MB, GB, TB) directly behind the number")
    }
    guard case .value(let count) = IntegerText(digits) else { return try integer(in: range) }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, range.contains(bytes) else {
      throw error("\(text) is out of range: \(range.lowerBound) to \(range.upperBound) bytes")
    }
    return bytes
  }
}
