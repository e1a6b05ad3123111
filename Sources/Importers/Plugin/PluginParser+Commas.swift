import TraceCore

/// The comma-separated stream of `mmio_plugin`, version 1: numbers are hexadecimal without a prefix
/// where they are addresses, values or instruction words; times are microseconds.
extension PluginParser {
  mutating func parseCommas(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ line: UInt64,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    let start = cursor.position
    let kind = cursor.peek(bytes)
    cursor.position += 1
    guard [0x52, 0x57, 0x42, 0x53, 0x4d].contains(kind) else {
      throw LineFault(at: start, "R, W, B, S, M or # at the start of the line")
    }
    try cursor.take(",", bytes)
    let vcpu = try cursor.vcpu(bytes)
    try cursor.take(",", bytes)
    _ = try cursor.decimal(bytes, "a number of instructions")
    try cursor.take(",", bytes)
    let place = cursor.position
    let expected: StaticString = "a time in microseconds"
    let time = 1000 * (try cursor.decimal(bytes, expected, limit: .max / 1000))
    try cursor.take(",", bytes)
    switch kind {
    case UInt8(ascii: "B"):
      let code = try cursor.hex(bytes, "a code address")
      try cursor.take(",", bytes)
      let found = try ordering(cursor.position..<cursor.end, bytes)
      append(found, count: 1, vcpu: vcpu, time: time, code: code, line, &builder)
    case UInt8(ascii: "S"):
      try parseSummary(&cursor, bytes, vcpu, time, line, &builder)
    case UInt8(ascii: "M"):
      let number = try cursor.decimal(bytes, "a marker from 0 to 255", limit: 255)
      try cursor.takeEnd(bytes)
      try appendMark(number, vcpu: vcpu, time: time, at: place, line, &builder)
    default:
      var access = Access(isStore: kind == UInt8(ascii: "W"), vcpu: vcpu, time: time)
      try parseCells(&access, &cursor, bytes)
      try append(access, at: place, bytes, line, &builder)
    }
  }

  // pc,va,pa,size,value,kind,attr,opcode,region
  private mutating func parseCells(
    _ access: inout Access, _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    access.code = try cursor.hex(bytes, "a code address")
    try cursor.take(",", bytes)
    _ = try cursor.hex(bytes, "a virtual address")
    try cursor.take(",", bytes)
    access.address = try cursor.hex(bytes, "a physical address")
    try cursor.take(",", bytes)
    access.size = try cursor.decimal(bytes, "a number of bytes")
    try cursor.take(",", bytes)
    access.value = try cursor.wideHex(bytes)
    try cursor.take(",", bytes)
    guard cursor.skip("io,", bytes) || cursor.skip("ram,", bytes) else {
      throw LineFault(at: cursor.position, "io or ram")
    }
    access.attribute = try attributeName(&cursor, bytes)
    try cursor.take(",", bytes)
    let start = cursor.position
    let word = try cursor.hex(bytes, "an instruction word")
    guard word >> 32 == 0 else { throw LineFault(.outOfRange, at: start, "an instruction word") }
    access.word = UInt32(truncatingIfNeeded: word)
    try cursor.take(",", bytes)
    guard !cursor.isAtEnd else { throw LineFault(at: cursor.position, "a region's name") }
    access.region = cursor.position..<cursor.end
  }

