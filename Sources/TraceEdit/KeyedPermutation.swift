/// Replaces numbers one to one under a key: a Feistel network (Luby and Rackoff 1988) of eight
/// rounds.
///
/// Zero and all ones stand for themselves, since a model may look for them: a device that is gone
/// reads as all ones. The round function is a mixer, no cipher: it hides what registers held
/// from a reader, not from an attacker who knows parts of it.
struct KeyedPermutation {
  private let keys: [UInt64]

  init(seed: UInt64) {
    var state = seed
    keys = (0..<8).map { _ in splitMix(&state) }
  }

  /// The number that stands for `value`, of as many bits.
  ///
  /// - Parameters:
  ///   - value: Below 2^bits.
  ///   - bits: 8 to 64, even.
  /// - Returns: A number below 2^bits.
  func replace(_ value: UInt64, bits: Int) -> UInt64 {
    let ones: UInt64 = bits == 64 ? .max : 1 << UInt64(bits) - 1
    guard value != 0, value != ones else { return value }
    // Walking the cycle on keeps it one to one around the two fixed numbers.
    var result = value
    repeat { result = permute(result, bits: bits) } while result == 0 || result == ones
    return result
  }

  private func permute(_ value: UInt64, bits: Int) -> UInt64 {
    let half = UInt64(bits / 2)
    let mask: UInt64 = 1 << half - 1
    var (left, right) = (value >> half, value & mask)
    for key in keys {
      var state = right ^ key ^ UInt64(bits) << 56
      (left, right) = (right, left ^ (splitMix(&state) & mask))
    }
    return left << half | right
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
func splitMix(_ state: inout UInt64) -> UInt64 {
  state &+= 0x9e37_79b9_7f4a_7c15
  var mixed = state
  mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
  mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
  return mixed ^ mixed >> 31
}
