import TraceCore

/// Parses the log of m1n1's hypervisor.
///
/// A device that the log names is a region; two of one name are told apart by where their offsets
/// start.
struct M1N1Parser: TextParser {
  let context: TraceContext
  var counters = ImportCounters()
  private var resolver: RegionResolver
  private var names = NameTable(limit: 4096)

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    var cursor = TextCursor(line.start, end: line.end)
    guard let access = try cursor.m1n1Access(bytes) else {
      return countOther(line, bytes)
    }
    try append(access, line.number, bytes, &builder)
  }

  @inline(__always)
  mutating func append(
    _ access: M1N1Access, _ line: UInt64, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    guard access.offset <= access.address else {
      throw LineFault(.outOfRange, at: access.name.lowerBound, "an offset up to the address")
    }
    if access.isPart { counters[.widePart] += 1 }
    if access.size < 8, access.value >> UInt64(8 * access.size) != 0 { counters[.wideValue] += 1 }
    builder.append(
      RecordClass(
        access.isWrite ? .store : .load, size: access.size, vcpu: access.cpu,
        region: try region(of: access, bytes)),
      address: access.address, value: access.value, codeAddress: access.codeAddress,
      line: line)
  }

  @inline(__always)
  private mutating func region(
    of access: M1N1Access, _ bytes: Span<UInt8>
  ) throws(LineFault) -> RegionID? {
    if let id = resolver.windows.region(at: access.address) { return id }
    guard let name = names.index(of: access.name, in: bytes) else {
      throw LineFault(.outOfRange, at: access.name.lowerBound, "at most 4096 names of devices")
    }
    let base = access.address - access.offset
    return resolver.region(
      named: name, owner: base, address: access.address, size: access.size, &counters
    ) {
      Region(name: names.text(name), base: 0, size: 0, kind: .platform, origin: .capture)
    }
  }

  @inline(never)
  private mutating func countOther(_ line: Line, _ bytes: Span<UInt8>) {
    var cursor = TextCursor(line.start, end: line.end)
    if line.start == line.end {
      counters[.blankLine] += 1
    } else if cursor.skip("p.write", bytes) || cursor.skip("p.read", bytes) {
      counters[.scriptLine] += 1
    } else {
      counters[.unknownLine] += 1
    }
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool { false }

  mutating func conclude() {
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    counters[.repairedName] += UInt64(names.malformed)
    counters.flush(into: context)
    context.blindSpots += [
      "m1n1's text log has no time stamps, and no memory types: its binary events have the type of "
        + "each access, the text leaves it out.",
      "m1n1's log holds no barriers, and only accesses to the ranges that its user asked to trace.",
      "Devices are those of the SoC's device tree, taken as no BARs (kind platform); a map can say "
        + "otherwise.",
    ]
  }
}
