/// A window of addresses as the naive model reads it.
public struct NaiveRegion: Equatable, Sendable {
  public var name: String
  public var base: UInt64
  /// Bytes.
  public var size: UInt64
  /// `bar`, `ecam` or `platform`.
  public var kind: String
  /// Stage-1 MAIR byte from the map.
  public var stage1: UInt8?
  /// The mapping carries VM_ALLOW_ANY_UNCACHED.
  public var vfio: Bool

  public init(
    _ name: String, base: UInt64, size: UInt64, kind: String = "bar", stage1: UInt8? = nil,
    vfio: Bool? = nil
  ) {
    self.name = name
    self.base = base
    self.size = size
    self.kind = kind
    self.stage1 = stage1
    self.vfio = vfio ?? (kind == "bar")
  }

  public func contains(_ address: UInt64) -> Bool {
    address >= base && address - base < size
  }
}
