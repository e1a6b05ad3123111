extension BenchTables {
  /// Every limit, what was measured, and how far the one is from the other.
  var limits: String {
    markdownTable(
      ["limit", "records", "measured", "floor", "aim", "measured / floor", "verdict"],
      table.judgements.map { judgement in
        let limit = judgement.limit
        let unit = limit.quantity == .shareOfSingleRun ? "" : " \(limit.quantity.rawValue)"
        let sign = limit.quantity.isRate ? "≥ " : "≤ "
        return [
          name(limit), judgement.measured.map { $0.records > 0 ? grouped($0.records) : "-" } ?? "-",
          judgement.value.map { significant($0) + unit } ?? "-",
          sign + plain(limit.floor) + unit, limit.aim.map { sign + plain($0) + unit } ?? "-",
          judgement.value.map { decimal($0 / limit.floor, 2) } ?? "-",
          judgement.verdict == .missed ? "**missed**" : judgement.verdict.rawValue,
        ]
      })
  }

  private func plain(_ value: Double) -> String {
    value == value.rounded() ? decimal(value, 0) : significant(value)
  }

  private func name(_ limit: Limit) -> String {
    var name = "`\(limit.command)`"
    if limit.input != "-" { name += ", \(limit.input)" }
    if limit.quantity == .shareOfSingleRun { name += ", one point beside one run" }
    if limit.quantity == .peakMiB { name += ", peak memory" }
    guard limit.part == .command else { return name }
    return switch limit.cores {
    case .one: name + ", one core"
    case .atLeast(let count): name + ", \(count) cores"
    }
  }

  // MARK: Where the time goes

  /// Stages beside the command that they are parts of, as nanoseconds a record and as shares.
  ///
  /// A stage contains those above it: what it adds is the difference.
  var whereTimeGoes: String {
    let commands = measured.filter { $0.part == .command && $0.wasRun && $0.cores == 1 }
    var rows: [[String]] = []
    for input in inputs(of: .stage) {
      let stages = measured.filter { $0.part == .stage && $0.wasRun && $0.input == input }
      let wholes = commands.filter { $0.input == input && $0.points == 1 }
      guard let whole = wholes.first(where: { $0.command == Limit.single }) ?? wholes.first else {
        continue
      }
      for one in stages + wholes {
        let share = one.nanosecondsPerRecord / whole.nanosecondsPerRecord * 100
        rows.append([
          "`\(one.command)`", input, significant(one.nanosecondsPerRecord),
          decimal(share, 0) + " %",
        ])
      }
    }
    guard !rows.isEmpty else { return "" }
    return markdownTable(
      ["stage or command, one core", "input", "ns a record", "of `\(Limit.single)` or `import`"],
      rows)
  }

  /// Other programs on a file, and the first command of ours that reads the same.
  var beside: String {
    var rows: [[String]] = []
    for input in inputs(of: .beside) {
      let ours = measured.filter { $0.part == .command && $0.wasRun && $0.input == input }
        .filter { $0.cores == 1 && $0.points == 1 }
      let others = measured.filter { $0.part == .beside && $0.wasRun && $0.input == input }
      for one in ours + others {
        rows.append([
          "`\(one.command)`", one.part == .command ? "mmioscope" : "", input,
          duration(one.minimum), significant(one.millionRecords), significant(one.megabytes),
          ours.first.map { decimal(one.minimum / $0.minimum, 2) } ?? "-",
        ])
      }
    }
    guard !rows.isEmpty else { return "" }
    return markdownTable(
      [
        "command, one core", "of", "input", "min", "M records/s", "MB/s",
        "time / that of the first row of this input",
      ], rows)
  }

  private func inputs(of part: RawRow.Part) -> [String] {
    var names: [String] = []
    for one in measured where one.part == part && !names.contains(one.input) {
      names.append(one.input)
    }
    return names
  }
}
