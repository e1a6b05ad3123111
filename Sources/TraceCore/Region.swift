/// Index of a region in its trace's ``RegionTable``.
public struct RegionID: Hashable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public var index: Int { Int(rawValue) }
}

/// A BAR or another window of MMIO.
public struct Region: Sendable, Equatable, Codable {
  /// What the window is.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A PCI base address register's window.
    case bar
    /// Memory-mapped configuration space; accesses are decoded into config accesses.
    case ecam
    /// Anything that is no PCI window (interrupt controller, UART): stays Device under KVM.
    case platform
    /// Not a window: collects config accesses that the capture reports as such.
    case config
  }

  /// Where the region's description comes from.
  public enum Origin: String, Sendable, Codable {
    /// The user's map.
    case map
    /// The capture itself (region set-up, BAR mapping, a name).
    case capture
    /// A window cut around an address that nothing describes.
    case inferred
  }

  public var name: String
  /// First address, in bytes.
  public var base: UInt64
  /// The capture tells offsets only, and ``base`` is the importer's choice; nil where it is not.
  public var isBaseAssumed: Bool?
  /// Bytes; 0 where unknown.
  public var size: UInt64
  /// ``base`` and ``size`` hold the accesses seen so far and no more; nil where something else
  /// gives them.
  public var isGrown: Bool?
  public var kind: Kind
  public var function: PCIFunction?
  /// How an ECAM window's addresses are decoded; nil = ``ConfigLayout/ecam``.
  public var configLayout: ConfigLayout?
  /// BAR number, 0 to 5.
  public var bar: Int?
  public var prefetchable: Bool?
  /// The BAR is 64 bits wide.
  public var is64Bit: Bool?
  /// Stage-1 MAIR attribute byte from the map.
  public var stage1: UInt8?
  /// The mapping carries VM_ALLOW_ANY_UNCACHED, so KVM may give it Normal-NC at stage 2.
  public var vfioEligible: Bool
  /// Registers whose reads or writes have side effects; offsets from ``base``.
  public var sideEffects: [ClosedRange<UInt64>]
  public var origin: Origin
  /// Registers that the map names, by offset, without overlaps; nil where it names none.
  public var registers: [Register]?

  /// A named range of a region.
  public struct Register: Sendable, Equatable, Codable {
    public var name: String
    /// First byte, from the region's base.
    public var offset: UInt64
    /// Bytes; 1 or more.
    public var size: UInt64

    public init(name: String, offset: UInt64, size: UInt64) {
      self.name = name
      self.offset = offset
      self.size = size
    }
  }

  public init(
    name: String, base: UInt64, size: UInt64, kind: Kind = .bar, function: PCIFunction? = nil,
    bar: Int? = nil, prefetchable: Bool? = nil, is64Bit: Bool? = nil, stage1: UInt8? = nil,
    vfioEligible: Bool? = nil, sideEffects: [ClosedRange<UInt64>] = [], origin: Origin,
    configLayout: ConfigLayout? = nil
  ) {
    self.name = name
    self.base = base
    self.size = size
    self.kind = kind
    self.function = function
    self.bar = bar
    self.prefetchable = prefetchable
    self.is64Bit = is64Bit
    self.stage1 = stage1
    self.vfioEligible = vfioEligible ?? (kind == .bar)
    self.sideEffects = sideEffects
    self.origin = origin
    self.configLayout = configLayout
  }

  /// The address lies inside; never true for a region of unknown size.
  public func contains(_ address: UInt64) -> Bool {
    address >= base && address - base < size
  }

  /// Its addresses up to the last there is; nil for a region of unknown size.
  public var addresses: ClosedRange<UInt64>? {
    guard size > 0 else { return nil }
    let (last, isOver) = base.addingReportingOverflow(size - 1)
    return base...(isOver ? .max : last)
  }

  /// The two have an address in common; never true for a region of unknown size.
  public func overlaps(_ other: Region) -> Bool {
    guard size > 0, other.size > 0 else { return false }
    return contains(other.base) || other.contains(base)
  }

  /// The least window that holds this one and another; the other one where this is of unknown size.
  ///
  /// - Parameter other: Of a known size.
  /// - Returns: First address and bytes; a window of the whole address space lacks its last byte.
  public func union(_ other: Region) -> (base: UInt64, size: UInt64) {
    guard size > 0 else { return (other.base, other.size) }
    let first = min(base, other.base)
    let last = max(base + (size - 1), other.base + (other.size - 1))
    return (first, last - first == .max ? .max : last - first + 1)
  }

  /// The name of the register at an address, with `+0x` and the offset into it where it is not
  /// the register's first byte; nil where the map names none there.
  public func register(at address: UInt64) -> String? {
    guard let registers, address >= base else { return nil }
    let offset = address - base
    var (low, high) = (0, registers.count)
    while low < high {
      let middle = (low + high) / 2
      if registers[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let found = registers[low - 1]
    let inside = offset - found.offset
    guard inside < found.size else { return nil }
    return inside == 0 ? found.name : found.name + "+0x" + hex(inside)
  }
}

/// A trace's regions, in order of first appearance.
///
/// Grows while a trace streams in.
public struct RegionTable: Sendable, Equatable, Codable {
  public private(set) var regions: [Region] = []

  public init() {}

  public var count: Int { regions.count }
  /// No more regions can be added; region numbers have 16 bits.
  public var isFull: Bool { regions.count >= 0xfff0 }

  public subscript(id: RegionID) -> Region {
    get { regions[id.index] }
    set { regions[id.index] = newValue }
  }

  /// Appends a region.
  ///
  /// - Precondition: the table is not full.
  @discardableResult
  public mutating func add(_ region: Region) -> RegionID {
    precondition(!isFull, "region table is full")
    regions.append(region)
    return RegionID(rawValue: UInt16(regions.count - 1))
  }

  /// The first region of this name.
  public func first(named name: String) -> RegionID? {
    regions.firstIndex { $0.name == name }.map { RegionID(rawValue: UInt16($0)) }
  }
}
