import TraceCore

/// Parses the streams of ``PluginDialect``.
struct PluginParser: TextParser {
  let context: TraceContext
  var counters = ImportCounters()
  var resolver: RegionResolver
  /// Nil before the first line.
  var dialect: PluginDialect?
  var regionNames = NameTable(limit: 4096)
  /// Nil for a name that says nothing of the region.
  var regionKinds: [RegionName?] = []
  var barrierNames = NameTable(limit: 4096)
  var orderings: [PluginOrdering] = []
  /// Numbers of names that are none.
  var unknownNames: Set<Int> = []
  var seen = Seen()
  private var folding = ElsewhereFolding()
  /// The instruction of the last access, and what it orders; 0 is UDF, which accesses nothing.
  private var lastWord: UInt32 = 0
  private var lastFlags: AccessFlags = []
  /// The `#end` line was there: QEMU came to its end.
  private var isWhole = false
  /// Accesses that `#end` tells, and lines of them; of ``PluginDialect/own`` only.
  private var recorded: UInt64?
  var accessLines: UInt64 = 0
  private var clock = ClockWatch()

  /// What decides which blind spots are named.
  struct Seen {
    var noValue = false
    var noAttribute = false
    var accesses = false
    var barriers = false
    var folded = false
  }

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    var cursor = TextCursor(line.start, end: line.end)
    guard let dialect else { return try parseFirst(&cursor, bytes) }
    if cursor.isAtEnd {
      counters[.blankLine] += 1
      return
    }
    if cursor.peek(bytes) == UInt8(ascii: "#") { return try parseComment(&cursor, bytes) }
    switch dialect {
    case .own: try parseOwn(&cursor, bytes, line.number, &builder)
    case .commas: try parseCommas(&cursor, bytes, line.number, &builder)
    }
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool { false }

  private mutating func parseFirst(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    let text = bytes.text(cursor.position..<cursor.end) + "\n"
    guard let found = PluginDialect.allCases.first(where: { $0.firstLine == text }) else {
      throw .header(cursor.position, "#mmioscope-plugin 1 or #mmio_plugin,1 as the first line")
    }
    dialect = found
  }

  private mutating func parseComment(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    if cursor.skip("#end", bytes) {
      isWhole = true
      guard dialect == .own else { return }
      try cursor.takeBlank(bytes)
      let accesses = try cursor.decimal(bytes, "the number of accesses recorded")
      recorded = (recorded ?? 0).addedSaturating(accesses)
      try cursor.takeBlank(bytes)
      counters[.unresolvedAccess].addSaturating(
        try cursor.decimal(bytes, "the number of accesses not resolved"))
      try cursor.takeEnd(bytes)
    } else if isFirstLine(cursor, bytes) {
      endStream()
    } else if cursor.skip("#barriers folded", bytes) {
      seen.folded = true
    }
  }

  /// Streams may stand one behind the other; each begins with its first line.
  private func isFirstLine(_ start: TextCursor, _ bytes: Span<UInt8>) -> Bool {
    bytes.text(start.position..<start.end) + "\n" == dialect?.firstLine
  }

  private mutating func endStream() {
    if !isWhole {
      counters[.noEndLine] += 1
    } else if let recorded, recorded != accessLines {
      counters[.endLineDiffers].addSaturating(
        max(recorded, accessLines) - min(recorded, accessLines))
    }
    (isWhole, recorded, accessLines) = (false, nil, 0)
  }

  mutating func conclude() {
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    counters[.repairedName] += UInt64(regionNames.malformed)
    endStream()
    if seen.accesses, seen.noValue {
      context.blindSpots.append(
        "Some or all accesses have no value: QEMU's plugin API gives it from version 4 (QEMU 9.2) on."
      )
    }
    if seen.accesses, seen.noAttribute {
      context.blindSpots.append(
        "Some or all accesses have no stage-1 memory type: the plugin could not read page tables, or "
          + "an unmap had just taken the page out of them.")
    }
    if !seen.barriers { context.blindSpots.append("The stream holds no barriers.") }
    if seen.folded {
      context.blindSpots.append(
        "Between two accesses of a vCPU barriers of one kind are two records at most, at the first "
          + "one's place and at the last one's."
      )
    }
    context.blindSpots += [
      "The plugin sees no DC ZVA, no exceptions and no DMA; times are the emulator's.",
      "Of acquires and releases at memory that is not recorded those stand that order something new; "
        + "a compare-and-swap counts as if it had found what it expected.",
    ]
  }

  // MARK: Records of either dialect

  /// What a line says of an access.
  struct Access {
    var isStore = false
    var vcpu: UInt16 = 0
    var time: UInt64 = 0
    var code: UInt64 = 0
    var address: UInt64 = 0
    var size: UInt64 = 0
    var value: (high: UInt64, low: UInt64)?
    var attribute: UInt8?
    var word: UInt32 = 0
    var region: Range<Int> = 0..<0
  }

