public import TraceCore

/// Several captures as one trace, each after the one before.
///
/// Regions of the same name and base are one region. Times are left as recorded; where the next
/// capture's clock starts lower, the replay counts it.
public final class ConcatenatedSource: BlockSource {
  public let context: TraceContext
  private let sources: [any BlockSource]
  private var current = 0
  private var records: UInt64 = 0
  private var regionNumbers: [RegionID: RegionID] = [:]
  private var textNumbers: [UInt32: UInt32?] = [:]

  /// - Parameter sources: At least one.
  public init(_ sources: [any BlockSource]) {
    precondition(!sources.isEmpty, "nothing to concatenate")
    self.sources = sources
    let formats = sources.map(\.context.format)
    let isUniform = formats.allSatisfy { $0 == formats[0] }
    context = TraceContext(
      name: sources[0].context.name + " and \(sources.count - 1) more",
      format: isUniform ? formats[0] : "mixed")
    for source in sources {
      context.configImages.merge(source.context.configImages) { first, _ in first }
    }
  }

  public var progress: (consumed: UInt64, total: UInt64?) {
    var consumed: UInt64 = 0
    var total: UInt64? = 0
    for source in sources {
      consumed += source.progress.consumed
      total = total.flatMap { sum in source.progress.total.map { sum + $0 } }
    }
    return (consumed, total)
  }

  public func next(into block: Block) throws(TraceError) -> Bool {
    while current < sources.count {
      if try sources[current].next(into: block) {
        renumber(block, sources[current].context)
        return true
      }
      finish(sources[current].context)
      current += 1
      regionNumbers.removeAll()
      textNumbers.removeAll()
    }
    return false
  }

  private func finish(_ part: TraceContext) {
    for row in part.counters.rows {
      context.counters.add(row.name, row.count, severity: row.severity, meaning: row.meaning)
    }
    for text in part.blindSpots where !context.blindSpots.contains(text) {
      context.blindSpots.append(text)
    }
  }

  private func renumber(_ block: Block, _ part: TraceContext) {
    block.firstRecord = records
    records += UInt64(block.count)
    for index in block.classes.indices {
      if let region = block.classes[index].region {
        block.classes[index].region = number(of: region, part)
      }
      if let text = block.classes[index].text {
        block.classes[index].text = number(ofText: text, part)
      }
    }
  }

  private func number(of region: RegionID, _ part: TraceContext) -> RegionID? {
    if let known = regionNumbers[region] { return known }
    let description = part.regions[region]
    let same = context.regions.regions.firstIndex {
      $0.name == description.name && $0.base == description.base
    }
    let number =
      same.map { RegionID(rawValue: UInt16($0)) }
      ?? (context.regions.isFull ? nil : context.regions.add(description))
    regionNumbers[region] = number
    return number
  }

  private func number(ofText text: UInt32, _ part: TraceContext) -> UInt32? {
    if let known = textNumbers[text] { return known }
    let number = context.intern(part.strings[Int(text)])
    textNumbers[text] = .some(number)
    return number
  }
}
