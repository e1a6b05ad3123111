import TraceCore

/// Rows become records.
extension CSVParser {
  @inline(__always)
  mutating func append(
    _ lineNumber: UInt64, _ builder: inout BlockAppender
  ) throws(LineFault) {
    let line = row.sourceLine ?? (namesLines ? nil : lineNumber)
    if row.operation.isAccess {
      try appendAccess(line, &builder)
    } else {
      try appendOther(line, &builder)
    }
  }

  @inline(never)
  private mutating func appendOther(
    _ line: UInt64?, _ builder: inout BlockAppender
  ) throws(LineFault) {
    switch row.operation {
    case .configRead, .configWrite: try appendConfig(line, &builder)
    case .barrier: try appendBarrier(line, &builder)
    default: try appendNotice(line, &builder)
    }
  }

  @inline(__always)
  private mutating func appendAccess(
    _ line: UInt64?, _ builder: inout BlockAppender
  ) throws(LineFault) {
    let (address, size) = try row.checkedAccess()
    let found =
      row.region < 0
      ? resolver.region(at: address, &counters) : namedRegion(address, size, .bar)
    guard let region = found else {
      throw LineFault(.outOfRange, in: .region, "a number of regions below 65520")
    }
    if row.function >= 0, functions[row.function] != context.regions[region].function {
      counters[.functionNotKept] += 1
    }
    var entry = RecordClass(
      row.operation, size: size, vcpu: row.vcpu, flags: row.flags, attribute: row.attribute,
      region: region)
    if resolver.kinds[region.index] == .ecam { entry.columns = [.configValue] }
    holdsAttributes = holdsAttributes || row.attribute != nil
    push(entry, address, line, &builder)
  }

  @inline(__always)
  private func push(
    _ entry: RecordClass, _ address: UInt64, _ line: UInt64?, _ builder: inout BlockAppender
  ) {
    guard row.wideValue.isEmpty else {
      let padding = repeatElement(UInt8(0), count: Int(entry.size) - row.wideValue.count)
      builder.append(
        entry, address: address, time: row.time, wideValue: row.wideValue + padding,
        codeAddress: row.codeAddress, line: line)
      return
    }
    builder.append(
      entry, address: address, time: row.time, value: row.value, codeAddress: row.codeAddress,
      line: line)
  }

  @inline(__always)
  mutating func namedRegion(
    _ address: UInt64, _ size: UInt8, _ kind: Region.Kind
  ) -> RegionID? {
    if let known = resolver.knownRegion(named: row.region, address: address, size: size) {
      return known
    }
    ownsRegions = true
    // The text is made at first sight only.
    let (names, number) = (regionNames, row.region)
    // Whose BAR it is; config space is of many.
    let function = kind == .bar && row.function >= 0 ? functions[row.function] : nil
    return resolver.region(
      named: number, owner: 0, address: address, size: size, &counters
    ) {
      Region(
        name: names.text(number), base: 0, size: 0, kind: kind, function: function,
        origin: .capture)
    }
  }

  private mutating func appendConfig(
    _ line: UInt64?, _ builder: inout BlockAppender
  ) throws(LineFault) {
    let (register, size) = try row.checkedConfig()
    let region = row.region < 0 ? resolver.configRegion() : namedRegion(register, 0, .config)
    let entry = RecordClass(
      row.operation, size: size, vcpu: row.vcpu, region: region,
      function: functions[row.function], columns: [.configValue])
    push(entry, register, line, &builder)
  }

  private mutating func appendBarrier(
    _ line: UInt64?, _ builder: inout BlockAppender
  ) throws(LineFault) {
    guard row.kind >= 0, let barrier = barriers[row.kind] else {
      throw LineFault(
        in: .kind,
        "a barrier such as dmb.sy, dmb.st.osh, dsb.ld, isb, dgh, acq or rel in column kind")
    }
    try row.checkNotice()
    countPlace()
    if row.function >= 0 { counters[.functionNotKept] += 1 }
    holdsBarriers = true
    builder.append(
      RecordClass(.barrier, vcpu: row.vcpu, barrier: barrier), time: row.time,
      codeAddress: row.codeAddress, line: line)
  }

  /// Resets, marks and losses; the number lost is the value, or else the size.
  private mutating func appendNotice(
    _ line: UInt64?, _ builder: inout BlockAppender
  ) throws(LineFault) {
    try row.checkNotice()
    var entry = RecordClass(row.operation, vcpu: row.vcpu)
    var lost: UInt64?
    if row.operation == .lost {
      guard row.wideValue.isEmpty else {
        throw LineFault(.outOfRange, in: .value, "a number of lost events in column value")
      }
      lost = row.value ?? row.size
    } else {
      entry.text = try text()
    }
    if row.function >= 0 { entry.function = functions[row.function] }
    // Of a capture that reports a function's resets among its config accesses.
    if row.operation == .reset {
      if row.region >= 0 { entry.region = namedRegion(0, 0, .config) }
    } else {
      countPlace()
    }
    builder.append(
      entry, time: row.time, value: lost, codeAddress: row.codeAddress, line: line)
  }

  /// A script may fill the cells that say where in every row.
  private mutating func countPlace() {
    if row.region >= 0 { counters[.regionNotKept] += 1 }
  }

  private mutating func text() throws(LineFault) -> UInt32 {
    guard row.kind >= 0 else {
      throw LineFault(in: .kind, "the name of a reset or mark in column kind")
    }
    if let known = texts[row.kind] { return known }
    guard let number = context.intern(kinds.text(row.kind)) else {
      throw LineFault(.outOfRange, in: .kind, "a number of different texts")
    }
    texts[row.kind] = number
    return number
  }
}
