public import TraceCore

/// Reads fixed records of 24 or 32 bytes; see the article *Fixed records*.
///
/// A file that is cut is read up to its last whole stretch; the counter `truncated_trace` of the
/// context then says so. Anything else that is wrong is an error, before the stretch's first
/// record is handed out.
public final class RecordReader: BlockSource {
  public let context: TraceContext
  private let window: Window
  private let layout: RecordLayout
  /// Called when the context has been read on, and at its end.
  private let amend: (TraceContext) throws(TraceError) -> Void
  /// Units of one stretch, its check left out, and how far they are decoded.
  private var segment: [UInt8] = []
  private var place = 0
  private var segmentOffset: UInt64 = 0
  private var classes: [RecordClass?] = []
  private var builder: BlockBuilder?
  private var extra: Extra?
  /// Records handed out, and records in checked stretches.
  private var records: UInt64 = 0
  private var checked: UInt64 = 0
  private var decoded: UInt64 = 0
  private var lastLine: UInt64 = 0
  private var clock: UInt64 = 0
  private var isDone = false
  private var hasEnd = false

  private struct Extra {
    var code: UInt64
    var line: UInt64
    var value: [UInt8]
  }

  /// The content begins as such a file does.
  public static func recognizes(_ head: [UInt8]) -> Bool {
    head.starts(with: RecordFormat.magic)
  }

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - source: At its first byte.
  ///   - context: Gets what the file says about its trace.
  ///   - amend: Changes the context each time that more of it has been read.
  /// - Throws: ``TraceError`` `.unknownFormat` for another version, record size or byte order,
  ///   `.truncated` and `.checksum` for a damaged header.
  public init(
    _ source: any ByteSource, context: TraceContext,
    amend: @escaping (TraceContext) throws(TraceError) -> Void = { _ in }
  ) throws(TraceError) {
    window = Window(source)
    self.context = context
    self.amend = amend
    do throws(TraceError) {
      layout = try Self.readHeader(window)
    } catch {
      throw error.located(in: source.path, byteOffset: 0)
    }
  }

  public var progress: (consumed: UInt64, total: UInt64?) { window.source.progress }

  private static func readHeader(_ window: Window) throws(TraceError) -> RecordLayout {
    guard try window.ensure(RecordFormat.headerSize) else {
      throw TraceError(.truncated, "the file ends in its header")
    }
    let head = Array(window.first(RecordFormat.headerSize))
    guard recognizes(head) else {
      throw TraceError(.unknownFormat, "this is no file of fixed records")
    }
    let mark = head.little(UInt32.self, at: 8)
    guard mark != RecordFormat.byteOrderMark.byteSwapped else {
      throw TraceError(
        .unknownFormat, "the records are big-endian; the format is little-endian everywhere")
    }
    guard mark == RecordFormat.byteOrderMark, head.little(UInt32.self, at: 28) == crc32(head[..<28])
    else { throw TraceError(.checksum, "the checksum of the header does not match") }
    let version = head.little(UInt16.self, at: 12)
    guard version == RecordFormat.version else {
      throw TraceError(.unknownFormat, "fixed records of version \(version) need a newer program")
    }
    let size = head.little(UInt16.self, at: 14)
    guard let layout = RecordLayout(rawValue: size) else {
      throw TraceError(.unknownFormat, "records of \(size) bytes are not known, only 24 and 32")
    }
    guard head.little(UInt32.self, at: 16) == UInt32(RecordFormat.headerSize) else {
      throw TraceError(.unknownFormat, "the header has a size that is not known")
    }
    _ = try window.discard(UInt64(RecordFormat.headerSize))
    return layout
  }

  public func next(into block: Block) throws(TraceError) -> Bool {
    let builder = builder ?? BlockBuilder(block)
    self.builder = builder
    builder.reset(firstRecord: records, into: block)
    while block.count == 0, !isDone {
      do throws(TraceError) {
        if place >= segment.count, try !readSegment() {
          isDone = true
          finish()
        }
        try decode(builder)
      } catch {
        isDone = true
        block.removeAll()
        throw error.located(
          in: window.source.path, byteOffset: segmentOffset + UInt64(place),
          record: records + UInt64(block.count))
      }
    }
    records += UInt64(block.count)
    return block.count > 0
  }

