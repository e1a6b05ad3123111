// Numbers as a report writes them. Everything is integer arithmetic, so that the digits are the
// same on every machine; what cannot be computed is nil, never 0.

import TraceCore

/// `48,100,000`: decimal digits in groups of three.
func grouped(_ value: UInt64) -> String { value.digitGroups }

/// `numerator / denominator` with a fixed number of decimals, rounded half up.
///
/// - Parameters:
///   - numerator: Any count.
///   - denominator: Any count.
///   - places: Decimals, 0 to 9.
///   - separators: Whether the whole part is written in groups of three.
/// - Returns: nil where the denominator is 0.
func quotient(
  _ numerator: UInt64, _ denominator: UInt64, places: Int, separators: Bool = false
) -> String? {
  precondition((0...9).contains(places), "places out of range")
  guard denominator > 0 else { return nil }
  var scale: UInt128 = 1
  for _ in 0..<places { scale *= 10 }
  let divisor = UInt128(denominator)
  let scaled = (2 * UInt128(numerator) * scale + divisor) / (2 * divisor)
  let whole = scaled / scale
  let wholeText =
    separators && whole <= UInt128(UInt64.max) ? grouped(UInt64(whole)) : String(whole)
  guard places > 0 else { return wholeText }
  let fraction = String(scaled % scale)
  return wholeText + "." + String(repeating: "0", count: places - fraction.count) + fraction
}

/// `7.9x`: how many times `numerator` is of `denominator`; no decimals from 100 on, and more below 0.1,
/// so that it is not written as 0: down to `<0.001x`.
func multiple(_ numerator: UInt64, of denominator: UInt64) -> String? {
  guard denominator > 0 else { return nil }
  if numerator > 0, UInt128(numerator) * 1000 < UInt128(denominator) { return "<0.001x" }
  // From 99.95 on the one decimal would make it 100.0.
  var places = UInt128(numerator) * 2000 >= UInt128(denominator) * 199_900 ? 0 : 1
  var tenfold = UInt128(numerator) * 10
  while numerator > 0, tenfold < UInt128(denominator), places < 3 {
    places += 1
    tenfold *= 10
  }
  return quotient(numerator, denominator, places: places, separators: true).map { $0 + "x" }
}

/// `81 %`; never 0 or 100 unless exactly none or all; nil of nothing.
func percent(_ part: UInt64, of whole: UInt64) -> String? { percent(part, of: UInt128(whole)) }

/// The same of a sum.
func percent(_ part: UInt64, of whole: UInt128) -> String? {
  guard whole > 0 else { return nil }
  let rounded = (200 * UInt128(part) + whole) / (2 * whole)
  if rounded == 0, part > 0 { return "<1 %" }
  if rounded == 100, part < whole { return ">99 %" }
  return String(rounded) + " %"
}

/// Whole percents that add up to 100: the largest remainders are rounded up, of equal ones the
/// first.
///
/// - Parameter parts: Amounts of one kind.
/// - Returns: A percentage each; zeros where all amounts are 0.
func wholePercents(_ parts: [UInt64]) -> [Int] {
  let all = parts.reduce(UInt128(0)) { $0 + UInt128($1) }
  guard all > 0 else { return parts.map { _ in 0 } }
  var percents = parts.map { Int(UInt128($0) * 100 / all) }
  let remainders = parts.map { UInt128($0) * 100 % all }
  let ranked = parts.indices.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
  for index in ranked.prefix(100 - percents.reduce(0, +)) { percents[index] += 1 }
  return percents
}

/// `6,100,000` or, from ten million on, `48.1 M`, for narrow places.
func compact(_ value: UInt64) -> String {
  let units: [(UInt64, String)] = [
    (1_000_000_000_000_000_000, "E"), (1_000_000_000_000_000, "P"), (1_000_000_000_000, "T"),
    (1_000_000_000, "G"), (1_000_000, "M"),
  ]
  // What one decimal rounds up to a unit is written in it.
  guard value >= 10_000_000,
    let (size, letter) = units.first(where: { value >= $0.0 - $0.0 / 20_000 }),
    let text = quotient(value, size, places: 1)
  else { return grouped(value) }
  return text + " " + letter
}

/// `33,554,432 B (32.0 MiB)`; the second part from 1 KiB on.
func bytesText(_ value: UInt64) -> String {
  let plain = grouped(value) + " B"
  guard let scaled = binaryText(value) else { return plain }
  return plain + " (" + scaled + ")"
}

/// `32.0 MiB`; nil below 1 KiB.
private func binaryText(_ value: UInt64) -> String? {
  let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  guard value >= 1024 else { return nil }
  // What one decimal rounds up to a unit is written in it.
  let power = (1...units.count).last { power in
    let size: UInt64 = 1 << UInt64(10 * power)
    return power == 1 || value >= size - size / 20_480
  }
  guard let power else { return nil }
  return quotient(value, 1 << UInt64(10 * power), places: 1).map { $0 + " " + units[power - 1] }
}

/// `12.345 GB/s`, decimal; below 0.1 GB/s in MB/s, and so on, so that no rate is written as 0.
func rateText(_ bytesPerSecond: UInt64) -> String { rateTexts([bytesPerSecond])[0] ?? "" }

/// Rates in one unit, in which none but 0 is written as 0.
///
/// - Parameter bytesPerSecond: Any rates; nil where one is not known.
/// - Returns: A text for each that is known.
func rateTexts(_ bytesPerSecond: [UInt64?]) -> [String?] {
  let units: [(UInt64, String)] = [
    (1_000_000_000, "GB/s"), (1_000_000, "MB/s"), (1_000, "kB/s"),
  ]
  let least = least(bytesPerSecond)
  return texts(bytesPerSecond, in: units.first { least >= $0.0 / 10 }, else: "B/s")
}

/// `1.250 ms`: picoseconds in the largest unit that leaves a whole part.
func timeText(_ picoseconds: UInt64) -> String { timeTexts([picoseconds])[0] ?? "" }

/// Times in one unit, in which each but 0 has a whole part.
///
/// - Parameter picoseconds: Any times; nil where one is not known.
/// - Returns: A text for each that is known.
func timeTexts(_ picoseconds: [UInt64?]) -> [String?] {
  let units: [(UInt64, String)] = [
    (1_000_000_000_000, "s"), (1_000_000_000, "ms"), (1_000_000, "µs"), (1_000, "ns"),
  ]
  let least = least(picoseconds)
  // What three decimals round up to a unit is written in it.
  return texts(picoseconds, in: units.first { least >= $0.0 - $0.0 / 2_000_000 }, else: "ps")
}

/// The least that is not 0.
private func least(_ values: [UInt64?]) -> UInt64 {
  values.compactMap { $0 }.filter { $0 > 0 }.min() ?? 0
}

private func texts(
  _ values: [UInt64?], in unit: (size: UInt64, name: String)?, else smallest: String
) -> [String?] {
  values.map { value in
    guard let value else { return nil }
    guard let unit, let text = quotient(value, unit.size, places: 3, separators: true) else {
      return grouped(value) + " " + smallest
    }
    return text + " " + unit.name
  }
}

/// `12 errors`, `1 error`.
///
/// - Parameters:
///   - value: How many.
///   - noun: One of them.
///   - plural: Several of them; the noun and an `s` where left out.
/// - Returns: The number, grouped, and the word that goes with it.
public func counted(_ value: UInt64, _ noun: String, plural: String? = nil) -> String {
  grouped(value) + " " + (value == 1 ? noun : plural ?? noun + "s")
}
