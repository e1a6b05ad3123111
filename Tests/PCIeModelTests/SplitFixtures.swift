import PCIeModel
import TestSupport

/// A mask with the given bytes enabled.
func mask(_ ranges: ClosedRange<Int>...) -> UInt128 {
  ranges.joined().reduce(0) { $0 | 1 << UInt128($1) }
}

/// Masks of every texture: dense and sparse noise, and runs of random lengths.
func patternedMask(bytes: Int, using random: inout SplitMix64) -> UInt128 {
  let noise = UInt128(random.next()) << 64 | UInt128(random.next())
  let more = UInt128(random.next()) << 64 | UInt128(random.next())
  let limit = bytes == 128 ? UInt128.max : (1 << UInt128(bytes)) - 1
  switch random.next() % 4 {
  case 0: return noise & limit
  case 1: return noise & more & limit
  case 2: return (noise | more) & limit
  default: return runs(bytes: bytes, using: &random)
  }
}

private func runs(bytes: Int, using random: inout SplitMix64) -> UInt128 {
  var result: UInt128 = 0
  var position = Int(random.next() % 9)
  while position < bytes {
    let end = min(position + 1 + Int(random.next() % 24), bytes)
    for byte in position..<end { result |= 1 << UInt128(byte) }
    position = end + 1 + Int(random.next() % 6)
  }
  return result
}

/// Absolute addresses of a mask's enabled bytes, ascending.
func addresses(of mask: UInt128, at address: UInt64) -> [UInt64] {
  (0..<128).filter { mask >> UInt128($0) & 1 == 1 }.map { address + UInt64($0) }
}

/// The bytes of each TLP: a split hands them out in address order and leaves none out.
func groups(_ shapes: [TLPShape], of bytes: [UInt64]) -> [[UInt64]] {
  var rest = bytes[...]
  return shapes.map { shape in
    defer { rest = rest.dropFirst(shape.payloadBytes) }
    return Array(rest.prefix(shape.payloadBytes))
  }
}

/// DWs from the first to the last byte of a group.
func dwords(_ group: [UInt64]) -> Int {
  guard let first = group.first, let last = group.last else { return 0 }
  return Int(last / 4 - first / 4) + 1
}

/// First and Last DW BE of a group, and whether all DWs between are fully enabled.
func enables(_ group: [UInt64]) -> (first: UInt8, last: UInt8, interiorFull: Bool) {
  let count = dwords(group)
  var fields = [UInt8](repeating: 0, count: count)
  for byte in group { fields[Int(byte / 4 - group[0] / 4)] |= 1 << UInt8(byte % 4) }
  let interior = fields.dropFirst().dropLast()
  return (fields[0], count == 1 ? 0 : fields[count - 1], interior.allSatisfy { $0 == 15 })
}

/// The byte-enable rules of PCI Express Base Specification 5.0, section 2.2.5, row by row.
func obeysByteEnableRules(_ group: [UInt64]) -> Bool {
  let count = dwords(group)
  let (first, last, interiorFull) = enables(group)
  if count == 1 { return first != 0 && last == 0 }
  let quadAligned = group[0] / 4 % 2 == 0
  if count == 2 && quadAligned { return first != 0 && last != 0 }
  return [0b1111, 0b1110, 0b1100, 0b1000].contains(first)
    && [0b0001, 0b0011, 0b0111, 0b1111].contains(last) && interiorFull
}
