import TraceCore

/// Which bytes of a function's configuration space are replaced, and by what.
///
/// Replaced, byte by byte: vendor, device and subsystem IDs, revision and programming interface
/// (registers 0x00 to 0x03, 0x08, 0x09 and 0x2c to 0x2f; PCI Local Bus 3.0, section 6.1), a bridge's
/// windows (0x1c, 0x1d and 0x20 to 0x33), and what ``CapabilityWatch`` finds; and in BARs (0x10 to
/// 0x27) addresses: of a region that moved by where it is now, others by 20 other upper bits. The
/// bytes 0x00, 0x01 and 0xff stand for themselves: vendor 0x0001 says that a function is not ready
/// (PCIe Base 5.0, section 2.3.1), 0xffff that it does not answer. Kept: class, header type, command,
/// status, bus numbers, sizes of BARs, and other capabilities, since resets and whom they hit are
/// recognised in them.
struct ConfigReplacement {
  private let values: KeyedPermutation
  private var watch = CapabilityWatch()
  /// Low double word of each moved region's base, and of its new one.
  private var lows: [UInt32: UInt32] = [:]
  /// Function and register of the upper half of a 64-bit BAR: what it held and holds.
  private var highs: [UInt64: (old: UInt32, new: UInt32)] = [:]

  init(_ values: KeyedPermutation, _ regions: [Region], _ moves: [UInt64]) {
    self.values = values
    for (region, move) in zip(regions, moves) where region.kind == .bar && move != 0 {
      let moved = region.base &+ move
      lows[UInt32(truncatingIfNeeded: region.base)] = UInt32(truncatingIfNeeded: moved)
      guard let function = region.function, let bar = region.bar else { continue }
      highs[Self.key(function.rawValue, 0x14 + 4 * bar)] = (
        UInt32(region.base >> 32), UInt32(moved >> 32)
      )
    }
  }

  private static func key(_ function: UInt32, _ register: Int) -> UInt64 {
    UInt64(function) << 16 | UInt64(register)
  }

  /// Takes in what registers hold, without replacing it; see ``CapabilityWatch``.
  mutating func note(_ bytes: ArraySlice<UInt8>, register: Int, function: UInt32) {
    watch.note(bytes, register: register, function: function)
  }

  /// Replaces the bytes of an access to a register.
  ///
  /// - Parameters:
  ///   - bytes: What was read or written.
  ///   - register: First register.
  ///   - function: As ``PCIFunction/rawValue``, with its segment.
  ///   - isWrite: They were written: a write to Command and Status, which clears nothing of Status,
  ///     does not say that the function has no list.
  mutating func replace(
    _ bytes: inout ArraySlice<UInt8>, register: Int, function: UInt32, isWrite: Bool = false
  ) {
    if !isWrite { watch.note(bytes, register: register, function: function) }
    for index in bytes.indices
    where isIdentity(register + (index - bytes.startIndex), function) && bytes[index] != 1 {
      var byte = bytes[index]
      repeat { byte = UInt8(values.replace(UInt64(byte), bits: 8)) } while byte == 1
      bytes[index] = byte
    }
    let bars = 0x10..<(watch.isBridge(function) ? 0x18 : 0x28)
    guard register & 3 == 0, bytes.count >= 4, bars.contains(register) else { return }
    let start = bytes.startIndex
    let word = bytes.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let upper = highs[Self.key(function, register)]
    var new = word
    if let upper, upper.old == word, word != 0 {
      new = upper.new
    } else if word & ~15 != 0, let low = lows[word & ~15] {
      new = low | word & 15
    } else if !Self.isSize(word) {
      new = UInt32(truncatingIfNeeded: values.replace(UInt64(word >> 12), bits: 20)) << 12
      new |= word & 0xfff
    }
    for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: new >> UInt32(8 * byte)) }
  }

  /// What a BAR answers when it is asked for its size: ones down to some bit (PCIe Base 5.0, section
  /// 7.5.1.2.1); and the addresses that look like one.
  private static func isSize(_ word: UInt32) -> Bool {
    let rest = ~(word & ~15)
    return rest & (rest &+ 1) == 0
  }

  private func isIdentity(_ register: Int, _ function: UInt32) -> Bool {
    switch register {
    case 0x00...0x03, 0x08, 0x09, 0x2c...0x2f: true
    case 0x1c, 0x1d, 0x20...0x33: watch.isBridge(function)
    case 0x40...: watch.names(register, of: function)
    default: false
    }
  }
}
