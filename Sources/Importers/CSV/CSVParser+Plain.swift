import TraceCore

/// Plain rows become records.
extension CSVParser {
  var lexer: CSVLexer? { columns.isEmpty ? nil : CSVLexer(columns: columns) }

  @inline(__always)
  mutating func resolve(
    _ row: PlainRow, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) -> Bool {
    let line = row.has(.sourceLine) ? row.sourceLine : line
    guard row.operation != .barrier else {
      return resolveBarrier(row.text, row.shape, row.time, row.code, line, bytes, &builder)
    }
    if row.has(.region) {
      if !isKnown(row.shape, row.address, row.text, row.textWord, bytes) {
        guard find(row.shape, row.address, row.text, row.textWord, bytes) else { return false }
      }
    } else {
      guard let region = resolver.region(at: row.address, &counters) else { return false }
      classify(row.shape, region)
    }
    builder.append(
      plainClass.packed, address: row.address, time: row.time, value: row.value,
      codeAddress: row.code, line: line)
    return true
  }

  /// The class used last is that of a row.
  @inline(__always)
  private func isKnown(
    _ shape: PlainRow.Shape, _ address: UInt64, _ text: TextPlace, _ textWord: UInt64,
    _ bytes: Span<UInt8>
  ) -> Bool {
    plainClass.isClass(of: shape, address, textWord, text.count)
      && (text.count <= 8 || regionNames.isText(plainClass.name, text.range, in: bytes))
  }

  // What is seldom needed takes no row, so that none has to be in memory for it.

  /// Makes the class of a row with a region's name the one used last.
  ///
  /// - Returns: false where there are too many regions.
  @inline(never)
  private mutating func find(
    _ shape: PlainRow.Shape, _ address: UInt64, _ text: TextPlace, _ textWord: UInt64,
    _ bytes: Span<UInt8>
  ) -> Bool {
    // Of the rows that a vCPU has between those of others, most have a class of late.
    plainClasses[plainClass.shape.slot] = plainClass
    plainClass = plainClasses[shape.slot]
    if isKnown(shape, address, text, textWord, bytes) { return true }
    guard let name = regionNames.index(of: text.range, start: textWord, in: bytes) else {
      return false
    }
    row.region = name
    guard let region = namedRegion(address, shape.size, .bar) else { return false }
    classify(shape, region)
    if let window = resolver.window(named: name) {
      plainClass.extend(to: window, name: name, textWord, text.count)
    }
    return true
  }

  @inline(__always)
  private mutating func classify(_ shape: PlainRow.Shape, _ region: RegionID) {
    if plainClass.shape != shape || plainClass.region != region {
      plainClass = PlainClass(shape, region, pack(shape, region))
    }
  }

  @inline(never)
  private mutating func pack(_ shape: PlainRow.Shape, _ region: RegionID) -> PackedClass {
    if shape.has(.attribute) { holdsAttributes = true }
    var entry = RecordClass(
      shape.operation, size: shape.size, vcpu: shape.vcpu, attribute: shape.attribute,
      region: region)
    if resolver.kinds[region.index] == .ecam { entry.columns = [.configValue] }
    return PackedClass(
      entry, time: shape.has(.time), value: shape.has(.value), codeAddress: shape.has(.code),
      line: shape.has(.sourceLine) || !namesLines)
  }

  @inline(never)
  private mutating func resolveBarrier(
    _ text: TextPlace, _ shape: PlainRow.Shape, _ time: UInt64, _ code: UInt64, _ line: UInt64,
    _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) -> Bool {
    // A kind seen for the first time is the long way's.
    guard let kind = kinds.known(text.range, in: bytes), let barrier = barriers[kind] else {
      return false
    }
    holdsBarriers = true
    builder.append(
      RecordClass(.barrier, vcpu: shape.vcpu, barrier: barrier),
      time: shape.has(.time) ? time : nil, codeAddress: shape.has(.code) ? code : nil,
      line: shape.has(.sourceLine) || !namesLines ? line : nil)
    return true
  }
}
