import TraceCore

/// What the cells of a row must have in common with its operation.
extension CSVRow {
  /// The place of a load or store, after a look at all of its cells.
  @inline(__always)
  func checkedAccess() throws(LineFault) -> (address: UInt64, size: UInt8) {
    guard let address else { throw LineFault(in: .address, "an address in column addr") }
    guard let size, size >= 1, size <= 64 else {
      throw LineFault(.outOfRange, in: .size, "a size from 1 to 64 bytes in column size")
    }
    guard !address.addingReportingOverflow(size).overflow else {
      throw LineFault(.outOfRange, in: .address, "an access that ends below 2^64 in column addr")
    }
    try checkValue(size)
    guard kind < 0 else {
      throw LineFault(in: .kind, "an empty cell: loads and stores have no kind")
    }
    if !flags.isEmpty { try checkFlags(size) }
    return (address, UInt8(truncatingIfNeeded: size))
  }

  /// The value has no more bytes than the access.
  @inline(__always)
  private func checkValue(_ size: UInt64) throws(LineFault) {
    let isWide = UInt64(wideValue.count) > size
    if isWide || size < 8 && (value ?? 0) >> (8 * size) != 0 {
      throw LineFault(.outOfRange, in: .value, "a value of at most the access's size")
    }
  }

  private func checkFlags(_ size: UInt64) throws(LineFault) {
    if operation == .store ? hasLoadFlag : hasStoreFlag {
      throw LineFault(in: .flags, "rel and st64b on stores, acq and ld64b on loads only")
    }
    guard !flags.contains(.single64) || size == 64 else {
      throw LineFault(in: .size, "64 bytes for st64b and ld64b in column size")
    }
  }

  /// The register and size of a config access, after a look at all of its cells.
  func checkedConfig() throws(LineFault) -> (register: UInt64, size: UInt8) {
    guard let address, address < 4096 else {
      throw LineFault(.outOfRange, in: .address, "a config register below 0x1000 in column addr")
    }
    guard let size, size == 1 || size == 2 || size == 4, address + size <= 4096 else {
      throw LineFault(.outOfRange, in: .size, "a size of 1, 2 or 4 bytes in column size")
    }
    guard function >= 0 else {
      throw LineFault(in: .function, "the function of a config access in column bdf")
    }
    try checkValue(size)
    guard kind < 0 else {
      throw LineFault(in: .kind, "an empty cell in column kind: config accesses have none")
    }
    try checkNoAccess()
    return (address, UInt8(truncatingIfNeeded: size))
  }

  /// Only loads and stores have flags and a memory type.
  private func checkNoAccess() throws(LineFault) {
    guard flags.isEmpty else { throw LineFault(in: .flags, "no flags on what is no load or store") }
    guard attribute == nil else {
      throw LineFault(in: .attribute, "no attr on what is no load or store")
    }
  }

  /// Barriers, resets, marks and losses have no address and no size; the number lost is a value, or
  /// else a size.
  func checkNotice() throws(LineFault) {
    guard address ?? 0 == 0 else {
      throw LineFault(in: .address, "an empty cell in column addr: the event has no place")
    }
    guard size ?? 0 == 0 || operation == .lost && value == nil else {
      throw LineFault(in: .size, "an empty cell in column size: the event is no access")
    }
    guard operation == .lost || value == nil else {
      throw LineFault(in: .value, "an empty cell in column value: the event is no access")
    }
    guard operation != .lost || kind < 0 else {
      throw LineFault(in: .kind, "an empty cell in column kind: losses have none")
    }
    try checkNoAccess()
  }
}