  private func finish() {
    if !hasEnd {
      context.counters.add(
        "truncated_trace", severity: .dataLoss,
        meaning: "the trace has no end: it was cut, and read up to its last whole stretch")
    }
    context.sha256 = window.source.sha256
  }
}

// MARK: Stretches

extension RecordReader {
  /// Reads units up to the next check and verifies them; false at the end, or where cut.
  private func readSegment() throws(TraceError) -> Bool {
    segment.removeAll(keepingCapacity: true)
    place = 0
    segmentOffset = window.offset
    if hasEnd {
      guard try !window.ensure(1) else {
        throw TraceError(.badRecord, "something follows the end of the records")
      }
      return false
    }
    while try window.ensure(layout.size) {
      let operation = window.byte(at: layout.operation)
      if operation < 0x80 {
        try take(layout.size)
        continue
      }
      guard let kind = RecordFormat.Unit(rawValue: operation) else {
        throw TraceError(.badRecord, "a unit of kind \(operation) is not known")
      }
      let unit = Array(window.first(layout.size))
      if kind == .check || kind == .end { return try check(unit, isEnd: kind == .end) }
      let size = layout.size + layout.padded(try payload(of: kind, unit))
      guard try window.ensure(size) else { return cut() }
      try take(size)
    }
    return cut()
  }

  /// What was read of a stretch without its check is not to be trusted.
  private func cut() -> Bool {
    segment.removeAll()
    return false
  }

  private func take(_ count: Int) throws(TraceError) {
    guard segment.count + count <= RecordFormat.segmentLimit else {
      throw TraceError(.range, "there are too many records without a check")
    }
    segment += window.first(count)
    _ = try window.discard(UInt64(count))
  }

  private func payload(
    of kind: RecordFormat.Unit, _ unit: [UInt8]
  ) throws(TraceError) -> Int {
    var size: UInt64 = 0
    if kind == .context { size = unit.little(UInt64.self, at: layout.address) }
    if kind == .extra { size = unit.little(UInt64.self, at: layout.value) }
    guard size <= (kind == .extra ? 64 : UInt64(NativeFormat.documentLimit)) else {
      throw TraceError(.range, "a payload of \(size) bytes is too long")
    }
    return Int(size)
  }

  private func check(_ unit: [UInt8], isEnd: Bool) throws(TraceError) -> Bool {
    guard unit.little(UInt64.self, at: layout.value) == UInt64(crc32(segment)) else {
      throw TraceError(.checksum, "the checksum of the records does not match")
    }
    let isPlain = unit.indices.allSatisfy { index in
      (layout.address..<layout.value + 8).contains(index) || index == layout.operation
        || unit[index] == 0
    }
    guard isPlain else { throw TraceError(.badRecord, "a check has bytes that must be 0") }
    checked = unit.little(UInt64.self, at: layout.address)
    hasEnd = isEnd
    _ = try window.discard(UInt64(layout.size))
    return true
  }
}

// MARK: Records

extension RecordReader {
  /// Decodes units until the block is full or the stretch ends.
  private func decode(_ builder: BlockBuilder) throws(TraceError) {
    try builder.withAppender { appender throws(TraceError) in
      while place < segment.count, !appender.isFull {
        let kind = segment[place + layout.operation]
        if kind < 0x80 {
          try append(&appender)
          place += layout.size
          decoded += 1
        } else if let unit = RecordFormat.Unit(rawValue: kind) {
          place += try define(unit)
        }
      }
    }
    guard place < segment.count || isDone || decoded == checked else {
      throw TraceError(.badRecord, "a check says \(checked) records; there are \(decoded)")
    }
  }

