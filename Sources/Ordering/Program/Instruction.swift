public import TraceCore

/// One instruction of an agent.
public enum Instruction: Sendable, Equatable {
  case access(Access)
  /// DMB, DSB, ISB or DGH.
  case barrier(Barrier)
  /// A conditional branch on a register, which falls through: control dependency of what follows.
  case control(String)
  /// Stage-2 unmap of all MMIO (break, DSB ISHST, TLBI IPAS2, then the DSB that must follow as an
  /// instruction of its own): accesses of other agents that have used the mapping complete before
  /// the next DSB does, later ones fault and wait.
  case unmap
}

/// A load or store instruction.
public struct Access: Sendable, Equatable {
  /// Direction of the access.
  public enum Direction: Sendable, Equatable { case load, store }

  /// Which instruction it is: how it splits, and when it faults (Arm ARM DDI 0487, B2.2, C3.2).
  public enum Form: Sendable, Equatable {
    /// One general-purpose register: 1, 2, 4 or 8 bytes.
    case single
    /// LDP, STP: two elements.
    case pair
    /// SIMD&FP: elements of at most 8 bytes.
    case vector
    /// SVE: Device types may behave as Device-GRE.
    case scalable
    /// MOPS (CPY*, SET*): gathering permitted, nR has no effect.
    case memoryCopy
    /// ST64B, LD64B: single-copy atomic.
    case single64
    /// ST64BV, ST64BV0: as ``single64``, with a status returned; never merged.
    case single64WithStatus
    /// Exclusives and atomics.
    case exclusive
    /// DC ZVA: zeros in the aligned block that contains the address, 64 bytes as a rule.
    case zeroBlock
    /// What a trace holds: bytes, but not the instruction.
    case recorded
  }

  /// Ordering semantics of the instruction itself.
  public enum Order: Sendable, Equatable { case plain, acquire, acquirePC, release }

  /// What a config write does when it takes effect.
  public enum ConfigEffect: Sendable, Equatable {
    case none
    /// Resets the function itself: FLR, AF FLR, PM.
    case reset
    /// Resets what is below the named port: SBR, link disable, DPC. The port consumes the write.
    case bridgeReset(String)
    case memoryDisable, memoryEnable
  }

  /// How a config access gets to config space.
  public enum ConfigPath: Sendable, Equatable {
    /// A load or store to the ECAM window by this agent.
    case ecam
    /// Trapped to the hypervisor, which performs it on its own CPU; it does not touch mappings.
    case trapped
    /// Trapped, and stage-2 mappings are zapped first (VFIO: reset and Memory Space disable).
    case trappedWithZap
  }

  /// Name by which conditions refer to the access; unique in the program.
  public var label: String
  public var direction: Direction
  public var form: Form
  public var order: Order
  /// Index in ``Program/locations``.
  public var location: Int
  /// Bytes from the location's first one to the address; may be negative in no program.
  public var offset: Int
  /// Bytes: 1 to 64.
  public var size: Int
  /// Value of a store, little-endian, repeated or cut to ``size``.
  public var value: [UInt8]
  /// Register that a load fills.
  public var register: String?
  /// Registers that the address depends on.
  public var addressDependencies: [String]
  /// Registers that the stored data depends on.
  public var dataDependencies: [String]
  public var configEffect: ConfigEffect
  public var configPath: ConfigPath

  /// - Parameters:
  ///   - label: Unique name.
  ///   - direction: Load or store.
  ///   - location: Index of the location.
  ///   - offset: Bytes from its start.
  ///   - size: Bytes.
  ///   - form: Which instruction.
  ///   - order: Plain, acquire or release.
  ///   - value: Bytes stored.
  ///   - register: Register loaded.
  ///   - addressDependencies: Registers that the address depends on.
  ///   - dataDependencies: Registers that the data depends on.
  ///   - configEffect: What a config write does.
  ///   - configPath: How a config access travels.
  public init(
    label: String, direction: Direction, location: Int, offset: Int = 0, size: Int,
    form: Form = .single, order: Order = .plain, value: [UInt8] = [], register: String? = nil,
    addressDependencies: [String] = [], dataDependencies: [String] = [],
    configEffect: ConfigEffect = .none, configPath: ConfigPath = .ecam
  ) {
    self.label = label
    self.direction = direction
    self.location = location
    self.offset = offset
    self.size = size
    self.form = form
    self.order = order
    self.value = value
    self.register = register
    self.addressDependencies = addressDependencies
    self.dataDependencies = dataDependencies
    self.configEffect = configEffect
    self.configPath = configPath
  }

  /// Address of the first byte that the access touches, in the peripheral's own space.
  ///
  /// DC ZVA needs no alignment: it works on the block around its address.
  ///
  /// - Parameter location: The access's location.
  /// - Returns: The address.
  public func address(in location: Location) -> UInt64 {
    let address = location.address &+ UInt64(offset)
    return form == .zeroBlock ? address - address % UInt64(max(1, size)) : address
  }

  /// The access is to bytes of a location; of DC ZVA's block one is enough.
  ///
  /// - Parameter location: The access's location.
  /// - Returns: Whether it is.
  public func lies(in location: Location) -> Bool {
    offset >= 0 && offset + (form == .zeroBlock ? 1 : size) <= location.size
  }
}
