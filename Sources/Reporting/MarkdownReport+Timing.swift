import Results

// What the time went into: the whole trace, and each region.
extension MarkdownReport {
  /// A sentence per scenario, and the pictures; nothing where no time was spent.
  var whyNotFaster: [String] {
    let reasons = comparison.scenarios.compactMap(WhyNotFaster.init)
    guard !reasons.isEmpty, !comparison.holdsNoAccess else { return [] }
    let clocks = Set(reasons.map(\.clock.rawValue)).sorted().joined(separator: ", ")
    let intro =
      "The vCPUs' time, `\(clocks)` clock, by what it went into, and the profile values that each"
      + " part hangs on."
    let lines = reasons.map { reason in
      let more = reason.hasMore ? "; others under 1 % each" : ""
      let text = reason.text(code: { markdownCode($0) })
      return "- \(markdownCode(reason.scenario.name)): \(text)\(more)."
    }
    let pictures = [
      "Exact times are in \(link("stalls.csv")), latencies in \(link("latency.csv")).",
      "![What the vCPUs' time went into](stalls.svg)",
      "![Link utilisation over time](link_use.svg)",
    ]
    return ["## Why not faster", intro, lines.joined(separator: "\n")] + paced
      + (companions ? pictures : [])
  }

  /// How much longer the accesses take than in the recording, where none is issued early.
  private var paced: [String] {
    let texts = comparison.scenarios.compactMap { scenario -> String? in
      guard let clock = Clock.paced.metrics(scenario.totals, in: scenario), clock.timePs > 0,
        let stretch = quotient(clock.timePs, clock.recordedPs, places: 3)
      else { return nil }
      return "\(timeText(clock.timePs)) under \(markdownCode(scenario.name)), \(stretch) times that"
    }
    guard let recorded = Clock.paced.metrics(comparison.after.totals, in: comparison.after),
      !texts.isEmpty
    else { return [] }
    return [
      "By the `paced` clock, which issues nothing before its recorded time: from the first recorded"
        + " access to the last it is \(timeText(recorded.recordedPs)), in the model"
        + " \(listed(texts))."
    ]
  }

  private func clocks(_ row: Comparison.Row) -> [ClockMetrics] {
    zip(comparison.scenarios, results(row)).map { scenario, result in
      Clock.main(of: scenario).metrics(result.metrics, in: scenario) ?? ClockMetrics()
    }
  }

  /// The clock of a region's tables; scenarios of a run have the same.
  private var clock: String { Clock.main(of: comparison.after).rawValue }

  func latencyTable(_ row: Comparison.Row) -> String {
    let clocks = clocks(row)
    var table = MarkdownTable(titles: titles("Latency, \(clock)"))
    for access in LatencyAccess.allCases {
      let latencies = clocks.map { access.latency($0) }
      guard latencies.contains(where: { $0.samples > 0 }) else { continue }
      for percentile in Percentile.all {
        let cells = timeTexts(latencies.map { $0.percentilePs(perMille: percentile.perMille) })
        table.add(["\(access.words), \(percentile.title)"] + cells.map { $0 ?? "" })
      }
      table.add(
        ["\(access.words), max"]
          + timeTexts(latencies.map { $0.samples > 0 ? $0.maxPs : nil }).map { $0 ?? "" })
    }
    return table.isEmpty ? "" : table.text
  }

  func timeTable(_ row: Comparison.Row) -> String {
    let parts = clocks(row).map { $0.timeParts.filter { $0.timePs > 0 } }
    let shares = TimeShare.allCases.filter { share in
      parts.joined().contains { $0.share == share }
    }
    guard !shares.isEmpty else { return "" }
    var table = MarkdownTable(
      titles: ["Time went into", "Meaning"] + titles("").dropFirst())
    for share in shares {
      let times = parts.map { $0.first { $0.share == share }?.timePs }
      let cells = zip(zip(times, timeTexts(times)), parts).map { time, parts -> String in
        guard let whole = time.0, let text = time.1 else { return "" }
        return text + (percent(whole, of: parts.sumPs).map { " (\($0))" } ?? "")
      }
      table.add([share.name, share.meaning] + cells)
    }
    return table.text
  }
}
