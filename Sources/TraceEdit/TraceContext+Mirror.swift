import TraceCore

extension TraceContext {
  /// Takes over what another context says of its records; indices stay the same.
  ///
  /// - Parameters:
  ///   - other: What this one follows while both grow.
  ///   - taken: Texts taken over so far.
  func follow(_ other: TraceContext, taken: inout Int) {
    if regions != other.regions { regions = other.regions }
    if configImages != other.configImages { configImages = other.configImages }
    format = other.format
    takeNotes(of: other)
    if callers.texts.count != other.callers.texts.count { callers = other.callers }
    // A source's texts differ, so that each gets the index that it has there.
    while taken < other.strings.count {
      _ = intern(other.strings[taken])
      taken += 1
    }
  }

  /// Takes over what another context says of the capture as a whole, beyond its records.
  func takeNotes(of other: TraceContext) {
    if other.holdsBarriers || (other.totals?.barriers ?? 0) > 0 { holdsBarriers = true }
    if other.lacksReads { lacksReads = true }
    if other.hasForeignLines { hasForeignLines = true }
  }

  /// Adds another context's counters, but for one.
  func addCounters(of other: TraceContext, except omitted: String? = nil) {
    for row in other.counters.rows where row.name != omitted {
      counters.add(row.name, row.count, severity: row.severity, meaning: row.meaning)
    }
  }
}
