extension MemoryAttributes {
  /// The byte that PAR_EL1.ATTR would report (Arm ARM DDI 0487, EncodePARAttrs).
  ///
  /// XS=0 has an encoding only for Device, for NC in both halves, and for write-through in both
  /// halves with a read-allocate, non-transient outer half: that one reports 0xa0 whatever the
  /// inner hints are.
  public var parByte: UInt8 {
    switch kind {
    case .device(let type): return type.rawValue << 2 | (xs ? 0 : 1)
    case .normal(let inner, let outer):
      if tagged { return 0xf0 }
      if !xs {
        switch (outer.policy, inner.policy) {
        case (.nonCacheable, .nonCacheable): return 0x40
        case (.writeThrough, .writeThrough)
        where outer == CacheAttributes(.writeThrough, readAllocate: true):
          return 0xa0
        default: break
        }
      }
      return outer.nibble << 4 | inner.nibble
    }
  }
}

extension CacheAttributes {
  /// The half as a nibble of a MAIR attribute.
  var nibble: UInt8 {
    guard policy != .nonCacheable else { return 0b0100 }
    var bits: UInt8 = policy == .writeBack ? 4 : 0
    if !transient { bits |= 8 }
    if readAllocate { bits |= 2 }
    if writeAllocate { bits |= 1 }
    return bits
  }
}
