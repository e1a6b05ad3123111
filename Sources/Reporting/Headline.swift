import Results
import TraceCore

/// The answer for a whole trace, as sentences: what to map how, what it gives, what to fix first.
struct Headline {
  /// Names of regions spelt out; the rest is counted.
  static let namedRegions = 3

  var comparison: Comparison
  /// How a region's name is written: as it is, or marked up.
  var name: (String) -> String = { shortenedInside(printable($0), to: 24) }

  var sentences: [String] {
    // What is to be done comes first: a narrow screen has no room for all.
    let sentences =
      comparison.before == nil
      ? [single, fixFirst] : [answer, fixFirst, guessedToo, rest, whole, alsoMapped]
    return sentences.compactMap { $0 }
  }

  var text: String { sentences.joined(separator: " ") }

  private func rows(_ kinds: Verdict.Kind...) -> [Comparison.Row] {
    comparison.rows.filter { row in row.verdict.map { kinds.contains($0.kind) } ?? false }
  }

  private func names(_ rows: [Comparison.Row]) -> String {
    let shown = rows.prefix(Self.namedRegions).map { name($0.region.name) }
    let more = rows.count - shown.count
    return listed(shown + (more > 0 ? [counted(UInt64(more), "more region")] : []))
  }

  /// Those that the first mapping gathers to some use, and the second does not.
  private var losing: [Comparison.Row] { rows(.losesGathering) }

  private var gaining: [Comparison.Row] { comparison.rows.filter(isGaining) }

  /// Those that are known to be there, and may be told what to do with.
  private var known: [Comparison.Row] { gaining.filter { !$0.region.isGuessed } }

  /// Those that are cut around addresses, and may be anything.
  private var guessed: [Comparison.Row] { gaining.filter(\.region.isGuessed) }

  private func isGaining(_ row: Comparison.Row) -> Bool {
    row.verdict.map { [.mapWriteCombining, .needsNormalNC].contains($0.kind) } ?? false
  }

  private var answer: String {
    if comparison.rows.isEmpty { return "No access to any region: there is nothing to judge." }
    if rows(.configOnly).count == comparison.rows.count {
      return "Config accesses alone, no access to a BAR: there is nothing to judge."
    }
    if let only = known.first, known.count == 1 {
      return "Map \(name(only.region.name)) \(type(known))\(condition(known))\(barriers(known)): "
        + "\(gain(only))."
    }
    if !known.isEmpty {
      return "Map \(names(known)) \(type(known))\(condition(known))\(barriers(known))."
    }
    if let only = guessed.first {
      let gain = guessed.count == 1 ? " (\(gain(only)))" : ""
      return "\(names(guessed)) would gain from \(type(guessed))\(gain)\(barriers(guessed)), "
        + "\(guessCondition)."
    }
    return keep ?? doubtful ?? "Nothing to gain from write-combining in this trace."
  }

  /// What to map rows: write-combining is Normal-NC, and no Linux call asks for Device-GRE.
  private func type(_ rows: [Comparison.Row]) -> String {
    let gre = rows.count { $0.gathering.effective == "device-gre" }
    return gre == 0
      ? "write-combining" : gre == rows.count ? "device-gre" : "write-combining or device-gre"
  }

  /// What the advice hangs on, or that the driver follows it already.
  private func condition(_ rows: [Comparison.Row]) -> String {
    let verdicts = rows.compactMap(\.verdict)
    if verdicts.contains(where: \.isConditional) {
      return rows.count == 1 ? " if it is prefetchable" : " where they are prefetchable"
    }
    guard verdicts.allSatisfy({ $0.call == .stage2 }) else { return "" }
    return rows.count == 1 ? ", as its driver does" : ", as their drivers do"
  }

  /// The capture holds no barriers, and with those of Linux's accessors nothing would be gained.
  private func barriers(_ rows: [Comparison.Row]) -> String {
    let flips = rows.flatMap { $0.range?.flips ?? [] }.flatMap(\.changes)
    let writel = Setting.Value.text("linux-writel")
    guard flips.contains(where: { $0.key == Setting.accessorsKey && $0.value == writel }) else {
      return ""
    }
    return ", unless barriers stand between \(rows.count == 1 ? "its" : "their") stores"
  }

  /// No advice, which an interrupt controller must not be given.
  private var guessCondition: String {
    let isAsked = guessed.compactMap(\.verdict).allSatisfy { !$0.isConditional }
    let one = guessed.count == 1
    let bar = isAsked ? "BAR" : "prefetchable BAR"
    return (one ? "if it is a \(bar)" : "if they are \(bar)s")
      + ", which nothing says: give --map"
  }

  private var guessedToo: String? {
    guard !known.isEmpty, !guessed.isEmpty else { return nil }
    return "\(names(guessed)) would gain, too, \(guessCondition)."
  }

  /// Where nothing is to be mapped write-combining, and why it stays as it is.
  private var keep: String? {
    if !losing.isEmpty {
      return "Keep \(names(losing)) \(type(losing))\(condition(losing))\(barriers(losing))."
    }
    let changed = comparison.rows.filter { $0.storeBytes > 0 }
    if let before = comparison.before, !changed.isEmpty,
      changed.allSatisfy({ $0.verdict?.kind == .unchanged })
    {
      return "Nothing changes between \(printable(before.name)) and "
        + "\(printable(comparison.after.name)) in this trace."
    }
    let lossy = rows(.overwrites)
    if !lossy.isEmpty {
      // Where the first mapping is the one that gathers, the second one is the advice.
      let verb = lossy.allSatisfy { $0.before?.gathers == true } ? "Map" : "Keep"
      return "\(verb) \(names(lossy)) Device: stores are overwritten before they leave the CPU."
    }
    return nil
  }

