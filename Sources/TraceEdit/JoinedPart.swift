import TraceCore

/// What one capture's regions and texts are in the context of the trace that it is joined to.
///
/// Regions of the same name and base are one region. So are those of the same name and function of
/// which an importer chose the bases, as each import begins its own at the same address; others of
/// these move out of the way where they lie over another region, since stores to two devices would
/// else gather. Their accesses move along. So are, too, those of the same name and function that
/// reach as far as their accesses, unless another region lies between them.
struct JoinedPart {
  /// What a region is in the whole.
  private struct Place {
    /// nil where the whole has no room for it.
    var id: RegionID?
    /// What is added to its addresses; wraps around.
    var move: UInt64 = 0
  }

  private let part: TraceContext
  private let whole: TraceContext
  private let wholeRegions: JoinedRegions
  private let notes: JoinedNotes
  private var accesses: UInt64 = 0
  private var holdsBarriers = false
  private var regions: [RegionID: Place] = [:]
  /// Regions of the whole that were added for this part.
  private var own: Set<RegionID> = []
  /// Regions of the whole that this part made larger, not yet checked.
  private var widened: Set<RegionID> = []
  private var texts: [UInt32: UInt32?] = [:]
  private var callers: [UInt64: UInt64] = [:]
  private var lostCallers: UInt64 = 0
  private var movedRegions: UInt64 = 0
  private var contradictions: UInt64 = 0
  private var overlaps: UInt64 = 0
  /// The part's regions as they were looked up last, by their addresses.
  private var partRegions = RegionTable()
  private var partAddresses = AddressIndex()

  /// - Parameters:
  ///   - part: The capture's context.
  ///   - whole: The regions of the trace that it is joined to.
  ///   - notes: What its captures say.
  init(_ part: TraceContext, of whole: JoinedRegions, _ notes: JoinedNotes) {
    self.part = part
    self.whole = whole.context
    self.notes = notes
    wholeRegions = whole
  }

  /// Counts what tells whether the capture's accesses are ordered by anything.
  private mutating func count(_ block: Block) {
    for (token, count) in zip(block.runTokens, block.runCounts) {
      switch block.classes[Int(token)].operation {
      case .store, .load: accesses += UInt64(count)
      case .barrier: holdsBarriers = true
      default: break
      }
    }
  }

  /// Gives a block the whole's numbers, and its accesses the addresses that their regions have there.
  ///
  /// - Throws: ``TraceError`` when a lazy column cannot be read, or two regions have one place.
  mutating func renumber(_ block: Block) throws(TraceError) {
    count(block)
    var moves: [UInt64] = []
    var last: RegionID?
    for index in block.classes.indices {
      let region = block.classes[index].region
      let place = try region.map { region throws(TraceError) in try self.place(of: region) }
      if let region, region != last, let id = place?.id, wholeRegions[id].isGrown == true {
        widen(id, by: part.regions[region])
      }
      last = region
      moves.append(block.classes[index].operation.isAccess ? place?.move ?? 0 : 0)
      block.classes[index].region = place?.id
      block.classes[index].text = block.classes[index].text.flatMap { number(ofText: $0) }
    }
    if moves.contains(where: { $0 != 0 }) {
      for run in block.runTokens.indices {
        block.runAddresses[run] &+= moves[Int(block.runTokens[run])]
      }
    }
    try renumber(callersOf: block)
  }

