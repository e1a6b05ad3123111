import ConfigSpace
public import TraceCore

/// The same trace without what tells whose it is.
///
/// Replaced, each consistently: names of regions and of their registers, texts of marks, addresses
/// of regions, code addresses, values, names of counted events and of resets of no known kind; of
/// what was sliced or joined only the counts are kept. Times begin at 0. Kept, since results hang on
/// them: the shape of every access, its place within its region, distances in time, vCPUs, barriers,
/// bus numbers (bridges' registers and ECAM offsets are made of them), names of kinds of reset,
/// numbers of source lines, and of configuration space what ``ConfigReplacement`` says.
public final class AnonymizedSource: BlockSource {
  public let context: TraceContext
  private let source: any BlockSource
  private let values: KeyedPermutation
  private let codes: KeyedPermutation
  private let placement: RegionPlacement
  private var config: ConfigReplacement
  private let epoch: UInt64
  private var lastTime: UInt64 = 0
  /// The number here of each of the source's texts; marks have none of before.
  private var marks: [UInt32: UInt32] = [:]
  private var others: [UInt32: UInt32] = [:]
  private var knownRegions = RegionTable()
  private var unplaced: UInt64 = 0
  private var isDone = false

  /// - Parameters:
  ///   - source: The trace, at its first record.
  ///   - regions: Its regions as they are at its end.
  ///   - accessSizes: Of the accesses in each; see ``TraceSurvey/accessSizes``.
  ///   - epoch: Its earliest time stamp in ns, which becomes 0.
  ///   - seed: Same seed, same replacements.
  public init(
    _ source: any BlockSource, regions: [Region], accessSizes: [UInt64], epoch: UInt64,
    seed: UInt64
  ) {
    self.source = source
    self.epoch = epoch
    var state = seed
    values = KeyedPermutation(seed: splitMix(&state))
    codes = KeyedPermutation(seed: splitMix(&state))
    placement = RegionPlacement(regions, accessSizes, seed: splitMix(&state))
    config = ConfigReplacement(values, regions, placement.moves)
    context = TraceContext(name: "anonymous", format: source.context.format)
    follow()
  }

  public var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  private func move(_ region: Int) -> UInt64 {
    region < placement.moves.count ? placement.moves[region] : 0
  }

  private func follow() {
    context.format = source.context.format
    context.takeNotes(of: source.context)
    if knownRegions != source.context.regions {
      knownRegions = source.context.regions
      var table = RegionTable()
      for (index, region) in knownRegions.regions.enumerated() {
        var region = region
        region.name = Self.name(region, index)
        for register in region.registers?.indices ?? 0..<0 {
          region.registers?[register].name = "register \(register + 1)"
        }
        if region.size > 0 { region.base &+= move(index) }
        table.add(region)
      }
      context.regions = table
    }
    for (function, image) in source.context.configImages
    where context.configImages[function]?.count != image.count {
      context.configImages[function] = replaced(image, of: function)
    }
  }

  private static func name(_ region: Region, _ index: Int) -> String {
    let bar = region.bar.map { " bar \($0)" } ?? ""
    return "region \(index)" + (region.kind == .bar ? bar : " " + region.kind.rawValue)
  }

  private func replaced(_ image: [UInt8], of function: PCIFunction) -> [UInt8] {
    var result = image
    // The whole first: what its registers are stands in others.
    config.note(image[...], register: 0, function: function.rawValue)
    for register in stride(from: 0, to: result.count & ~3, by: 4) {
      config.replace(
        &result[register..<register + 4], register: register, function: function.rawValue)
    }
    return result
  }

  public func next(into block: Block) throws(TraceError) -> Bool {
    guard try source.next(into: block) else {
      finish()
      return false
    }
    follow()
    try block.loadAll()
    block.columnLoader = nil
    replaceTimes(block)
    replaceValues(block)
    replaceAddresses(block)
    for index in block.codeAddresses.indices {
      block.codeAddresses[index] = replaced(code: block.codeAddresses[index])
    }
    for index in block.classes.indices {
      guard let text = block.classes[index].text else { continue }
      block.classes[index].text = number(text, of: block.classes[index].operation)
    }
    return true
  }

  /// A number becomes another one, a caller its number in order of appearance.
  private func replaced(code: UInt64) -> UInt64 {
    guard CallerTable.range.contains(code) else {
      let new = codes.replace(code, bits: 64)
      return CallerTable.range.contains(new) ? codes.replace(new, bits: 64) : new
    }
    while context.callers.texts.count <= code - CallerTable.base,
      context.callers.code(for: "caller \(context.callers.texts.count + 1)") != nil
    {}
    return code
  }

