/// A function's configuration space as far as the capture shows it.
struct ConfigBytes {
  static let size = 4096

  private struct Flags {
    static let known: UInt8 = 1
    /// The capability walk looked at this byte: a change means another walk.
    static let structural: UInt8 = 2
    /// A rule watches writes to this byte.
    static let watched: UInt8 = 4
    /// Lies in a capability that the walk found.
    static let attributed: UInt8 = 8
  }

  private var values = [UInt8](repeating: 0, count: size)
  private var flags = [UInt8](repeating: 0, count: size)
  /// A structural byte changed since the last walk.
  var needsWalk = true

  /// The byte, or nil where it is not known.
  subscript(register: Int) -> UInt8? {
    guard register >= 0, register < Self.size, flags[register] & Flags.known != 0
    else { return nil }
    return values[register]
  }

  /// A little-endian 16-bit register, nil unless both bytes are known.
  func word(_ register: Int) -> UInt16? {
    guard let low = self[register], let high = self[register + 1] else { return nil }
    return UInt16(low) | UInt16(high) << 8
  }

  /// One bit, counted from the register's first byte.
  func bit(_ register: Int, _ bit: Int) -> Bool? {
    self[register + bit / 8].map { $0 >> UInt8(bit & 7) & 1 == 1 }
  }

  mutating func set(_ register: Int, _ value: UInt8) {
    guard register >= 0, register < Self.size else { return }
    let flag = flags[register]
    if flag & Flags.known != 0, values[register] == value { return }
    values[register] = value
    flags[register] = flag | Flags.known
    if flag & Flags.structural != 0 { needsWalk = true }
  }

  mutating func forget(_ register: Int) {
    guard register >= 0, register < Self.size else { return }
    flags[register] &= ~Flags.known
  }

  /// Sets the bits under `mask` of a byte; a byte that is not known stays so unless all are set.
  mutating func merge(_ register: Int, _ value: UInt8, mask: UInt8) {
    guard mask != 0 else { return }
    if let old = self[register] {
      set(register, old & ~mask | value & mask)
    } else if mask == 0xff {
      set(register, value)
    }
  }

  /// The byte for the walk, which wants to hear of its changes.
  mutating func structural(_ register: Int) -> UInt8? {
    guard register >= 0, register < Self.size else { return nil }
    flags[register] |= Flags.structural
    return self[register]
  }

  mutating func clearMarks() {
    for index in flags.indices { flags[index] &= Flags.known }
  }

  mutating func watch(_ register: Int, count: Int) {
    for index in max(register, 0)..<min(register + count, Self.size) {
      flags[index] |= Flags.watched
    }
  }

  mutating func attribute(_ register: Int, count: Int) {
    for index in max(register, 0)..<min(register + count, Self.size) {
      flags[index] |= Flags.attributed
    }
  }

  /// A rule watches one of the bytes.
  func isWatched(_ range: Range<Int>) -> Bool {
    range.contains { flags[$0] & Flags.watched != 0 }
  }

  /// All bytes lie in capabilities that were found.
  func isAttributed(_ range: Range<Int>) -> Bool {
    range.allSatisfy { flags[$0] & Flags.attributed != 0 }
  }
}
