import TraceCore

/// What one capture's regions and texts are in the context of the trace that it is joined to.
///
/// Regions of the same name and base are one region.
struct JoinedPart {
  private let part: TraceContext
  private let whole: TraceContext
  private var regions: [RegionID: RegionID?] = [:]
  private var texts: [UInt32: UInt32?] = [:]
  private var callers: [UInt64: UInt64] = [:]
  private var lostCallers: UInt64 = 0

  init(_ part: TraceContext, of whole: TraceContext) {
    self.part = part
    self.whole = whole
  }

  /// The class with the whole's numbers; nil where that has no room for a region or text.
  mutating func renumbered(_ entry: RecordClass) -> RecordClass {
    var entry = entry
    entry.region = entry.region.flatMap { number(of: $0) }
    entry.text = entry.text.flatMap { number(ofText: $0) }
    return entry
  }

  /// The code addresses with the whole's numbers of callers.
  mutating func renumber(callersOf block: Block) throws(TraceError) {
    guard !part.callers.texts.isEmpty,
      block.classes.contains(where: { $0.columns.contains(.codeAddress) })
    else { return }
    try block.loadAll()
    block.columnLoader = nil
    for index in block.codeAddresses.indices {
      let code = block.codeAddresses[index]
      guard CallerTable.range.contains(code), let text = part.callers[code] else { continue }
      block.codeAddresses[index] = number(of: code, text)
    }
  }

  /// A caller for whom the whole has no room becomes the highest address.
  private mutating func number(of code: UInt64, _ text: String) -> UInt64 {
    if let known = callers[code] { return known }
    let number = whole.callers.code(for: text)
    if number == nil { lostCallers += 1 }
    callers[code] = number ?? .max
    return number ?? .max
  }

  /// Takes over what the part says at its end; regions without any access are known, too.
  mutating func finish() {
    for index in part.regions.regions.indices {
      _ = number(of: RegionID(rawValue: UInt16(index)))
    }
    whole.addCounters(of: part)
    whole.counters.add(
      "caller_dropped_at_join", lostCallers,
      meaning: "callers beyond the number that a trace holds; their accesses show code address "
        + "0xffffffffffffffff")
    for text in part.blindSpots where !whole.blindSpots.contains(text) {
      whole.blindSpots.append(text)
    }
  }

  private mutating func number(of region: RegionID) -> RegionID? {
    if let known = regions[region] { return known }
    let description = part.regions[region]
    let same = whole.regions.regions.firstIndex {
      $0.name == description.name && $0.base == description.base
    }
    let number =
      same.map { RegionID(rawValue: UInt16($0)) }
      ?? (whole.regions.isFull ? nil : whole.regions.add(description))
    regions[region] = .some(number)
    return number
  }

  private mutating func number(ofText text: UInt32) -> UInt32? {
    if let known = texts[text] { return known }
    let number = whole.intern(part.strings[Int(text)])
    texts[text] = .some(number)
    return number
  }
}

extension TraceContext {
  /// The context of captures that are joined to one trace, in front of their first record.
  convenience init(joining sources: [any BlockSource]) {
    let formats = sources.map(\.context.format)
    self.init(
      name: sources[0].context.name + " and \(sources.count - 1) more",
      format: formats.allSatisfy { $0 == formats[0] } ? formats[0] : "mixed")
    for source in sources {
      configImages.merge(source.context.configImages) { first, _ in first }
    }
  }
}
