import TraceCore

/// What an A64 instruction word orders (Arm ARM DDI 0487, C4.1 and C6.2).
enum A64Ordering: Equatable {
  case barrier(Barrier)
  /// A load or store: acquire, release, both, or the single-copy atomic 64 bytes.
  case access(AccessFlags)
  /// SB, SSBB or PSSBB: they hold speculation, and order no accesses for the model.
  case speculationBarrier
  case none

  init(_ word: UInt32) {
    self =
      Self.barrierWord(word) ?? Self.exclusiveOrOrdered(word) ?? Self.atomic(word)
      ?? Self.unscaledOrdered(word) ?? Self.consistent(word) ?? .none
  }

  /// LDAPR, LDAPUR, LDIAPP or LDAP1, which a store-release before it need not come before.
  static func isProcessorConsistent(_ word: UInt32) -> Bool {
    let isRegister = word & 0x3fff_fc00 == 0x38bf_c000
    let isUnscaled = word & 0x3f20_0c00 == 0x1900_0000 && word >> 22 & 3 != 0
    return isRegister || isUnscaled || consistent(word) == .access(.acquire)
  }

  /// The group "Barriers", and DGH, which is HINT #6.
  private static func barrierWord(_ word: UInt32) -> Self? {
    if word == 0xd503_20df { return .barrier(Barrier(.dgh)) }
    guard word & 0xffff_f01f == 0xd503_301f else { return nil }
    let option = word >> 8 & 15
    switch word >> 5 & 7 {
    case 1:
      // The nXS forms of DSB: options 0b0010, 0b0110, 0b1010, 0b1110.
      return option & 3 == 2 ? .barrier(Barrier(.dsbSY, domain(option))) : Self.none
    case 4:
      // Options 0 and 4 are SSBB and PSSBB.
      if option == 0 || option == 4 { return .speculationBarrier }
      return .barrier(Barrier(kind(option, .dsbSY, .dsbST, .dsbLD), domain(option)))
    case 5:
      return .barrier(Barrier(kind(option, .dmbSY, .dmbST, .dmbLD), domain(option)))
    case 6: return .barrier(Barrier(.isb))
    case 7: return .speculationBarrier
    default: return nil
    }
  }

  /// CRm 1:0 is the access type; 0 is reserved and behaves as the full one.
  private static func kind(
    _ option: UInt32, _ full: Barrier.Kind, _ stores: Barrier.Kind, _ loads: Barrier.Kind
  ) -> Barrier.Kind {
    switch option & 3 {
    case 1: loads
    case 2: stores
    default: full
    }
  }

  /// CRm 3:2 is the domain; with a reserved access type it is the full system.
  private static func domain(_ option: UInt32) -> Barrier.Domain {
    if option & 3 == 0 { return .unspecified }
    switch option >> 2 {
    case 0: return .outerShareable
    case 1: return .nonShareable
    case 2: return .innerShareable
    default: return .unspecified
    }
  }

  /// Exclusives, LDAR and STLR and their LORegion forms, compare and swap.
  private static func exclusiveOrOrdered(_ word: UInt32) -> Self? {
    guard word >> 24 & 0x3f == 0x08 else { return nil }
    let (o2, isLoad) = (word >> 23 & 1 == 1, word >> 22 & 1 == 1)
    let (o1, o0) = (word >> 21 & 1 == 1, word >> 15 & 1 == 1)
    if o2, !o1 { return .access(isLoad ? .acquire : .release) }
    if o1, o2 || word >> 31 == 0 { return flags(acquire: isLoad, release: o0) }
    return o0 ? .access(isLoad ? .acquire : .release) : Self.none
  }

  /// LSE atomics, LDAPR, and LD64B and ST64B, which lie in their encoding space.
  private static func atomic(_ word: UInt32) -> Self? {
    guard word >> 24 & 0x3f == 0x38, word >> 21 & 1 == 1, word >> 10 & 3 == 0 else { return nil }
    let (acquire, release) = (word >> 23 & 1 == 1, word >> 22 & 1 == 1)
    let (o3, operation) = (word >> 15 & 1 == 1, word >> 12 & 7)
    if o3, !acquire, !release, word >> 30 == 3 {
      // ST64B is opc 001, LD64B 101; ST64BV 011 and ST64BV0 010 return a status.
      if [1, 2, 3, 5].contains(operation) { return .access(.single64) }
    }
    if o3, operation == 4, acquire, !release { return .access(.acquire) }
    // With the zero register as destination it is a store: no acquire (C6.2 "LDADD").
    return flags(acquire: acquire && word & 31 != 31, release: release)
  }

  /// LDAPUR and STLUR.
  private static func unscaledOrdered(_ word: UInt32) -> Self? {
    guard word >> 24 & 0x3f == 0x19, word >> 21 & 1 == 0, word >> 10 & 3 == 0 else { return nil }
    return .access(word >> 22 & 3 == 0 ? .release : .acquire)
  }

  /// FEAT_LRCPC3: STILP and LDIAPP, STLR before and LDAPR after which the address moves, and of vector
  /// registers STLUR, LDAPUR, STL1 and LDAP1.
  private static func consistent(_ word: UInt32) -> Self? {
    let isPairOrIndexed = word & 0xbf20_0c00 == 0x9900_0800
    let isVectorUnscaled = word & 0x3f20_0c00 == 0x1d00_0800
    let isVectorLane = word & 0xbfbf_fc00 == 0x0d01_8400
    guard isPairOrIndexed || isVectorUnscaled || isVectorLane else { return nil }
    // Bit 22 tells a load.
    return .access(word >> 22 & 1 == 1 ? .acquire : .release)
  }

  private static func flags(acquire: Bool, release: Bool) -> Self {
    var flags: AccessFlags = []
    if acquire { flags.insert(.acquire) }
    if release { flags.insert(.release) }
    return flags.isEmpty ? Self.none : .access(flags)
  }
}
