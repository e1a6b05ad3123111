extension MemoryAttributes {
  /// Decodes a stage-1 MAIR attribute byte; nil for the 20 reserved encodings.
  ///
  /// FEAT_XS and FEAT_MTE2 are taken as present (Arm ARM DDI 0487, MAIR_EL1.Attr and
  /// S1DecodeMemAttrs).
  ///
  /// - Parameter mair: The attribute byte.
  public init?(mair: UInt8) {
    let (outer, inner) = (mair >> 4, mair & 15)
    switch (outer, inner) {
    case (0, _):
      guard inner & 2 == 0, let type = DeviceType(rawValue: inner >> 2) else { return nil }
      self.init(.device(type), xs: inner & 1 == 0)
    case (0x4, 0):
      self.init(.normal(inner: .nonCacheable, outer: .nonCacheable), xs: false)
    case (0xa, 0):
      let half = CacheAttributes(.writeThrough, readAllocate: true)
      self.init(.normal(inner: half, outer: half), xs: false)
    case (0xf, 0):
      self.init(
        .normal(inner: .writeBackAllocate, outer: .writeBackAllocate), xs: false, tagged: true)
    case (_, 0):
      return nil
    default:
      let halves = (CacheAttributes(nibble: inner), CacheAttributes(nibble: outer))
      let allWriteBack = halves.0.policy == .writeBack && halves.1.policy == .writeBack
      self.init(.normal(inner: halves.0, outer: halves.1), xs: !allWriteBack)
    }
  }
}

extension CacheAttributes {
  /// Decodes one nibble of a Normal attribute (Arm ARM DDI 0487, DecodeLDFAttr).
  ///
  /// - Parameter nibble: 1 to 15; 0 has no meaning on its own.
  init(nibble: UInt8) {
    if nibble == 0b0100 {
      self = .nonCacheable
      return
    }
    let hints = nibble & 3
    self.init(
      nibble & 4 == 0 ? .writeThrough : .writeBack, readAllocate: hints & 2 != 0,
      writeAllocate: hints & 1 != 0, transient: nibble & 8 == 0 && hints != 0)
  }
}
