import TraceCore

/// What one capture's regions and texts are in the context of the trace that it is joined to.
///
/// Regions of the same name and base are one region.
struct JoinedPart {
  private let part: TraceContext
  private let whole: TraceContext
  private var regions: [RegionID: RegionID?] = [:]
  private var texts: [UInt32: UInt32?] = [:]

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

  /// Takes over what the part says at its end; regions without any access are known, too.
  mutating func finish() {
    for index in part.regions.regions.indices {
      _ = number(of: RegionID(rawValue: UInt16(index)))
    }
    whole.addCounters(of: part)
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
