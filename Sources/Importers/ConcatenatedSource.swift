public import TraceCore

/// Several captures as one trace, each after the one before.
///
/// Regions of the same name and base are one region. Times are left as recorded; where the next
/// capture's clock starts lower, `clock_back_at_seam` counts it, and the replay lets time stand.
public final class ConcatenatedSource: BlockSource {
  public let context: TraceContext
  private let sources: [any BlockSource]
  private var current = 0
  private var records: UInt64 = 0
  private var regionNumbers: [RegionID: RegionID] = [:]
  private var textNumbers: [UInt32: UInt32?] = [:]
  /// Latest stamp in ns, and whether the capture at hand has shown one.
  private var lastTime: UInt64?
  private var isAtSeam = false
  private var backwardSeams: UInt64 = 0

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
        watchClock(block)
        return true
      }
      finish(sources[current].context)
      current += 1
      isAtSeam = true
      if current == sources.count {
        context.counters.add(
          "clock_back_at_seam", backwardSeams,
          meaning: "captures whose clock begins before the end of the one ahead of them")
      }
      regionNumbers.removeAll()
      textNumbers.removeAll()
    }
    return false
  }

  private func watchClock(_ block: Block) {
    guard block.classes.contains(where: { $0.columns.contains(.time) }) else { return }
    var record = 0
    for (token, count) in zip(block.runTokens, block.runCounts) where isAtSeam {
      if block.classes[Int(token)].columns.contains(.time) {
        isAtSeam = false
        if let lastTime, block.times[record] < lastTime { backwardSeams += 1 }
      }
      record += Int(count)
    }
    lastTime = block.times.last
  }

  private func finish(_ part: TraceContext) {
    // Regions without any access are known, too.
    for index in part.regions.regions.indices {
      _ = number(of: RegionID(rawValue: UInt16(index)), part)
    }
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