  mutating func append(
    _ access: Access, at position: Int, _ bytes: Span<UInt8>, _ line: UInt64,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    guard access.size >= 1, access.size <= 64 else {
      throw LineFault(.outOfRange, at: position, "a size from 1 to 64 bytes")
    }
    guard !access.address.addingReportingOverflow(access.size).overflow else {
      throw LineFault(.outOfRange, at: position, "an access that ends below 2^64")
    }
    let size = UInt8(truncatingIfNeeded: access.size)
    guard let region = try region(access, size, bytes) else {
      throw LineFault(.outOfRange, at: access.region.lowerBound, "a number of regions below 65520")
    }
    watch(access.time, of: access.vcpu)
    seen.accesses = true
    folding.access(of: access.vcpu)
    seen.noValue = seen.noValue || access.value == nil
    seen.noAttribute = seen.noAttribute || access.attribute == nil
    let isECAM = resolver.kinds[region.index] == .ecam
    let entry = RecordClass(
      access.isStore ? .store : .load, size: size, vcpu: access.vcpu,
      flags: flags(access.word, isStore: access.isStore, size), attribute: access.attribute,
      region: region, columns: isECAM ? [.configValue] : [])
    if let value = access.value, value.high != 0, size > 8 {
      var wide = [UInt8](repeating: 0, count: Int(size))
      if size < 16, value.high >> UInt64(8 * (size - 8)) != 0 { counters[.wideValue] += 1 }
      for index in 0..<min(16, Int(size)) {
        let half = index < 8 ? value.low : value.high
        wide[index] = UInt8(truncatingIfNeeded: half >> UInt64(8 * (index % 8)))
      }
      builder.append(
        entry, address: access.address, time: access.time, wideValue: wide,
        codeAddress: access.code, line: line)
      return
    }
    if let value = access.value, value.high != 0 || size < 8 && value.low >> UInt64(8 * size) != 0 {
      counters[.wideValue] += 1
    }
    builder.append(
      entry, address: access.address, time: access.time, value: access.value?.low,
      codeAddress: access.code, line: line)
  }

  @inline(__always)
  private mutating func watch(_ time: UInt64, of vcpu: UInt16) {
    if clock.goesBack(time, cpu: vcpu) { counters[.clockBackwards] += 1 }
  }

  /// Acquire on the load of an instruction, release on its store.
  private mutating func flags(_ word: UInt32, isStore: Bool, _ size: UInt8) -> AccessFlags {
    // The same instruction comes again and again.
    if word != lastWord {
      lastWord = word
      lastFlags = if case .access(let flags) = A64Ordering(word) { flags } else { [] }
    }
    let all = lastFlags
    guard !all.isEmpty else { return [] }
    var flags = all.intersection(isStore ? .release : .acquire)
    if all.contains(.single64) {
      if size == 64 { flags.insert(.single64) } else { counters[.single64InPieces] += 1 }
    }
    return flags
  }

  mutating func append(
    _ ordering: PluginOrdering, count: UInt64, vcpu: UInt16, time: UInt64, code: UInt64?,
    _ line: UInt64, _ builder: inout BlockAppender
  ) {
    watch(time, of: vcpu)
    switch ordering {
    case .barrier(let barrier):
      seen.barriers = true
      counters[.foldedBarrier] += count - 1
      builder.append(
        RecordClass(.barrier, vcpu: vcpu, barrier: barrier), time: time, codeAddress: code,
        line: line)
    case .elsewhere(let barrier):
      let isNew = folding.takes(barrier, of: vcpu)
      counters[.orderedElsewhere] += isNew ? count - 1 : count
      guard isNew else { return }
      builder.append(
        RecordClass(.barrier, vcpu: vcpu, barrier: barrier), time: time, codeAddress: code,
        line: line)
    case .other: counters[.otherInstruction] += count
    }
  }

  mutating func appendMark(
    _ number: UInt64, vcpu: UInt16, time: UInt64, at position: Int, _ line: UInt64,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    guard let text = context.intern("marker-\(number)") else {
      throw LineFault(.outOfRange, at: position, "a number of different markers")
    }
    watch(time, of: vcpu)
    builder.append(RecordClass(.mark, vcpu: vcpu, text: text), time: time, line: line)
  }
}

/// What an instruction that orders means to the trace.
enum PluginOrdering: Equatable {
  case barrier(Barrier)
  /// Acquire or release at an access that is no record: LDAR, STLR and atomics.
  case elsewhere(Barrier)
  /// It orders no accesses for the model.
  case other

  init(_ word: UInt32) {
    switch A64Ordering(word) {
    case .barrier(let barrier): self = .barrier(barrier)
    case .access(let flags): self = Self.elsewhere(flags, A64Ordering.isProcessorConsistent(word))
    case .speculationBarrier, .none: self = .other
    }
  }

  /// LDAPR orders nothing that is before it, so that it says nothing of MMIO: it is no record.
  private static func elsewhere(_ flags: AccessFlags, _ isProcessorConsistent: Bool) -> Self {
    switch (flags.contains(.acquire), flags.contains(.release)) {
    case (true, true): .elsewhere(Barrier(.acquireRelease))
    case (true, false): isProcessorConsistent ? .other : .elsewhere(Barrier(.acquire))
    case (false, true): .elsewhere(Barrier(.release))
    case (false, false): .other
    }
  }
}
