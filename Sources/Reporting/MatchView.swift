import Results
import TraceCore

/// What of a match is shown to people, in the words that every form shares.
struct MatchView {
  let result: MatchResult

  /// Differences that a terminal shows at most.
  static let limit = 10

  /// What is compared.
  var head: String {
    "\(printable(result.trace)), \(printable(result.scenario)), accessors \(result.accessors); "
      + printable(result.observed)
  }

  /// The outcome in a line.
  var verdict: String {
    let counts = result.totals
    let predicted = counts.compared.predicted
    guard predicted > 0 else {
      return "no memory request is predicted in the trace's regions; "
        + "\(counted(counts.compared.observed, "request")) observed there"
    }
    let share = percent(counts.agree, of: predicted) ?? ""
    let verb = predicted == 1 ? "was" : "were"
    let split = counts.splitOtherwise.predicted
    let more = percent(split, of: predicted).map { ", \($0) more in other TLPs" } ?? ""
    return "\(share) of \(counted(predicted, "predicted request")) \(verb) seen as predicted"
      + (split > 0 ? more : "")
  }

  /// Titles of the table of regions, behind that of the name.
  static let titles = [
    "predicted", "observed", "agree", "reordered", "split otherwise", "other bytes",
    "predicted only", "observed only",
  ]

  /// Cells of that table: name and counts; all together last where there are several.
  var rows: [[String]] {
    let rows = result.regions.map { [$0.name] + cells($0.counts) }
    return rows.count == 1 ? rows : rows + [["all"] + cells(result.totals)]
  }

  private func cells(_ counts: MatchResult.Counts) -> [String] {
    func pair(_ sides: MatchResult.Sides, _ word: String) -> String {
      sides == .init() ? "0" : "\(grouped(sides.predicted)) \(word) \(grouped(sides.observed))"
    }
    return [
      grouped(counts.compared.predicted), grouped(counts.compared.observed),
      grouped(counts.agree), grouped(counts.reordered), pair(counts.splitOtherwise, "as"),
      pair(counts.otherBytes, "by"), grouped(counts.predictedOnly), grouped(counts.observedOnly),
    ]
  }

  /// Differences for a short list: the first of each kind, then the second ones, and so on; those of
  /// a kind together.
  var fewDifferences: [MatchResult.Difference] {
    let kinds = MatchResult.Difference.Kind.allCases
    var ranked: [(rank: Int, kind: Int, difference: MatchResult.Difference)] = []
    for (kind, name) in kinds.enumerated() {
      let own = result.differences.filter { $0.kind == name }
      for (rank, difference) in own.enumerated() { ranked.append((rank, kind, difference)) }
    }
    let few = ranked.sorted { ($0.rank, $0.kind) < ($1.rank, $1.kind) }.prefix(Self.limit)
    return few.sorted { ($0.kind, $0.rank) < ($1.kind, $1.rank) }.map(\.difference)
  }

  /// Sentences behind the tables.
  var notes: [String] {
    var notes: [String] = []
    if let durations { notes.append(durations) }
    if !result.moved.isEmpty {
      let places = result.moved.map { "\(printable($0.region)) at 0x\(hex($0.base))" }
      notes.append("The observed list has " + listed(places))
    }
    if !result.hasEnables {
      notes.append("The observed list tells no byte enables: whole DWs are compared.")
    }
    if !result.others.isEmpty {
      let others = result.others.map { other in
        "\(printable(other.name)) \(grouped(other.tlps.predicted)) predicted, "
          + "\(grouped(other.tlps.observed)) observed"
      }
      notes.append("Not compared: " + others.joined(separator: "; "))
    }
    if !result.ignoredColumns.isEmpty {
      let names = result.ignoredColumns.map { $0.isEmpty ? "(no name)" : printable($0) }
      notes.append("Columns not used: " + names.joined(separator: ", "))
    }
    return notes
  }

  /// Observed time beside that of each clock.
  private var durations: String? {
    guard let durations = result.durations else { return nil }
    let values = [durations.observedPs, durations.saturatedPs, durations.pacedPs]
    let names = ["observed", "saturated", "paced"]
    let parts = zip(timeTexts(values), names).compactMap { text, name in
      text.map { "\($0) \(name)" }
    }
    return "From the first to the last that agrees: " + parts.joined(separator: ", ")
  }

  /// What to try.
  var hints: [String] {
    let counts = result.totals
    let (predicted, observed) = (counts.compared.predicted, counts.compared.observed)
    guard predicted > 0 else { return [] }
    if observed == 0 {
      let assumed =
        result.assumedBases.isEmpty
        ? ""
        : " The capture does not tell it of \(listed(result.assumedBases.map(printable)))."
      return [
        "No request of the observed list lies in the trace's regions: does the map say where they "
          + "are? Where the list has them elsewhere, --observed-at says so." + assumed
      ]
    }
    var hints: [String] = []
    let split = counts.splitOtherwise
    if counts.agree == 0, split.predicted == 0 {
      hints.append(
        "Nothing agrees: do both lists begin within \(grouped(UInt64(result.window))) TLPs of each "
          + "other? --window looks further.")
    }
    if split.predicted > 0, split.predicted >= (predicted - counts.agree).dividedRoundedUp {
      hints.append(
        split.observed > split.predicted
          ? "Most of the rest is split finer than predicted: try --set rc.split=aligned or qword, "
            + "fewer --set cpu.buffers, or another --policy."
          : "Most of the rest is less split than predicted: try --set rc.split=minimal, "
            + "more --set cpu.buffers, or another --policy.")
    }
    return hints
  }
}

extension UInt64 {
  /// Half of it, the larger one of an odd number.
  fileprivate var dividedRoundedUp: UInt64 { self / 2 + self % 2 }
}

extension MatchResult.Difference.Kind {
  /// For people.
  var words: String {
    switch self {
    case .splitOtherwise: "split otherwise"
    case .otherBytes: "other bytes"
    case .predictedOnly: "predicted only"
    case .observedOnly: "observed only"
    }
  }
}

extension MatchResult.Request {
  /// `MWr 0x10000000, 16 DWs`, with byte enables where one is not set.
  var text: String {
    let enables =
      firstEnables == 15 && (lastEnables == 15 || dwords == 1)
      ? "" : ", BE \(byteEnables(firstEnables))/\(byteEnables(lastEnables))"
    return "\(isWrite ? "MWr" : "MRd") 0x\(hex(address)), \(counted(UInt64(dwords), "DW"))"
      + enables
  }
}

extension MatchResult.Predicted {
  /// `3: MWr 0x10000000, 16 DWs, records 0-7, full`.
  var text: String {
    let cause = cause.map { ", left by " + $0.name } ?? ""
    return "\(number): \(request.text), records \(recordRuns(records))\(cause)"
  }
}

extension MatchResult.Observed {
  /// `line 4: MWr 0x10000000, 8 DWs, at 1.250 µs`.
  var text: String {
    let name = tlp.map { " (\(printable($0)))" } ?? ""
    let time = timePs.map { ", at " + timeText($0) } ?? ""
    return "line \(line)\(name): \(request.text)\(time)"
  }
}
