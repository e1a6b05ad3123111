import Results

/// What a scenario's time went into, in whole percents that add up to 100.
///
/// Of the saturated clock, or of the paced one where it alone was run.
struct WhyNotFaster {
  struct Share: Equatable {
    var share: TimeShare
    var percent: Int
  }

  /// Which shares have their profile keys behind them.
  enum Keys { case all, largest, none }

  var scenario: ScenarioResult
  var clock: Clock
  /// Largest first, equal ones in `TimeShare` order; none of 0 %.
  var shares: [Share]
  /// Whether there are shares that come to 0 %.
  var hasMore: Bool

  /// Nil where no time was spent, or where it is not known on what.
  init?(_ scenario: ScenarioResult) {
    let clock = Clock.main(of: scenario)
    let parts = (clock.metrics(scenario.totals, in: scenario)?.timeParts ?? [])
      .filter { $0.timePs > 0 }
      .sorted { ($1.timePs, $0.share.rawValue) < ($0.timePs, $1.share.rawValue) }
    guard !parts.isEmpty else { return nil }
    let percents = wholePercents(parts.map(\.timePs))
    self.scenario = scenario
    self.clock = clock
    shares = zip(parts, percents).map { Share(share: $0.share, percent: $1) }
      .filter { $0.percent > 0 }
    hasMore = shares.count < parts.count
  }

  /// How many of the largest shares are nine tenths of the time.
  var majorCount: Int {
    var sum = 0
    return 1
      + (shares.firstIndex { share in
        sum += share.percent
        return sum >= 90
      } ?? shares.count - 1)
  }

  /// `61 % waiting for the link (link.gen, link.lanes), 39 % others`.
  ///
  /// - Parameters:
  ///   - count: Shares that are spelt out; the others are one sum.
  ///   - keys: Which shares have their profile keys behind them.
  ///   - words: How a share is written.
  ///   - code: How a key is written.
  /// - Returns: The percentages; they add up to 100.
  func text(
    count: Int = .max, keys: Keys = .all, words: (TimeShare) -> String = { $0.words },
    code: (String) -> String = { $0 }
  ) -> String {
    var texts = shares.prefix(count).enumerated().map { index, share in
      let shown = keys == .all || (keys == .largest && index == 0)
      let names = shown ? share.share.keys(in: scenario).map(code) : []
      let reason = names.isEmpty ? "" : " (" + names.joined(separator: ", ") + ")"
      return "\(share.percent) % " + words(share.share) + reason
    }
    let rest = shares.dropFirst(count).reduce(0) { $0 + $1.percent }
    if rest > 0 { texts.append("\(rest) % others") }
    return texts.joined(separator: ", ")
  }
}

// One line of a terminal.
extension WhyNotFaster {
  /// The line with as much as fits: words, then keys, then the small shares are given up.
  ///
  /// - Parameter width: Characters.
  /// - Returns: At most `width` characters, unless even the largest share alone does not fit.
  func line(width: Int) -> String {
    let policy = clipped(
      printable(scenario.name), to: width < unlimitedWidth ? 24 : .max, ellipsis: "...")
    let paced = clock == .paced ? ", paced clock" : ""
    let named = "Why not faster (\(policy)\(paced)): "
    let plain = "Why not faster\(paced): "
    let name = { (share: TimeShare) in share.name }
    let texts =
      [
        named + text(), named + text(keys: .largest),
        named + text(count: majorCount, keys: .largest),
        plain + text(keys: .largest, words: name),
        plain + text(count: majorCount, keys: .largest, words: name),
      ]
      + (1...shares.count).reversed().map { plain + text(count: $0, keys: .none, words: name) }
    return texts.first { $0.count <= width } ?? texts[texts.count - 1]
  }
}
