import ArmMemory
import ConfigSpace
import Resets
import TraceCore

/// A block's record class under one scenario: everything that its records' treatment depends on.
///
/// One is copied for every run, and handed from function to function: it is three words, because a
/// struct of a dozen fields would be passed as a dozen arguments.
struct ResolvedClass: BitwiseCopyable {
  /// Which path of the engine handles the record.
  enum Path: UInt8 {
    case gatheringStore, deviceStore, load, barrier, ecam, config, lost, reset, other
  }

  /// What is either so or not.
  struct Traits: OptionSet {
    let rawValue: UInt16

    static let isWrite = Traits(rawValue: 1 << 0)
    static let release = Traits(rawValue: 1 << 1)
    static let single64 = Traits(rawValue: 1 << 2)
    /// The region has registers that a map marks as side-effecting.
    static let hasSideEffects = Traits(rawValue: 1 << 3)
    /// The size is a power of two.
    static let sizeIsPowerOfTwo = Traits(rawValue: 1 << 4)
    /// A run of such stores may be taken at once where its first one is aligned.
    static let takesWholeRuns = Traits(rawValue: 1 << 5)
    /// Of barriers: ``Barrier/ordersStores``, ``Barrier/ordersStoresBeforeLoads``, and the kind.
    static let ordersStores = Traits(rawValue: 1 << 6)
    static let ordersStoresBeforeLoads = Traits(rawValue: 1 << 7)
    static let isDGH = Traits(rawValue: 1 << 8)
    /// Of config accesses, which share the bit: what the CPU issues is a Device access to a window.
    static let isWindowAccess = Traits(rawValue: 1 << 8)
    static let isDSB = Traits(rawValue: 1 << 9)
    /// A load-acquire.
    static let acquire = Traits(rawValue: 1 << 10)
    /// An address that is no multiple of the size may fault.
    static let checksAlignment = Traits(rawValue: 1 << 11)
    /// LD64B or ST64B to memory that does not support it.
    static let unsupported64 = Traits(rawValue: 1 << 12)
    /// The type was asked for, and the same granule may be used through another one.
    static let mayAlias = Traits(rawValue: 1 << 13)
    /// Stage 1 asks for Normal memory where KVM keeps it Device.
    static let deniedNormal = Traits(rawValue: 1 << 14)
    /// Of barriers: ``Barrier/ordersLoads``.
    static let ordersLoads = Traits(rawValue: 1 << 15)
    /// What few loads have, to be told with one test.
    static let rareLoad: Traits = [.hasSideEffects, .acquire, .mayAlias]
  }

  /// Path 7:0, type 15:8, size 23:16, bytes of a value 31:24, traits 47:32, vCPU 63:48.
  private var access = UInt64(0)
  /// Region 31:0, function 63:32.
  private var place = UInt64(0)
  /// Config target 31:0, the vCPU's number in the trace 47:32, stage of a fault 49:48, whether
  /// records have a time stamp 50, whether nothing tells their stage-1 type 51.
  private var rest = UInt64(0)

  init(path: Path) { self.path = path }

  var path: Path {
    get { Path(rawValue: UInt8(Self.bits(access, 0, 8))) ?? .other }
    set { Self.put(&access, 0, 8, Int(newValue.rawValue)) }
  }

  var type: MemoryType {
    get { MemoryType(rawValue: UInt8(Self.bits(access, 8, 8))) ?? .deviceNGnRnE }
    set { Self.put(&access, 8, 8, Int(newValue.rawValue)) }
  }

  /// Bytes of an access.
  var size: Int {
    get { Self.bits(access, 16, 8) }
    set { Self.put(&access, 16, 8, newValue) }
  }

  /// Value bytes of each record in the block's config values.
  var valueBytes: Int {
    get { Self.bits(access, 24, 8) }
    set { Self.put(&access, 24, 8, newValue) }
  }

  var traits: Traits {
    get { Traits(rawValue: UInt16(Self.bits(access, 32, 16))) }
    set { Self.put(&access, 32, 16, Int(newValue.rawValue)) }
  }

  /// Number of the vCPU in the engine's tables.
  var vcpu: Int {
    get { Self.bits(access, 48, 16) }
    set { Self.put(&access, 48, 16, newValue) }
  }

