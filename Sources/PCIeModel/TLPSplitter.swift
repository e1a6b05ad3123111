import TraceCore

/// Groups a line's enabled bytes into memory writes as a root complex does.
///
/// ``split(mask:address:lineBytes:)`` is called for every flushed line, so it allocates nothing:
/// full lines and single runs are answered directly, other patterns from a direct-mapped memo.
/// The result is read back by index and holds until the next call.
///
/// A TLP never crosses 4 KiB. Max_Payload_Size needs no care here: a mask spans at most 128
/// bytes from an address that is a multiple of 8, hence 32 DWs, and no link may be configured
/// to less than 128 bytes.
public struct TLPSplitter: ~Copyable {
  /// Lines the memo holds.
  static let slots = 256
  /// TLPs that a memoised line may have; 128 bytes on their natural alignment have at most 64.
  static let stride = 64

  public let policy: SplitPolicy
  /// TLPs of the last split.
  public private(set) var count = 0

  /// First element of the result in `shapes`.
  private var start = 0
  /// One stretch of `stride` a memo slot, then a scratch stretch for what is not memoised.
  private var shapes: FixedBuffer<TLPShape>
  private var keysLow: FixedBuffer<UInt64>
  private var keysHigh: FixedBuffer<UInt64>
  /// The line's place in its 128 bytes, shifted left by 8, and its number of TLPs; 0 is empty.
  private var tags: FixedBuffer<UInt16>
  var partition = MinimalPartition()

  public init(policy: SplitPolicy) {
    self.policy = policy
    // A pattern that starts at an odd address can need one TLP more than `stride`.
    let scratch = 2 * Self.stride
    shapes = FixedBuffer(
      repeating: TLPShape(offset: 0, payloadBytes: 0, dwords: 0),
      count: Self.slots * Self.stride + scratch)
    keysLow = FixedBuffer(repeating: 0, count: Self.slots)
    keysHigh = FixedBuffer(repeating: 0, count: Self.slots)
    tags = FixedBuffer(repeating: 0, count: Self.slots)
  }

  /// One TLP of the last split, in address order.
  ///
  /// - Precondition: `index` is less than ``count``.
  public subscript(index: Int) -> TLPShape {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such TLP in this split")
    return shapes[start + index]
  }

  /// The one TLP of a bus write that leaves as one, with no hole in it, seen at a glance.
  ///
  /// - Parameters:
  ///   - mask: Enabled bytes of the 64 from `address` on.
  ///   - address: As for ``split(mask:address:lineBytes:)``.
  ///   - lineBytes: As for ``split(mask:address:lineBytes:)``.
  /// - Returns: nil where ``split(mask:address:lineBytes:)`` must look closer.
  @inline(__always)
  public func oneTLP(mask: UInt64, address: UInt64, lineBytes: Int) -> TLPShape? {
    guard Self.isOneTLP(mask, at: address, lineBytes: lineBytes, policy: policy) else {
      return nil
    }
    let offset = mask.trailingZeroBitCount
    let length = 64 &- mask.leadingZeroBitCount &- offset
    // DWs that the bytes touch, counted from the DW that the first byte lies in.
    let skew = Int(truncatingIfNeeded: address &+ UInt64(truncatingIfNeeded: offset)) & 3
    return TLPShape(
      offset: offset, payloadBytes: length, dwords: (skew &+ length &+ 3) &>> 2)
  }

  /// Whether a bus write leaves as one TLP with no hole in it, which is then the same one under
  /// every policy of which this is true.
  ///
  /// - Parameters:
  ///   - mask: Enabled bytes of the 64 from `address` on.
  ///   - address: As for ``split(mask:address:lineBytes:)``.
  ///   - lineBytes: As for ``split(mask:address:lineBytes:)``.
  ///   - policy: How the root complex groups bytes.
  /// - Returns: false also where only ``split(mask:address:lineBytes:)`` can tell.
  public static func isOneTLP(
    mask: UInt64, address: UInt64, lineBytes: Int, policy: SplitPolicy
  ) -> Bool {
    isOneTLP(mask, at: address, lineBytes: lineBytes, policy: policy)
  }