  /// The code addresses with the whole's numbers of callers.
  private mutating func renumber(callersOf block: Block) throws(TraceError) {
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
  ///
  /// - Throws: ``TraceError`` when two regions have one place.
  mutating func finish() throws(TraceError) {
    for index in part.regions.regions.indices {
      let id = RegionID(rawValue: UInt16(index))
      let place = try place(of: id)
      guard let number = place.id else { continue }
      widen(number, by: part.regions[id])
      if widened.remove(number) != nil { try check(wholeRegions[number]) }
    }
    // How many another slice left out is no number of the whole; a sentence says it of the part.
    whole.addCounters(of: part, except: SlicedSource.leftOutCounter)
    whole.takeNotes(of: part)
    whole.counters.add(
      "caller_dropped_at_join", lostCallers,
      meaning: "callers beyond the number that a trace holds; their accesses show code address "
        + "0xffffffffffffffff")
    whole.counters.add(
      "region_moved_at_join", movedRegions,
      meaning: "regions of which an importer chose the base, moved away from another capture's")
    whole.counters.add(
      "region_overlap_at_join", overlaps,
      meaning: "BARs or windows of a capture at addresses of another one's, under another name")
    whole.counters.add(
      "region_contradicted_at_join", contradictions, severity: .dataLoss,
      meaning: "regions that a capture describes otherwise than one ahead of it, whose description "
        + "stands: function, BAR, kind, prefetchable, VFIO, stage 1, registers or side effects")
    notes.add(
      part, accesses: accesses,
      holdsBarriers: holdsBarriers || part.holdsBarriers || (part.totals?.barriers ?? 0) > 0)
  }

  // MARK: Regions

  private mutating func place(of region: RegionID) throws(TraceError) -> Place {
    if let known = regions[region] { return known }
    let description = part.regions[region]
    let place: Place
    if let id = wholeRegions.first(
      named: description.name, where: { isSame($0, description) })
    {
      place = Place(id: id, move: wholeRegions[id].base &- description.base)
      if !own.contains(id), !wholeRegions[id].isDescribed(as: description) { contradictions += 1 }
    } else if let id = continued(by: description) {
      place = Place(id: id)
    } else if wholeRegions.isFull {
      place = Place()
    } else {
      place = try add(description)
    }
    regions[region] = place
    return place
  }

  /// A region of the whole is one of the part, which has its name.
  private func isSame(_ known: Region, _ region: Region) -> Bool {
    guard known.isBaseAssumed == true, region.isBaseAssumed == true else {
      return known.base == region.base
    }
    // What lies behind a smaller one may be another's.
    return known.function == region.function && known.size >= region.size
  }

  /// The region of the whole of which one that reaches as far as its accesses shows more.
  private mutating func continued(by region: Region) -> RegionID? {
    guard region.isGrown == true else { return nil }
    indexPart()
    return wholeRegions.first(named: region.name) { isContinued($0, by: region) }
  }

  private func isContinued(_ known: Region, by region: Region) -> Bool {
    guard !isOther(known, of: region) else { return false }
    guard known.size > 0, region.size > 0, !known.overlaps(region) else { return true }
    var both = region
    (both.base, both.size) = known.union(region)
    // What lies over one of them already is no more in between than before.
    func isBetween(_ other: Region) -> Bool {
      isOther(other, of: region) && !other.overlaps(known) && !other.overlaps(region)
    }
    return !wholeRegions.all(meeting: both).contains { isBetween(wholeRegions[$0]) }
      && !partAddresses.numbers(meeting: both).contains { isBetween(partRegions.regions[$0]) }
  }

  /// The two cannot be parts of one region, of which each shows the accesses that it has.
  private func isOther(_ other: Region, of region: Region) -> Bool {
    other.isGrown != true || other.name != region.name || other.function != region.function
  }

  private mutating func add(_ region: Region) throws(TraceError) -> Place {
    var added = region
    if region.isBaseAssumed == true {
      added.base = free(region)
      if added.base != region.base { movedRegions += 1 }
    } else {
      try check(region)
    }
    let id = wholeRegions.add(added)
    own.insert(id)
    return Place(id: id, move: added.base &- region.base)
  }

  /// The lowest base from a region's own on where nothing of the whole or the part is in its way,
  /// at a multiple of its size rounded up to a power of two.
  private mutating func free(_ region: Region) -> UInt64 {
    indexPart()
    let bits = 64 - (max(region.size, 2) - 1).leadingZeroBitCount
    let alignment = max(1 << 20, UInt64(1) << UInt64(bits))
    var moved = region
    while let other = obstacle(to: moved, from: region) {
      let (sum, over) = (other.base + (other.size - 1)).addingReportingOverflow(alignment)
      // Nothing lies up there but what has its own address.
      guard !over, sum < 1 << 62 else { break }
      moved.base = sum & ~(alignment - 1)
    }
    return moved.base
  }

  /// What lies where a region would be moved to.
  private func obstacle(to moved: Region, from region: Region) -> Region? {
    if let id = wholeRegions.all(meeting: moved).first { return wholeRegions[id] }
    let others = partAddresses.numbers(meeting: moved).lazy.map { partRegions.regions[$0] }
    return others.first { $0 != region }
  }

  /// The part's regions may be more, or have grown, since they were looked up.
  private mutating func indexPart() {
    guard partRegions != part.regions else { return }
    partRegions = part.regions
    partAddresses = AddressIndex()
    for (number, region) in partRegions.regions.enumerated() {
      partAddresses.insert(region, number: number)
    }
  }

  /// A region at an address of its own must not lie where an importer put another capture's; where
  /// another of its own address lies there, the report is to say so.
  private mutating func check(_ region: Region) throws(TraceError) {
    for id in wholeRegions.all(meeting: region) where !own.contains(id) {
      let known = wholeRegions[id]
      guard known.name != region.name else { continue }
      guard known.isBaseAssumed != true else {
        throw TraceError(
          .range,
          "region '\(region.name)' lies at 0x\(hex(region.base)), where the import of another capture "
            + "put '\(known.name)', which has no address in it: import that one again with a map "
            + "that gives one",
          file: part.path ?? part.name)
      }
      guard known.kind == .bar, region.kind == .bar else { continue }
      overlaps += 1
      if overlaps > 1 { continue }
      whole.blindSpots.append(
        TellingBlindSpot.overlap.beginning
          + "\(known.name)' and '\(region.name)' of two joined captures have addresses in common: "
          + "accesses to both count as to one place.")
    }
  }

  /// A region may have grown since its first access.
  private mutating func widen(_ id: RegionID, by region: Region) {
    let known = wholeRegions[id]
    guard region.size > 0, known.size > 0 || known.isGrown == true, region.isBaseAssumed != true
    else { return }
    let union = known.union(region)
    guard union != (known.base, known.size) else { return }
    wholeRegions.resize(id, base: union.base, size: union.size)
    widened.insert(id)
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

extension Region {
  /// What another capture says of the same window is the same, but for how far it reaches.
  fileprivate func isDescribed(as other: Region) -> Bool {
    var same = other
    (same.base, same.size, same.isGrown) = (base, size, isGrown)
    (same.isBaseAssumed, same.origin) = (isBaseAssumed, origin)
    return same == self
  }
}
