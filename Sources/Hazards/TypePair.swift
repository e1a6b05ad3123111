public import ArmMemory

/// Two memory types of one granule, packed into a field of an ``Incident``.
public struct TypePair: Equatable, Sendable {
  public var before: MemoryType
  public var after: MemoryType
  /// The two uses are those of two vCPUs.
  public var crosses: Bool

  public init(before: MemoryType, after: MemoryType, crosses: Bool) {
    self.before = before
    self.after = after
    self.crosses = crosses
  }

  /// Type of the later use 7:0, of the earlier one 15:8, whether two vCPUs 16.
  public var rawValue: UInt64 {
    UInt64(after.rawValue) | UInt64(before.rawValue) << 8 | (crosses ? 1 << 16 : 0)
  }

  /// Decodes ``rawValue``; nil where it names no types.
  public init?(rawValue: UInt64) {
    guard let after = MemoryType(rawValue: UInt8(rawValue & 0xff)),
      let before = MemoryType(rawValue: UInt8(rawValue >> 8 & 0xff))
    else { return nil }
    self.init(before: before, after: after, crosses: rawValue >> 16 & 1 == 1)
  }
}