  /// Splits one bus write.
  ///
  /// - Parameters:
  ///   - mask: Enabled bytes; bit 0 is the byte at `address`. The highest one lies at most 127
  ///     bytes above `address` rounded down to a multiple of 8, and below 2^64.
  ///   - address: Byte address of bit 0.
  ///   - lineBytes: Bytes of the naturally aligned block that `qword` sends as one TLP when it is
  ///     completely full: the line, or 64 for a single-copy 64-byte store; a power of two up to
  ///     128.
  /// - Returns: The number of TLPs, 0 for an empty mask; read them by subscript.
  @discardableResult
  public mutating func split(mask: UInt128, address: UInt64, lineBytes: Int) -> Int {
    begin()
    if mask >> 64 == 0,
      let shape = oneTLP(
        mask: UInt64(truncatingIfNeeded: mask), address: address, lineBytes: lineBytes)
    {
      shapes[start] = shape
      count = 1
      return 1
    }
    let shift = Int(address & 7)
    precondition(mask.leadingZeroBitCount >= shift, "the mask reaches beyond 128 bytes")
    guard mask != 0 else { return 0 }
    let window = mask &<< UInt128(shift)
    if policy == .qword, Self.isFullBlock(window, at: address & ~7, bytes: lineBytes) {
      emit(
        first: window.trailingZeroBitCount, last: 127 - window.leadingZeroBitCount, shift: shift)
      return 1
    }
    return lookUp(window, base: address & ~7, shift: shift)
  }

  /// Empties the result and lets it grow where nothing is kept.
  @inline(__always)
  private mutating func begin() {
    start = Self.slots * Self.stride
    count = 0
  }

  /// Takes the split from the memo, or forms it and, where it fits, keeps it there.
  private mutating func lookUp(_ window: UInt128, base: UInt64, shift: Int) -> Int {
    let low = UInt64(truncatingIfNeeded: window)
    let high = UInt64(truncatingIfNeeded: window >> 64)
    // Natural alignment beyond the span of the mask changes nothing. Offsets count from the
    // address as given, so its lowest three bits belong to the key as well.
    let place = UInt16(truncatingIfNeeded: base & (high == 0 ? 63 : 127)) | UInt16(shift)
    let hash = (low ^ (high &* 0x9e37_79b9_7f4a_7c15) &+ UInt64(place)) &* 0xd6e8_feb8_6659_fd93
    let slot = Int(truncatingIfNeeded: hash >> 56)
    let tag = tags[slot]
    let crosses = Self.crosses(window, at: base)
    if tag != 0, tag >> 8 == place, keysLow[slot] == low, keysHigh[slot] == high, !crosses {
      start = slot * Self.stride
      count = Int(tag & 0xff)
      return count
    }
    if crosses {
      let below = (UInt128(1) << UInt128(4096 - base & 4095)) - 1
      form(window & below, base: base, shift: shift)
      form(window & ~below, base: base, shift: shift)
      return count
    }
    form(window, base: base, shift: shift)
    guard count <= Self.stride else { return count }
    for index in 0..<count { shapes[slot * Self.stride + index] = shapes[start + index] }
    keysLow[slot] = low
    keysHigh[slot] = high
    tags[slot] = place << 8 | UInt16(count)
    return count
  }

  /// Applies the policy to bytes that lie within one 4 KiB page.
  private mutating func form(_ window: UInt128, base: UInt64, shift: Int) {
    switch policy {
    case .runs: formRuns(window, shift: shift)
    case .minimal: formMinimal(window, shift: shift)
    case .aligned: formAligned(window, base: base, shift: shift)
    case .qword: formQwords(window, shift: shift)
    }
  }

  /// Appends a TLP whose bytes are all enabled; positions count from the window's bit 0.
  @inline(__always)
  mutating func emit(first: Int, last: Int, shift: Int) {
    emit(first: first, last: last, payload: last - first + 1, shift: shift)
  }

  /// Appends a TLP.
  ///
  /// - Parameters:
  ///   - first: First enabled byte, from the window's bit 0.
  ///   - last: Last enabled byte.
  ///   - payload: Enabled bytes.
  ///   - shift: Bytes from the window's bit 0 to the address as given.
  @inline(__always)
  mutating func emit(first: Int, last: Int, payload: Int, shift: Int) {
    shapes[start + count] = TLPShape(
      offset: first - shift, payloadBytes: payload, dwords: last >> 2 - first >> 2 + 1)
    count += 1
  }

  /// The split as an array, for callers to whom speed does not matter.
  ///
  /// - Parameters:
  ///   - mask: As for ``split(mask:address:lineBytes:)``.
  ///   - address: Byte address of bit 0.
  ///   - lineBytes: As for ``split(mask:address:lineBytes:)``.
  ///   - policy: How the root complex groups bytes.
  /// - Returns: The TLPs in address order.
  public static func shapes(
    mask: UInt128, address: UInt64, lineBytes: Int, policy: SplitPolicy
  ) -> [TLPShape] {
    var splitter = TLPSplitter(policy: policy)
    splitter.split(mask: mask, address: address, lineBytes: lineBytes)
    return splitter.result
  }

  /// The last split as an array.
  public var result: [TLPShape] { (0..<count).map { shapes[start + $0] } }
}