  /// Number of the region in the engine's tables.
  var region: Int {
    get { Self.bits(place, 0, 32) }
    set { Self.put(&place, 0, 32, newValue) }
  }

  /// Number of the function in the engine's tables; ``ReplayTables/unknownFunction`` and above
  /// where the region has none.
  var function: Int {
    get { Self.bits(place, 32, 32) }
    set { Self.put(&place, 32, 32, newValue) }
  }

  /// Index of the ``ConfigTarget`` of a config access or reset.
  var target: Int {
    get { Self.bits(rest, 0, 32) }
    set { Self.put(&rest, 0, 32, newValue) }
  }

  /// The vCPU's number in the trace.
  var vcpuName: UInt16 {
    get { UInt16(Self.bits(rest, 32, 16)) }
    set { Self.put(&rest, 32, 16, Int(newValue)) }
  }

  /// The stage that made the location Device: 1 or 2; 0 on Normal.
  var faultStage: Int {
    get { Self.bits(rest, 48, 2) }
    set { Self.put(&rest, 48, 2, newValue) }
  }

  /// Records have a time stamp of their own.
  var isStamped: Bool {
    get { Self.bits(rest, 50, 1) == 1 }
    set { Self.put(&rest, 50, 1, newValue ? 1 : 0) }
  }

  /// Nothing tells the stage-1 type of these accesses.
  var isUntyped: Bool {
    get { Self.bits(rest, 51, 1) == 1 }
    set { Self.put(&rest, 51, 1, newValue ? 1 : 0) }
  }

  @inline(__always)
  private static func bits(_ word: UInt64, _ low: UInt64, _ width: UInt64) -> Int {
    Int(truncatingIfNeeded: word &>> low & (1 &<< width &- 1))
  }

  private static func put(_ word: inout UInt64, _ low: UInt64, _ width: UInt64, _ value: Int) {
    let mask = UInt64(1) &<< width &- 1
    precondition(0...Int(mask) ~= value, "a class's number does not fit its field")
    word = word & ~(mask &<< low) | UInt64(value) &<< low
  }
}

extension ResolvedClass {
  var isWrite: Bool { traits.contains(.isWrite) }
  var release: Bool { traits.contains(.release) }
  var single64: Bool { traits.contains(.single64) }
  var acquire: Bool { traits.contains(.acquire) }

  var isDevice: Bool { Self.bits(access, 8, 8) <= Int(MemoryType.deviceGRE.rawValue) }

  /// nGnRnE: each write waits for the acknowledgement of the one before.
  var isStrict: Bool { Self.bits(access, 8, 8) == Int(MemoryType.deviceNGnRnE.rawValue) }

  /// nGRE or a type that gathers: accesses may arrive out of order.
  var isReordered: Bool { Self.bits(access, 8, 8) >= Int(MemoryType.deviceNGRE.rawValue) }

  /// The type drains gathered lines where the CPU profile says that Device accesses do.
  var isDraining: Bool { Self.bits(access, 8, 8) < Int(MemoryType.deviceGRE.rawValue) }

  /// Whether an address is no multiple of the size.
  @inline(__always)
  func isMisaligned(_ address: UInt64) -> Bool {
    let bytes = UInt64(truncatingIfNeeded: size)
    return traits.contains(.sizeIsPowerOfTwo)
      ? address & (bytes &- 1) != 0 : address % bytes != 0
  }
}

/// Where a config access or a reset goes.
struct ConfigTarget {
  /// The ECAM window and its first address; of no meaning for accesses that name their function.
  var windowBase: UInt64 = 0
  var window = ECAMWindow()
  /// The function that the access names.
  var function: PCIFunction?
  /// Kind of a reset.
  var name = ""
  /// How the access gets to config space.
  var path = ConfigPath.ecam

  /// The register that an access means.
  ///
  /// - Parameters:
  ///   - address: Of memory where it is in the window, else of the register.
  ///   - isWindow: It is.
  /// - Returns: nil where the capture does not tell.
  func location(of address: UInt64, isWindow: Bool) -> ConfigLocation? {
    guard isWindow else {
      guard let function, address < 4096 else { return nil }
      return ConfigLocation(function: function, register: UInt16(address))
    }
    return address < windowBase ? nil : window.decode(address - windowBase)
  }
}
