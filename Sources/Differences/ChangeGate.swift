public import Results
public import TraceCore

/// A condition under which a comparison of two results fails: `mwr > +0%`.
///
/// - `any`: something has changed (``RunDifference/isChanged``).
/// - `findings`: one is new, or there are more of it.
/// - `METRIC > LIMIT`, also with `<`, `>=`, `<=`: a metric of each scenario as a whole, or of the
///   trace. A limit with a sign is a change, with `%` one of the value before; without a sign it is
///   the value after.
/// - `SCENARIO/METRIC ...`, `SCENARIO/REGION/METRIC ...`: of one alone; `*` is each of them.
///
/// What is about every scenario also fails where one result alone has a scenario.
public struct ChangeGate: Sendable {
  private enum Limit: Sendable {
    case value(UInt64)
    /// A change by so much, or by so many millionths of the value before.
    case change(Int128)
    case share(Int128)
  }

  private enum Comparison: String, CaseIterable, Sendable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"

    func holds(_ left: Int128, _ right: Int128) -> Bool {
      switch self {
      case .atLeast: left >= right
      case .atMost: left <= right
      case .above: left > right
      case .below: left < right
      }
    }
  }

  private enum Condition: Sendable {
    case any
    case findings
    case metric(scenario: String, region: String?, name: String, Comparison, Limit)
  }

  /// As the user wrote it.
  public let text: String
  private let condition: Condition

  /// - Parameter text: The condition.
  /// - Throws: ``TraceError`` with code `configuration` where it is none.
  public init(_ text: String) throws(TraceError) {
    self.text = text
    switch text {
    case "any": condition = .any
    case "findings": condition = .findings
    default: condition = try Self.condition(text)
    }
  }

  private static func condition(_ text: String) throws(TraceError) -> Condition {
    func error(_ message: String) -> TraceError {
      TraceError(.configuration, "--fail-on '\(text)': \(message)")
    }
    // The last one in the text, as names may hold one; of >= and > at one place the longer.
    let found = Comparison.allCases.flatMap { comparison in
      text.ranges(of: comparison.rawValue).map { (comparison: comparison, range: $0) }
    }
    let last = found.max {
      ($0.range.lowerBound, $0.comparison.rawValue.count)
        < ($1.range.lowerBound, $1.comparison.rawValue.count)
    }
    guard let (comparison, range) = last else {
      throw error("expected any, findings, or METRIC > LIMIT, as in mwr > +0%")
    }
    guard let limit = limit(trimmed(text[range.upperBound...])) else {
      throw error("the limit is a number, with a sign a change (+100), with % a share (+2.5%)")
    }
    // Names of regions may hold slashes.
    let place = trimmed(text[..<range.lowerBound])
      .split(separator: "/", omittingEmptySubsequences: false)
    guard let name = place.last, !name.isEmpty else { throw error("there is no metric") }
    guard place.count == 1 || !place[0].isEmpty else { throw error("there is no scenario") }
    let region = place.dropFirst().dropLast().joined(separator: "/")
    guard place.count < 3 || !region.isEmpty else { throw error("there is no region") }
    return .metric(
      scenario: place.count > 1 ? String(place[0]) : "*",
      region: place.count > 2 ? region : nil, name: String(name), comparison, limit)
  }

  private static func limit(_ text: Substring) -> Limit? {
    let isSigned = text.hasPrefix("+") || text.hasPrefix("-")
    let sign: Int128 = text.hasPrefix("-") ? -1 : 1
    let digits = text.dropFirst(isSigned ? 1 : 0)
    guard digits.hasSuffix("%") else {
      guard let number = decimal(digits) else { return nil }
      return isSigned ? .change(sign * Int128(number)) : .value(number)
    }
    guard isSigned, case .value(let share) = FixedPointText(trimmed(digits.dropLast()), places: 4),
      share < (largestShare + 1) * 10_000
    else { return nil }
    return .share(sign * Int128(share))
  }

  /// Percent; products with a metric stay below 2^127.
  private static let largestShare: UInt64 = 1_000_000_000_000

  private static func decimal(_ text: some StringProtocol) -> UInt64? {
    text.isDecimal ? UInt64(text) : nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0 == " " }
    return start[
      ..<(start.lastIndex { $0 != " " }.map { start.index(after: $0) } ?? start.startIndex)]
  }

  // MARK: Judging

  /// What of a comparison meets the condition.
  public enum Match: Sendable, Equatable {
    case metric(RunDifference.Change<UInt64>)
    case finding(RunDifference.Change<RunDifference.Occurrence>)
    /// A scenario that only one result has.
    case scenario(String)
  }

  /// - Parameter difference: A comparison.
  /// - Returns: Everything that meets the condition; nothing where the gate holds.
  /// - Throws: ``TraceError`` with code `configuration` where it names what neither result has.
  public func matches(_ difference: RunDifference) throws(TraceError) -> [Match] {
    let alone = (difference.scenariosBefore + difference.scenariosAfter).map(Match.scenario)
    switch condition {
    case .any:
      return alone + difference.metrics.filter(\.isChanged).map { .metric($0) }
        + difference.findings.filter(RunDifference.isChanged).map { .finding($0) }
    case .findings:
      return alone
        + difference.findings.filter { ($0.after?.count ?? 0) > ($0.before?.count ?? 0) }
        .map { .finding($0) }
    case .metric(let scenario, let region, let name, let comparison, let limit):
      let rows = try MetricRows(difference, scenario: scenario, region: region).rows(named: name) {
        TraceError(.configuration, "--fail-on '\(text)': \($0)")
      }
      let isOfTrace = rows.allSatisfy { $0.scenario == nil }
      return (scenario == "*" && !isOfTrace ? alone : [])
        + rows.filter { Self.meets($0, comparison, limit) }.map { .metric($0) }
    }
  }

  private static func meets(
    _ row: RunDifference.Change<UInt64>, _ comparison: Comparison, _ limit: Limit
  ) -> Bool {
    // A region that one result lacks had nothing there.
    let (before, after) = (Int128(row.before ?? 0), Int128(row.after ?? 0))
    return switch limit {
    case .value(let value): comparison.holds(after, Int128(value))
    case .change(let change): comparison.holds(after - before, change)
    // (after - before) / before against millionths, without dividing.
    case .share(let share): comparison.holds((after - before) * 1_000_000, share * before)
    }
  }
}
