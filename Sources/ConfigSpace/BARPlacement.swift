/// Where a BAR's double word points, over sizing and resets.
struct BARPlacement: Equatable {
  /// Address bits known.
  private(set) var mask: UInt32 = 0
  private(set) var value: UInt32 = 0
  /// All ones were written, and no place since.
  private var isSizing = false
  /// Bits 3:0 describe the BAR and cannot be written.
  static let addressBits: UInt32 = 0xffff_fff0

  /// A write of all ones to a whole BAR asks for its size.
  static func isSizing(_ write: RegisterWrite) -> Bool {
    write.mask == .max && write.value & addressBits == addressBits
  }

  /// The write leaves the BAR where it is known to be.
  func isUnchanged(by write: RegisterWrite) -> Bool {
    let bits = write.mask & Self.addressBits
    return mask & bits == bits && (value ^ write.value) & bits == 0
  }

  mutating func write(_ write: RegisterWrite) {
    isSizing = Self.isSizing(write)
    guard !isSizing else { return }
    value = value & ~write.mask | write.value & write.mask
    mask |= write.mask
  }

  /// A read tells the place only where nothing else has: after sizing it returns the size, after a
  /// reset zero.
  ///
  /// - Parameters:
  ///   - read: What it returned.
  ///   - isReset: The function was reset, so that zero is no place.
  mutating func learn(_ read: UInt32, isReset: Bool) {
    guard mask == 0, !isSizing, read != 0 || !isReset else { return }
    value = read
    mask = .max
  }
}