  private func finish() {
    guard !isDone else { return }
    isDone = true
    follow()
    addCounters()
    for text in source.context.blindSpots.map(TellingBlindSpot.anonymous)
    where !context.blindSpots.contains(text) {
      context.blindSpots.append(text)
    }
    context.blindSpots.append(
      "Anonymized: names, addresses, values and code addresses are replaced; what the model reads "
        + "is as captured. Times begin at 0.")
    context.counters.add(
      "anonymize_region_kept", placement.unmoved,
      meaning: "regions of unknown size, or without room elsewhere, that kept their addresses")
    context.counters.add(
      "anonymize_address_kept", unplaced,
      meaning: "runs of accesses outside of their region, which kept their addresses")
  }

  /// Counters keep their names, but for those that are named after an event of the capture's source.
  private func addCounters() {
    var events = 0
    for row in source.context.counters.rows {
      var name = row.name
      if name.hasPrefix("other_event_") {
        events += 1
        name = "other_event_\(events)"
      }
      context.counters.add(name, row.count, severity: row.severity, meaning: row.meaning)
    }
  }

  private func number(_ text: UInt32, of operation: Operation) -> UInt32? {
    let isMark = operation == .mark
    if let known = isMark ? marks[text] : others[text] { return known }
    var new = source.context.strings[Int(text)]
    if isMark {
      new = "mark \(marks.count + 1)"
    } else if ResetNotice.kind(named: new) == nil {
      new = "reset \(others.count + 1)"
    }
    let number = context.intern(new)
    if isMark { marks[text] = number } else { others[text] = number }
    return number
  }

  // MARK: Columns

  private func replaceTimes(_ block: Block) {
    var record = 0
    for (token, count) in zip(block.runTokens, block.runCounts) {
      let isTimed = block.classes[Int(token)].columns.contains(.time)
      for index in record..<record + Int(count) {
        // A record without a stamp repeats that of the one before.
        if isTimed { lastTime = block.times[index] - min(epoch, block.times[index]) }
        block.times[index] = lastTime
      }
      record += Int(count)
    }
  }

  private func replaceAddresses(_ block: Block) {
    let moves = block.classes.map { entry in
      entry.operation.isAccess ? entry.region.map { move($0.index) } : nil
    }
    for run in block.runTokens.indices {
      let token = Int(block.runTokens[run])
      guard let move = moves[token] else {
        if block.classes[token].operation.isAccess { unplaced += 1 }
        continue
      }
      block.runAddresses[run] &+= move
    }
  }

  private func replaceValues(_ block: Block) {
    var cursor = RecordCursor(block)
    let classes = block.classes
    var (plain, small) = (block.values, block.configValues)
    while let record = cursor.next() {
      let entry = classes[record.token]
      // The number of a loss is a count.
      guard entry.size > 0 else { continue }
      let bytes = record.value..<record.value + Int(entry.size)
      if entry.columns.contains(.configValue) {
        replace(&small[bytes], entry, at: location(of: entry, record.address))
      } else if entry.columns.contains(.value) {
        let isConfig = entry.operation.isConfig
        replace(&plain[bytes], entry, at: isConfig ? location(of: entry, record.address) : nil)
      }
    }
    block.values = plain
    block.configValues = small
  }

  /// The config register of an access and its function, decoded where it lies in an ECAM window;
  /// nil where it is none's.
  private func location(of entry: RecordClass, _ address: UInt64) -> ConfigLocation? {
    guard entry.operation.isAccess else {
      return entry.function.map { ConfigLocation(function: $0, register: UInt16(address & 4095)) }
    }
    return entry.region.flatMap { source.context.regions[$0].configLocation(of: address) }
  }

  /// Replaces a value, of a config register as far as it tells whose the device is.
  private func replace(
    _ bytes: inout ArraySlice<UInt8>, _ entry: RecordClass, at location: ConfigLocation?
  ) {
    guard let location else { return replace(&bytes) }
    config.replace(
      &bytes, register: Int(location.register), function: location.function.rawValue,
      isWrite: entry.operation == .store || entry.operation == .configWrite)
  }

  /// Replaces a value, eight bytes at a time where it is wider; odd sizes byte by byte.
  private func replace(_ bytes: inout ArraySlice<UInt8>) {
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let count = min(8, bytes.endIndex - start)
      let value = bytes[start..<start + count].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      let new = values.replace(value, bits: 8 * count)
      for byte in 0..<count {
        bytes[start + byte] = UInt8(truncatingIfNeeded: new >> UInt64(8 * byte))
      }
      start += count
    }
  }
}
