/// A `kvm_mmio` event (Linux `include/trace/events/kvm.h`).
struct KVMAccess {
  enum Kind {
    /// A read exits; the value is not known yet.
    case unsatisfiedRead
    case read, write
  }

  var kind: Kind
  /// Bytes, 1 to 64.
  var size: UInt8
  /// Guest physical address.
  var address: UInt64
  /// The first eight bytes.
  var value: UInt64
}

extension TextCursor {
  /// `mmio (unsatisfied-read|read|write) len DEC gpa 0xHEX val 0xHEX`.
  @inline(__always)
  mutating func kvmAccess(_ bytes: Span<UInt8>) throws(LineFault) -> KVMAccess {
    try takeWord("mmio", bytes)
    let kind: KVMAccess.Kind
    if skip("write ", bytes) {
      kind = .write
    } else if skip("read ", bytes) {
      kind = .read
    } else if skip("unsatisfied-read ", bytes) {
      kind = .unsatisfiedRead
    } else {
      throw LineFault(at: position, "read, write or unsatisfied-read")
    }
    try takeWord("len", bytes)
    let start = position
    let size = try decimal(bytes, "a length from 1 to 64 bytes", limit: 64)
    guard size > 0 else { throw LineFault(.outOfRange, at: start, "a length from 1 to 64 bytes") }
    try takeWord("gpa", bytes)
    let addressStart = position
    let address = try kernelHex(bytes, "a hexadecimal address with 0x")
    guard !address.addingReportingOverflow(size).overflow else {
      throw LineFault(.outOfRange, at: addressStart, "an access that ends below 2^64")
    }
    try takeWord("val", bytes)
    let value = try kernelHex(bytes, "a hexadecimal value with 0x")
    try takeEnd(bytes)
    return KVMAccess(
      kind: kind, size: UInt8(truncatingIfNeeded: size), address: address, value: value)
  }

  /// The vCPU whose thread has this name: `CPU 0/KVM` and no more (QEMU's `debug-threads=on`).
  @inline(__always)
  func kvmThread(_ bytes: Span<UInt8>) -> UInt16? {
    var name = self
    guard name.skip("CPU ", bytes),
      let number = try? name.decimal(bytes, "a vCPU", limit: 65_535),
      name.skip("/KVM", bytes), name.isAtEnd
    else { return nil }
    return UInt16(truncatingIfNeeded: number)
  }
}