  /// Takes a unit that is no record; returns its bytes.
  private func define(_ kind: RecordFormat.Unit) throws(TraceError) -> Int {
    let address = segment.little(UInt64.self, at: place + layout.address)
    let value = segment.little(UInt64.self, at: place + layout.value)
    switch kind {
    case .classDefinition:
      try define(
        Int(segment.little(UInt16.self, at: place + layout.classNumber)), (address, value))
      return layout.size
    case .context:
      let start = place + layout.size
      let document = try decodeDocument(
        ContextDocument.self, segment[start..<start + Int(address)])
      try document.apply(to: context)
      try amend(context)
      return layout.size + layout.padded(Int(address))
    case .extra:
      guard layout == .bytes32, extra == nil else {
        throw TraceError(.badRecord, "an extra record belongs to no record")
      }
      let start = place + layout.size
      extra = Extra(
        code: segment.little(UInt64.self, at: place), line: address,
        value: Array(segment[start..<start + Int(value)]))
      return layout.size + layout.padded(Int(value))
    case .clock:
      guard layout == .bytes24 else {
        throw TraceError(.badRecord, "records of 32 bytes need no clock")
      }
      clock = address
      return layout.size
    case .check, .end: return layout.size
    }
  }

  private func define(_ number: Int, _ packed: (UInt64, UInt64)) throws(TraceError) {
    guard let entry = RecordClass(packed: packed), entry.packed == packed, entry.isSound,
      layout == .bytes32
        || entry.valueBytes <= 8 && entry.columns.isDisjoint(with: [.codeAddress, .line])
    else { throw TraceError(.badRecord, "class \(number) is not defined") }
    guard entry.region.map({ $0.index < context.regions.count }) ?? true,
      entry.text.map({ $0 < context.strings.count }) ?? true
    else { throw TraceError(.badRecord, "a class refers to an unknown region or text") }
    while classes.count <= number { classes.append(nil) }
    classes[number] = entry
  }

  private func append(_ builder: inout BlockAppender) throws(TraceError) {
    let number = Int(segment.little(UInt16.self, at: place + layout.classNumber))
    guard number < classes.count, let entry = classes[number] else {
      throw TraceError(.badRecord, "a record has class \(number), which is not defined")
    }
    let isWide = entry.valueBytes > 8
    let flags = entry.columns.rawValue | (isWide ? RecordFormat.wideFlag : 0)
    guard segment[place + layout.operation] == entry.operation.rawValue,
      segment[place + layout.flags] == flags, isWide == (extra.map { !$0.value.isEmpty } ?? false)
    else { throw TraceError(.badRecord, "a record contradicts its class \(number)") }
    let address = segment.little(UInt64.self, at: place + layout.address)
    let end = address.addingReportingOverflow(UInt64(entry.size))
    guard !end.overflow else {
      throw TraceError(.range, "an access leaves the 64-bit address space")
    }
    let time = try stamp(entry)
    let line = try sourceLine(entry)
    let code = entry.columns.contains(.codeAddress) ? extra?.code : nil
    guard code != nil || !entry.columns.contains(.codeAddress) else {
      throw TraceError(.badRecord, "a record's code address is missing")
    }
    if isWide {
      guard let wide = extra?.value, wide.count == entry.valueBytes else {
        throw TraceError(.badRecord, "a wide value has the wrong size")
      }
      builder.append(
        entry, address: address, time: time, wideValue: wide, codeAddress: code, line: line)
    } else {
      let value = segment.little(UInt64.self, at: place + layout.value)
      builder.append(
        entry, address: address, time: time, value: entry.valueBytes > 0 ? value : nil,
        codeAddress: code, line: line)
    }
    extra = nil
  }

  private func stamp(_ entry: RecordClass) throws(TraceError) -> UInt64? {
    if layout == .bytes32 {
      guard segment[place + 25] == entry.size,
        segment.little(UInt16.self, at: place + 26) == entry.vcpu
      else { throw TraceError(.badRecord, "a record contradicts its class") }
      return entry.columns.contains(.time) ? segment.little(UInt64.self, at: place) : nil
    }
    guard entry.columns.contains(.time) else { return nil }
    clock &+= UInt64(segment.little(UInt32.self, at: place + 16))
    return clock
  }

  private func sourceLine(_ entry: RecordClass) throws(TraceError) -> UInt64? {
    guard layout == .bytes32 else { return nil }
    if let extra { lastLine = extra.line }
    lastLine &+= UInt64(segment[place + 31])
    return entry.columns.contains(.line) ? lastLine : nil
  }
}
