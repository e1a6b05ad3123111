import Results

// What stands between the last scenario and more speed.
extension TerminalSummary {
  /// One line, or none where it is not known what the time went into.
  var whyNotFasterLines: [String] {
    guard let why = WhyNotFaster(comparison.after) else { return [] }
    return [cut(why.line(width: width))]
  }
}
