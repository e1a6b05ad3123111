import TraceCore

/// Parses the text of Linux's mmiotrace.
///
/// `R` and `W` become records, marks are kept, `PCIDEV` and `MAP` make regions.
struct MmiotraceParser: TextParser {
  let context: TraceContext
  var counters = ImportCounters()
  private var resolver: RegionResolver
  private var clock = ClockWatch()
  private var ledger = LossLedger()

  /// The only version there is (`kernel/trace/trace_mmiotrace.c`).
  static let version: StaticString = "VERSION 20070824"

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    var cursor = TextCursor(line.start, end: line.end)
    let start = bytes.word(at: line.start) & 0xffff
    // "W " and "R ", little-endian.
    if start == 0x2057 || start == 0x2052, line.start + 2 <= line.end {
      cursor.position += 2
      let access = try cursor.mmiotraceAccess(bytes)
      return append(access, isWrite: start == 0x2057, line.number, &builder)
    }
    try parseOther(line, &cursor, bytes, &builder)
  }

  @inline(__always)
  mutating func append(
    _ access: MmiotraceAccess, isWrite: Bool, _ line: UInt64, _ builder: inout BlockAppender
  ) {
    if clock.goesBack(access.time, cpu: 0) { counters[.clockBackwards] += 1 }
    // A load that extends the sign leaves more in its register than it read.
    if access.size < 8, access.value >> UInt64(8 * access.size) != 0 { counters[.wideValue] += 1 }
    builder.append(
      RecordClass(
        isWrite ? .store : .load, size: access.size,
        region: resolver.region(at: access.address, &counters)),
      address: access.address, time: access.time, value: access.value,
      codeAddress: access.codeAddress, line: line)
  }

  @inline(never)
  private mutating func parseOther(
    _ line: Line, _ cursor: inout TextCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    if cursor.skip("UNKNOWN ", bytes) {
      let opcode = try cursor.mmiotraceUnknown(bytes)
      counters[.undecodedAccess] += 1
      if Self.isCopy(opcode) { counters[.undecodedCopy] += 1 }
    } else if cursor.skip("MARK ", bytes) {
      try parseMark(line, &cursor, bytes, &builder)
    } else if cursor.skip("MAP ", bytes) {
      let (base, size) = try cursor.mmiotraceMap(bytes)
      resolver.mapWindow(base: base, size: size, &counters)
    } else if cursor.skip("UNMAP ", bytes) {
      try cursor.mmiotraceUnmap(bytes)
    } else if cursor.skip("PCIDEV ", bytes) {
      map(try cursor.mmiotraceDevice(bytes))
    } else if cursor.skip("VERSION ", bytes) {
      try checkVersion(line, bytes)
    } else if cursor.skip("LSPCI ", bytes) {
      counters[.headerLine] += 1
    } else if let loss = try LossLine.parse(line, bytes) {
      ledger.lost(loss.count ?? 1)
      builder.append(RecordClass(.lost), value: loss.count, line: line.number)
    } else {
      counters[line.start == line.end ? .blankLine : .unknownLine] += 1
    }
  }

  private mutating func checkVersion(_ line: Line, _ bytes: Span<UInt8>) throws(LineFault) {
    var cursor = TextCursor(line.start, end: line.end)
    try cursor.take(Self.version, bytes)
    try cursor.takeEnd(bytes)
    counters[.headerLine] += 1
  }

  /// `movs` (a4, a5) behind any prefixes: rep, operand size, REX.
  static func isCopy(_ opcode: UInt64) -> Bool {
    for shift in [0, 8, 16] as [UInt64] {
      switch opcode >> shift & 0xff {
      case 0xa4, 0xa5: return true
      case 0xf2, 0xf3, 0x66, 0x40...0x4f: continue
      default: return false
      }
    }
    return false
  }

  // MARK: Marks and losses

  /// `SECONDS TEXT`; the reader's word of a loss has the time 0.
  private mutating func parseMark(
    _ line: Line, _ cursor: inout TextCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    let time = try cursor.mmiotraceStamp(bytes)
    if cursor.peek(bytes) == 0x20 { cursor.position += 1 }
    var text = cursor
    // Other marks hold free text, which may begin alike.
    if time == 0, text.skip("Lost ", bytes),
      bytes.text(text.position..<text.end).hasSuffix(" events.")
    {
      let count = try text.decimal(bytes, "a number of events")
      try text.take(" events.", bytes)
      ledger.told(count)
      return
    }
    if clock.goesBack(time, cpu: 0) { counters[.clockBackwards] += 1 }
    let mark = context.intern(bytes.text(cursor.position..<cursor.end))
    builder.append(RecordClass(.mark, text: mark), time: time, line: line.number)
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool {
    let rest = ledger.takeRest()
    guard rest > 0 else { return false }
    counters[.lossPlaceUnknown] += rest
    builder.append(RecordClass(.lost), value: rest)
    return true
  }

  // MARK: Devices

  /// BARs of memory that have an address; bit 3 prefetchable, bits 2:1 equal to 2 64 bits wide
  /// (PCI Local Bus Specification 3.0, 6.2.5.1).
  private mutating func map(_ device: MmiotraceDevice) {
    for bar in 0..<7 {
      let (start, size) = (device.starts[bar], device.sizes[bar])
      let isROM = bar == 6
      guard size > 0, isROM || start & 1 == 0 else { continue }
      let base = start & ~15
      guard base >= 0x1_0000, !base.addingReportingOverflow(size - 1).overflow else {
        counters[.lowBAR] += 1
        continue
      }
      resolver.mapBAR(
        device.function, bar, base: base, size: size,
        prefetchable: isROM ? nil : start & 8 != 0, is64Bit: isROM ? nil : start & 6 == 4,
        &counters)
    }
  }

  mutating func conclude() {
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    counters.flush(into: context)
    context.blindSpots += [
      "mmiotrace holds no barriers and no memory types: a prefetchable BAR in PCIDEV is the only "
        + "hint at a write-combining mapping.",
      "mmiotrace runs with one CPU and sees the kernel's accesses only: none of user space or of "
        + "guests, no config accesses, no resets.",
    ]
    if context.counters["undecoded_access_dropped"] > 0 {
      context.blindSpots.append(
        "UNKNOWN records are left out: copies by rep movs, the very accesses that gain from "
          + "gathering, are therefore missing.")
    }
  }
}

/// Adds up what two reporters tell of the same losses.
///
/// The ring buffer tells at the place of a loss, the reader in a mark later or earlier.
struct LossLedger {
  private var atPlace: UInt64 = 0
  private var inMarks: UInt64 = 0

  mutating func lost(_ count: UInt64) { atPlace.addSaturating(count) }
  mutating func told(_ count: UInt64) { inMarks.addSaturating(count) }

  /// Losses that only marks tell of; asked again it is 0.
  mutating func takeRest() -> UInt64 {
    let rest = inMarks > atPlace ? inMarks - atPlace : 0
    inMarks = 0
    return rest
  }
}