  /// A name of MAIR's Device types (D24.2.109) or of Normal-NC, or the byte.
  private func attributeName(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> UInt8? {
    if cursor.skip("-", bytes) { return nil }
    if cursor.skip("off", bytes) || cursor.skip("nGnRnE", bytes) { return 0 }
    if cursor.skip("nGnRE", bytes) { return 0x04 }
    if cursor.skip("nGRE", bytes) { return 0x08 }
    if cursor.skip("GRE", bytes) { return 0x0c }
    if cursor.skip("NC", bytes) { return 0x44 }
    let start = cursor.position
    let expected: StaticString = "a memory type: nGnRnE, nGnRE, nGRE, GRE, NC, a byte, off or -"
    let number = try cursor.hex(bytes, expected)
    guard number < 256 else { throw LineFault(.outOfRange, at: start, expected) }
    return UInt8(truncatingIfNeeded: number)
  }

  // name=count;name=count...: barriers that stood there in an order not recorded. They give one
  // record a kind, in the order named; its domain is kept where those of one kind agree.
  private mutating func parseSummary(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ vcpu: UInt16, _ time: UInt64,
    _ line: UInt64, _ builder: inout BlockAppender
  ) throws(LineFault) {
    var barriers: [(barrier: Barrier, count: UInt64)] = []
    var others: [(ordering: PluginOrdering, count: UInt64)] = []
    while true {
      let start = cursor.position
      guard let equals = bytes.first(0x3d, from: start, to: cursor.end) else {
        throw LineFault(at: start, "name=count")
      }
      let found = try ordering(start..<equals, bytes)
      cursor.position = equals + 1
      let count = try cursor.count(bytes)
      if case .barrier(let barrier) = found {
        if let index = barriers.firstIndex(where: { $0.barrier.kind == barrier.kind }) {
          barriers[index].count += count
          if barriers[index].barrier != barrier { barriers[index].barrier = Barrier(barrier.kind) }
        } else {
          barriers.append((barrier, count))
        }
      } else {
        others.append((found, count))
      }
      guard !cursor.isAtEnd else { break }
      guard others.count < 64 else { throw LineFault(at: start, "at most 64 names") }
      try cursor.take(";", bytes)
    }
    seen.folded = true
    for (barrier, count) in barriers {
      append(.barrier(barrier), count: count, vcpu: vcpu, time: time, code: nil, line, &builder)
    }
    // Acquires first: none of them is known to stand behind a release.
    for (other, count) in others.sorted(by: { $0.ordering.rank < $1.ordering.rank }) {
      append(other, count: count, vcpu: vcpu, time: time, code: nil, line, &builder)
    }
  }

  private mutating func ordering(
    _ range: Range<Int>, _ bytes: Span<UInt8>
  ) throws(LineFault) -> PluginOrdering {
    guard let number = barrierNames.index(of: range, in: bytes) else {
      throw LineFault(.outOfRange, at: range.lowerBound, "a number of barrier names")
    }
    if number == orderings.count {
      guard let found = PluginOrdering(name: barrierNames.text(number)) else {
        // The name stays in the table: a line that has it is wrong each time.
        orderings.append(.other)
        unknownNames.insert(number)
        throw LineFault(at: range.lowerBound, Self.nameExpected)
      }
      orderings.append(found)
    }
    guard !unknownNames.contains(number) else {
      throw LineFault(at: range.lowerBound, Self.nameExpected)
    }
    return orderings[number]
  }

  private static let nameExpected: StaticString = "an instruction's name such as dmb ish or stlr"
}

extension PluginOrdering {
  private static let accesses: [String: Barrier.Kind] = [
    "ldar": .acquire, "ldlar": .acquire, "stlr": .release, "stllr": .release, "ldaxr": .acquire,
    "stlxr": .release, "cas.a": .acquire, "cas.l": .release, "cas.al": .acquireRelease,
    "atom.a": .acquire, "atom.l": .release, "atom.al": .acquireRelease, "stlr.imm": .release,
  ]
  private static let others: Set<String> = [
    "ldapr", "sb", "ssbb", "pssbb", "esb", "tlbi", "dc", "ic", "at", "eret", "svc", "wfi", "wfe",
  ]

  /// Where it stands among those whose order is not known, so that none orders more than it did.
  fileprivate var rank: UInt8 {
    if case .elsewhere(let barrier) = self { barrier.kind.rawValue } else { 0 }
  }

  /// An instruction as `mmio_plugin` names it; nil for another name.
  init?(name: String) {
    if let kind = Self.accesses[name] {
      self = .elsewhere(Barrier(kind))
    } else if Self.others.contains(name) {
      self = .other
    } else if name == "isb" {
      self = .barrier(Barrier(.isb))
    } else if name == "dgh" {
      self = .barrier(Barrier(.dgh))
    } else if let barrier = Self.barrier(name) {
      self = .barrier(barrier)
    } else {
      return nil
    }
  }

  /// `dmb` or `dsb`, a blank, and the option as an assembler writes it.
  private static func barrier(_ name: String) -> Barrier? {
    let isDSB = name.hasPrefix("dsb ")
    guard isDSB || name.hasPrefix("dmb ") else { return nil }
    var option = name.dropFirst(4)
    if isDSB, option.hasSuffix("nxs") { option = option.dropLast(3) }
    // Reserved options behave as the full system's.
    if ["sy", "#0", "#4", "#8", "#12"].contains(option) { return Barrier(isDSB ? .dsbSY : .dmbSY) }
    let domains: [(Substring, Barrier.Domain)] = [
      ("osh", .outerShareable), ("nsh", .nonShareable), ("ish", .innerShareable),
    ]
    var domain = Barrier.Domain.unspecified
    if let found = domains.first(where: { option.hasPrefix($0.0) }) {
      domain = found.1
      option = option.dropFirst(3)
    }
    switch option {
    case "" where domain != .unspecified: return Barrier(isDSB ? .dsbSY : .dmbSY, domain)
    case "st": return Barrier(isDSB ? .dsbST : .dmbST, domain)
    case "ld": return Barrier(isDSB ? .dsbLD : .dmbLD, domain)
    default: return nil
    }
  }
}
