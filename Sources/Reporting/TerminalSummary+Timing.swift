import Results

// What stands between the last scenario and more speed.
extension TerminalSummary {
  /// The line that says why the last scenario is not faster.
  ///
  /// - Parameter lines: What stands above, without its blank line.
  /// - Returns: One line; none where it is not known what the time went into, or no line is left.
  func whyNotFasterLines(below lines: [String]) -> [String] {
    let taken = lines.count + hints.count + 2
    // The findings come first, and the ranges where there are any; each has a line at least.
    let others = comparison.run.variations.isEmpty ? 1 : 2
    guard !comparison.holdsNoAccess, terminalLineLimit - taken > others,
      let why = WhyNotFaster(comparison.after)
    else {
      return []
    }
    return [cut(why.line(width: width))]
  }
}
