import TraceCore

/// Numbers and ranges as an option lists them: `1,4,16-64`.
struct NumberList {
  /// In the order in which they were written.
  let ranges: [ClosedRange<Int>]
  private let option: String

  /// Parses a list.
  ///
  /// - Parameters:
  ///   - text: Numbers and ascending ranges, separated by commas.
  ///   - option: Name for errors, with its dashes.
  ///   - what: What an item is: `a number of bytes`.
  ///   - limits: Smallest and largest number.
  /// - Throws: `TraceError.configuration` naming the wrong item.
  init(
    _ text: String, option: String, what: String, limits: ClosedRange<Int>
  ) throws(TraceError) {
    var ranges: [ClosedRange<Int>] = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false)
        .map { $0.isDecimal ? Int($0) : nil }
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1],
        first <= last, limits.contains(first), limits.contains(last)
      else {
        throw TraceError(
          .configuration,
          "\(option): '\(item)' is not \(what), \(limits.lowerBound) to \(limits.upperBound),"
            + " nor an ascending range of them")
      }
      ranges.append(first...last)
    }
    self.ranges = ranges
    self.option = option
  }

  /// The listed numbers out of those that exist; a range takes all that lie within.
  ///
  /// - Parameter known: What exists, ascending.
  /// - Returns: One number or more.
  /// - Throws: `TraceError.configuration` where an item names none.
  func values(among known: [Int]) throws(TraceError) -> [Int] {
    var values: [Int] = []
    for range in ranges {
      let found = known.filter { range.contains($0) }
      guard !found.isEmpty else {
        let item =
          range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        throw TraceError(
          .configuration,
          "\(option): there is no \(item); there are \(known.map(String.init).joined(separator: ", "))"
        )
      }
      values += found
    }
    return values
  }
}
