import Results

extension VerdictRange.Flip {
  /// `cpu.buffers=2, link.ph=32, ...`, where there are more than `limit`.
  func valueList(atMost limit: Int) -> String {
    let texts = changes.prefix(limit).map { $0.key + "=" + $0.value.shownText }
    return (texts + (changes.count > limit ? ["..."] : [])).joined(separator: ", ")
  }

  /// Changes that are spelt out.
  private static let shown = 3

  /// `link.credit_loop_ns=1000`, or several and how many more.
  var valueText: String {
    let texts = changes.prefix(Self.shown).map { $0.key + "=" + $0.value.shownText }
    let more = changes.count - texts.count
    return listed(texts + (more > 0 ? ["\(more) more"] : []))
  }
}

extension VerdictRange {
  /// What the first flip means for its reader, where it is not one value.
  var flipNote: String? {
    guard let flip = flips.first, flip.changes.count > 1 else { return nil }
    return isNarrowed
      ? "only together; no value does it alone"
      : "not tried one by one: standard input cannot be read twice, a file can"
  }
}

extension Setting.Value {
  /// As in a profile.
  var shownText: String {
    switch self {
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .flag(let value): value ? "true" : "false"
    case .text(let value): value
    }
  }

  var isNumber: Bool {
    switch self {
    case .integer, .number: true
    case .flag, .text: false
    }
  }
}

extension Setting {
  /// `2 to 8`, or `runs, aligned`.
  var shownRange: String {
    let texts = range.map(\.shownText)
    let isEnds = range.count == 2 && range.allSatisfy(\.isNumber)
    return texts.joined(separator: isEnds ? " to " : ", ")
  }
}
