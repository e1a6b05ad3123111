public import TraceCore

/// What a trace holds and what it cannot tell, for `info`.
public struct TraceInfo {
  private let context: TraceContext
  private let totals: TraceTotals
  /// The parts between marks, where they were counted.
  public var sections: [TraceSection] = []
  /// The most used registers, where they were counted.
  public var registers: JSONPart?

  /// - Parameters:
  ///   - context: The trace's, read to its end or with a footer.
  ///   - totals: Its counts.
  public init(_ context: TraceContext, _ totals: TraceTotals) {
    self.context = context
    self.totals = totals
  }

  /// The counts by name, in the order in which they are shown.
  private var counts: [(String, UInt64)] {
    [
      ("records", totals.records), ("stores", totals.stores), ("loads", totals.loads),
      ("barriers", totals.barriers), ("config_reads", totals.configReads),
      ("config_writes", totals.configWrites), ("resets", totals.resets),
      ("marks", totals.marks), ("lost_records", totals.lostRecords),
      ("lost_events", totals.lostEvents), ("store_bytes", totals.storeBytes),
      ("load_bytes", totals.loadBytes),
    ]
  }

  /// What the capture does not hold; sentences.
  public var missing: [String] {
    var missing = context.blindSpots
    let accesses = totals.stores + totals.loads
    if totals.barriers == 0 {
      missing.append(
        context.holdsBarriers
          ? "no barriers in this part of the capture, which holds some: none is assumed"
          : "no barriers: --accessors says what is assumed")
    }
    if totals.timed == 0 { missing.append("no time stamps: the paced clock means nothing") }
    if accesses > 0, totals.accessesWithValue == 0 { missing.append("no values") }
    if accesses > 0, totals.withAttribute == 0 {
      missing.append("no stage-1 memory types: --stage1 or a map says what is assumed")
    }
    if accesses > 0, totals.withCodeAddress == 0 { missing.append("no code addresses") }
    let guessed = context.regions.regions.count(where: \.isGuessed)
    if guessed > 0 {
      missing.append(
        "what \(counted(UInt64(guessed), "region")) \(guessed == 1 ? "is" : "are"): guessed from "
          + "addresses alone, whatever is there; --map names \(guessed == 1 ? "it" : "them")")
    }
    if accesses == 0, totals.configReads + totals.configWrites > 0 {
      missing.append("config accesses but no MMIO: the BARs are probably mapped and do not trap")
    }
    return missing
  }

  /// Nanoseconds from the smallest to the largest stamp.
  private var span: UInt64? {
    guard let first = totals.earliestTime, let last = totals.latestTime else { return nil }
    return last >= first ? last - first : 0
  }

  // MARK: Text

  /// The summary for a terminal.
  public var text: String {
    var lines = ["\(printable(context.name))  (\(context.format))", ""]
    for (name, value) in counts where value > 0 || name == "records" {
      // Those that config accesses make are recognised by a replay only.
      let label = name == "resets" ? "reset notices" : name
      lines.append("  " + pad(label, 14) + grouped(value))
    }
    if context.regions.regions.contains(where: { $0.kind == .ecam }) {
      lines.append(
        "  (accesses to an ECAM window count as stores and loads here, in compare and sections as "
          + "config accesses)")
    }
    let vcpus = totals.vcpus.map(String.init).joined(separator: " ")
    lines.append("  " + pad("vCPU numbers", 14) + (vcpus.isEmpty ? "-" : vcpus))
    lines.append("  " + pad("span", 14) + (span.map { grouped($0) + " ns" } ?? "-"))
    lines += [""] + regionLines
    if !sections.isEmpty { lines += [""] + sectionLines }
    if !missing.isEmpty { lines += ["", "not in this capture:"] + missing.map { "  " + $0 } }
    if !context.counters.rows.isEmpty {
      lines += ["", "skipped, repaired or assumed:"]
      lines += context.counters.rows.map { "  \($0.name) \(grouped($0.count)): \($0.meaning)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var sectionLines: [String] {
    let limit = 40
    var lines = [counted(UInt64(sections.count), "section") + ":"]
    for section in sections.prefix(limit) {
      let name = section.mark.map { "'\(printable($0))'" } ?? "before the first mark"
      let time = section.times.map { grouped($0.upperBound - $0.lowerBound) + " ns" } ?? "-"
      lines.append(
        "  " + pad(name, 32) + "from record \(grouped(section.firstRecord)): "
          + counted(section.stores, "store") + ", " + counted(section.loads, "load") + ", "
          + counted(section.configAccesses, "config access", plural: "config accesses") + ", "
          + counted(section.resets, "reset notice") + ", " + time)
    }
    if sections.count > limit { lines.append("  \(sections.count - limit) more: --json -") }
    return lines
  }

  private var regionLines: [String] {
    let limit = 40
    var lines = [counted(UInt64(context.regions.count), "region") + ":"]
    for region in context.regions.regions.prefix(limit) {
      let place =
        region.size > 0
        ? "0x\(hex(region.base)) + 0x\(hex(region.size))" : "0x\(hex(region.base)) + ?"
      let stage1 = region.stage1.map { "  stage 1 0x\(hex(UInt64($0), width: 2))" } ?? ""
      let flags = region.prefetchable == true ? "  prefetchable" : ""
      lines.append(
        "  " + pad(printable(region.name), 24)
          + pad(region.isGuessed ? "guessed" : region.kind.rawValue, 10) + place + flags
          + stage1)
    }
    if context.regions.count > limit {
      lines.append("  \(context.regions.count - limit) more: --json -")
    }
    return lines
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  // MARK: JSON

  /// The same as one JSON document.
  public var json: String {
    var members: [String: JSONValue] = [
      "schema_version": .count(1), "name": .text(context.name), "format": .text(context.format),
      "vcpus": .list(totals.vcpus.map { .count(UInt64($0)) }),
      "first_time_ns": JSONValue(totals.earliestTime), "last_time_ns": JSONValue(totals.latestTime),
      "with_time": .count(totals.timed), "with_value": .count(totals.accessesWithValue),
      "with_attribute": .count(totals.withAttribute),
      "with_code_address": .count(totals.withCodeAddress),
      "missing": .list(missing.map { .text($0) }),
      "regions": .list(context.regions.regions.map(json)),
      "counters": .list(context.counters.rows.map(json)),
    ]
    for (name, value) in counts { members[name] = .count(value) }
    if !sections.isEmpty { members["sections"] = .list(sections.map(jsonSection)) }
    if let registers { members["registers"] = registers.value }
    return JSONValue.object(members).document
  }

  private func json(_ region: Region) -> JSONValue {
    .object([
      "name": .text(region.name), "base": .count(region.base), "size": .count(region.size),
      "kind": .text(region.kind.rawValue), "bdf": JSONValue(region.function?.description),
      "bar": JSONValue(region.bar.map { UInt64($0) }),
      "prefetchable": JSONValue(region.prefetchable),
      "stage1": JSONValue(region.stage1.map { "0x" + hex(UInt64($0), width: 2) }),
      "vfio": .flag(region.vfioEligible), "origin": .text(region.origin.rawValue),
    ])
  }

  private func json(_ row: TraceCounter) -> JSONValue {
    .object([
      "name": .text(row.name), "severity": .text(row.severity.rawValue),
      "count": .count(row.count), "meaning": .text(row.meaning),
    ])
  }
}
