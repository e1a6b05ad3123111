import Results
import TraceCore
import YAMLInput

/// What may be written for a key, and how it is read.
enum ValueType: Sendable {
  case integer(ClosedRange<Int>)
  /// One of a few numbers, ascending.
  case oneOf([Int])
  case flag
  case word([String])
  /// Nanoseconds with up to three decimals; limits in ps.
  case time(ClosedRange<UInt64>)
  /// Whole nanoseconds, or `never`; limits in ns.
  case wholeTimeOrNever(ClosedRange<UInt64>)

  /// Every value that is allowed, for people.
  var allowed: String {
    switch self {
    case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .oneOf(let numbers): numbers.map(String.init).joined(separator: ", ")
    case .flag: "true, false"
    case .word(let words): words.joined(separator: ", ")
    case .time(let range):
      "\(nanoseconds(range.lowerBound)) to \(nanoseconds(range.upperBound))"
    case .wholeTimeOrNever(let range): "\(range.lowerBound) to \(range.upperBound), or never"
    }
  }

  /// What a text that is not allowed was meant to be, for people: `; ` and words, or nothing.
  func hint(_ text: String) -> String {
    switch self {
    case .time where isDecimal(text): "; times have up to three decimals"
    case .wholeTimeOrNever where isDecimal(text): "; this time has no decimals"
    default: ""
    }
  }

  /// Digits, a point and digits, and more of these than are read.
  private func isDecimal(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy(\.isDecimal) else { return false }
    if case .time = self { return parts[1].utf8.count > 3 }
    return true
  }

  /// Words may be quoted in YAML; numbers and flags may not.
  var isText: Bool {
    if case .word = self { true } else { false }
  }

  /// Reads a value; nil where it is not allowed.
  func parse(_ text: String) -> ProfileValue? {
    switch self {
    case .integer(let range):
      integer(text).flatMap { range.contains($0) ? .integer($0) : nil }
    case .oneOf(let numbers):
      integer(text).flatMap { numbers.contains($0) ? .integer($0) : nil }
    case .flag: Bool(text).map(ProfileValue.flag)
    case .word(let words): words.contains(text) ? .word(text) : nil
    case .time(let range):
      picoseconds(text).flatMap { range.contains($0) ? .picoseconds($0) : nil }
    case .wholeTimeOrNever where text == "never": .never
    case .wholeTimeOrNever(let range):
      integer(text).flatMap {
        range.contains(UInt64($0)) ? .picoseconds(UInt64($0) * 1000) : nil
      }
    }
  }

  /// A number from 0 to `Int.max`.
  private func integer(_ text: String) -> Int? {
    guard case .value(let number) = IntegerText(text) else { return nil }
    return Int(exactly: number)
  }
}

/// Exact ps of a decimal number of ns with up to three decimals; nil for anything else.
func picoseconds(_ text: String) -> UInt64? {
  let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  let fraction = parts.count == 2 ? parts[1] : "0"
  guard fraction.isDecimal, fraction.utf8.count <= 3,
    case .value(let whole) = IntegerText(parts[0]), whole < 1 << 50,
    let thousandths = UInt64(fraction + String(repeating: "0", count: 3 - fraction.utf8.count))
  else { return nil }
  return whole * 1000 + thousandths
}

/// Decimal ns of a time in ps, without trailing zeros.
private func nanoseconds(_ time: UInt64) -> String {
  ProfileValue.picoseconds(time).shown.text
}
