import TraceCore

/// Windows are masks whose bit 0 stands for an address that is a multiple of 8.
extension TLPSplitter {
  /// The window spans a 4 KiB boundary.
  static func crosses(_ window: UInt128, at base: UInt64) -> Bool {
    Int(base & 4095) + 128 - window.leadingZeroBitCount > 4096
  }

  /// Every byte between the first and the last enabled one is enabled.
  @inline(__always)
  static func isRun<Mask: FixedWidthInteger & UnsignedInteger>(_ mask: Mask) -> Bool {
    mask & (mask &+ (mask & (0 &- mask))) == 0
  }

  /// The enabled bytes are one naturally aligned block of this size, a power of two.
  static func isFullBlock(_ window: UInt128, at base: UInt64, bytes: Int) -> Bool {
    let first = base &+ UInt64(window.trailingZeroBitCount)
    return isRun(window) && window.nonzeroBitCount == bytes && first & UInt64(bytes - 1) == 0
  }

  /// The bytes leave as one TLP with no hole in it, seen without forming anything.
  ///
  /// May be false for such bytes; the slower way then finds the same.
  ///
  /// - Parameters:
  ///   - mask: Enabled bytes of the 64 from `address` on.
  ///   - address: Byte address of bit 0.
  ///   - lineBytes: Bytes of a full line.
  ///   - policy: How bytes are grouped.
  /// - Returns: false for an empty mask.
  @inline(__always)
  static func isOneTLP(
    _ mask: UInt64, at address: UInt64, lineBytes: Int, policy: SplitPolicy
  ) -> Bool {
    guard mask != 0, isRun(mask) else { return false }
    let zeros = mask.trailingZeroBitCount
    let length = 64 - mask.leadingZeroBitCount - zeros
    let first = Int(truncatingIfNeeded: (address &+ UInt64(zeros)) & 4095)
    switch policy {
    case .runs, .minimal:
      return first + length <= 4096
    case .aligned:
      return length & (length - 1) == 0 && first & (length - 1) == 0
    case .qword:
      return first & 7 + length <= 8 || length == lineBytes && first & (lineBytes - 1) == 0
    }
  }

  /// One TLP a contiguous byte run.
  mutating func formRuns(_ window: UInt128, shift: Int) {
    var rest = window
    while rest != 0 {
      let first = rest.trailingZeroBitCount
      let end = Self.runEnd(rest, from: first)
      emit(first: first, last: end - 1, shift: shift)
      rest = Self.clear(rest, below: end)
    }
  }

  /// Each run cut into naturally aligned power-of-two pieces, the largest that fits first.
  mutating func formAligned(_ window: UInt128, base: UInt64, shift: Int) {
    var rest = window
    while rest != 0 {
      var first = rest.trailingZeroBitCount
      let end = Self.runEnd(rest, from: first)
      while first < end {
        let alignment = min((base &+ UInt64(first)).trailingZeroBitCount, 7)
        let size = min(1 << alignment, Self.powerOfTwo(atMost: end - first))
        emit(first: first, last: first + size - 1, shift: shift)
        first += size
      }
      rest = Self.clear(rest, below: end)
    }
  }

  /// One TLP an aligned 8 bytes with an enabled byte.
  mutating func formQwords(_ window: UInt128, shift: Int) {
    var rest = window
    while rest != 0 {
      let qword = rest.trailingZeroBitCount & ~7
      let bytes = UInt8(truncatingIfNeeded: rest >> UInt128(qword))
      emit(
        first: qword + bytes.trailingZeroBitCount, last: qword + 7 - bytes.leadingZeroBitCount,
        payload: bytes.nonzeroBitCount, shift: shift)
      rest = Self.clear(rest, below: qword + 8)
    }
  }

  /// The fewest TLPs, then the fewest DWs, then the longest first.
  mutating func formMinimal(_ window: UInt128, shift: Int) {
    partition.solve(window)
    var rest = window
    while rest != 0 {
      let first = rest.trailingZeroBitCount
      let end = partition.end(ofGroupAt: first)
      let after = Self.clear(rest, below: end)
      let payload = rest.nonzeroBitCount - after.nonzeroBitCount
      emit(first: first, last: end - 1, payload: payload, shift: shift)
      rest = after
    }
  }

  /// First position at or after `position` whose byte is not enabled; the mask's width at most.
  @inline(__always)
  static func runEnd<Mask: FixedWidthInteger & UnsignedInteger>(
    _ window: Mask, from position: Int
  ) -> Int {
    position + (~(window &>> Mask(truncatingIfNeeded: position))).trailingZeroBitCount
  }

  /// The window without the bytes below a position, 0 to the mask's width.
  @inline(__always)
  static func clear<Mask: FixedWidthInteger & UnsignedInteger>(
    _ window: Mask, below position: Int
  ) -> Mask {
    position < Mask.bitWidth ? window & (Mask.max &<< Mask(truncatingIfNeeded: position)) : 0
  }

  static func powerOfTwo(atMost length: Int) -> Int {
    1 << (Int.bitWidth - 1 - length.leadingZeroBitCount)
  }
}