  /// What some would gain, or lose, that is no reason to map them otherwise.
  private var doubtful: String? {
    let unsafe = rows(.notPrefetchable)
    if !unsafe.isEmpty {
      let bars = unsafe.count == 1 ? "its BAR is" : "their BARs are"
      return "Only \(names(unsafe)) would gain from \(type(unsafe))\(barriers(unsafe)), but \(bars)"
        + " not prefetchable."
    }
    let mixed = rows(.mixed)
    if let first = mixed.first, mixed.count == 1 {
      return "For \(name(first.region.name)) write-combining is a trade-off: \(gain(first))."
    }
    if !mixed.isEmpty { return "For \(names(mixed)) write-combining is a trade-off." }
    let faster = rows(.ungathered)
    if !faster.isEmpty {
      let verb = faster.count == 1 ? "is" : "are"
      return "Nothing gathers: \(names(faster)) \(verb) faster only by giving up order."
    }
    let blocked = rows(.blocked)
    if let first = blocked.first?.verdict {
      return "Nothing to gain from write-combining yet: \(names(blocked)) \(first.word)."
    }
    let fixed = rows(.cannot)
    if !fixed.isEmpty, fixed.count == comparison.rows.count(where: { $0.storeBytes > 0 }) {
      return "KVM keeps \(names(fixed)) Device at stage 2, whatever the driver asks for."
    }
    let few = rows(.negligible)
    if !few.isEmpty, few.count == comparison.rows.count(where: { $0.storeBytes > 0 }) {
      return "Too few stores to tell what write-combining would give."
    }
    return nil
  }

  /// The verdict's reason to map it, after its `map WC: `.
  private func gain(_ row: Comparison.Row) -> String {
    let text = row.verdict?.text ?? ""
    let reason = text.firstRange(of: ": ").map { String(text[$0.upperBound...]) } ?? text
    guard let range = row.range?.speedup, let bracketed = range.bracketed else { return reason }
    return reason.hasSuffix("faster") ? reason + bracketed : reason + ", speed " + range.text
  }

  private var rest: String? {
    let others = comparison.rows.count - gaining.count
    guard !known.isEmpty, others > 0 else { return nil }
    let state = others == 1 ? "it is" : "they are"
    return "Leave \(counted(UInt64(others), "other region")) as \(state)."
  }

  /// Regions that this run maps otherwise, too, though the advice is to leave them: speeds, and the
  /// orders that may be lost, are those of that mapping.
  private var alsoMapped: String? {
    guard !gaining.isEmpty else { return nil }
    let also = comparison.rows.filter { row in
      guard let before = row.before, row.storeBytes > 0 else { return false }
      return before.effective != row.after.effective && !isGaining(row)
    }
    guard let first = also.first else { return nil }
    let one = also.count == 1
    let types = Set(also.map(\.after.effective))
    let type =
      types.count > 1
      ? "mapped otherwise" : types == ["normal-nc"] ? "Normal-NC" : first.after.effective
    return (one ? "\(name(first.region.name)) is" : "\(also.count) of the others are")
      + " \(type) in this run, too; --stage1 NAME=device-ngnre leaves \(one ? "it" : "one") Device."
  }

  private var whole: String? {
    guard comparison.rows.count > 1 || gaining.isEmpty, let before = comparison.before else {
      return nil
    }
    let after = comparison.after.totals
    guard before.totals.mwr > 0 || after.mwr > 0 else { return nil }
    let range = comparison.range?.speedup.flatMap(\.bracketed) ?? ""
    let speed = comparison.gain?.speedup.map { ", \($0) the goodput\(range)" } ?? ""
    let writes = before.totals.mwr
    return "Whole trace: " + counted(writes, "memory write")
      + (writes == 1 ? " becomes " : " become ")
      + "\(grouped(after.mwr))\(speed)."
  }

  private var single: String {
    let totals = comparison.after.totals
    let start = "Under \(comparison.after.name), \(counted(totals.stores, "store"))"
    guard totals.mwr > 0, let mean = quotient(totals.payloadBytes, totals.mwr, places: 1),
      let factor = quotient(totals.stores, totals.mwr, places: 1, separators: true)
    else {
      let faults = totals.faultsAlignment
      let tail = faults > 0 ? "; \(counted(faults, "access", plural: "accesses")) fault" : ""
      return start + " and \(counted(totals.loads, "load")) make no memory write"
        + tail + (faults == 1 ? "s." : ".")
    }
    return start + (totals.stores == 1 ? " leaves" : " leave")
      + " as \(counted(totals.mwr, "memory write")) of \(mean) bytes on average,"
      + " \(factor) stores each."
  }

  private var fixFirst: String? {
    // Those of the mapping that the advice is about.
    let isKept = gaining.isEmpty && !losing.isEmpty
    let scenario = isKept ? comparison.before ?? comparison.after : comparison.after
    let errors = comparison.run.findings.filter {
      $0.severity == .error && $0.scenario == scenario.name
    }
    guard !errors.isEmpty else { return nil }
    let codes = Set(errors.map(\.code)).sorted()
    let shown = Array(codes.prefix(Self.namedRegions))
    let tail = codes.count > shown.count ? ["\(codes.count - shown.count) more"] : []
    let count = FindingGroup.count(errors, .error)
    var events: UInt64 = 0
    for error in errors { events.addSaturating(error.count) }
    return "First fix \(counted(UInt64(count), "error")) (\(counted(events, "event"))):"
      + " \(listed(shown + tail))."
  }
}
