/// A small program whose every allowed outcome is to be found: agents, what they access, in order.
///
/// There are no loops and no jumps: a conditional branch stands as ``Instruction/control(_:)`` and
/// falls through.
public struct Program: Sendable, Equatable {
  public var name: String
  /// What the program shows, in a sentence.
  public var title: String
  public var functions: [DeviceFunction]
  public var peripherals: [Peripheral]
  public var locations: [Location]
  public var agents: [Agent]

  /// - Parameters:
  ///   - name: Short name, `L11`.
  ///   - title: What the program shows.
  ///   - functions: PCI functions that peripherals belong to.
  ///   - peripherals: Memory-mapped peripherals, and coherent memory.
  ///   - locations: Named bytes in them.
  ///   - agents: Who runs what.
  public init(
    name: String, title: String = "", functions: [DeviceFunction] = [],
    peripherals: [Peripheral] = [], locations: [Location] = [], agents: [Agent] = []
  ) {
    self.name = name
    self.title = title
    self.functions = functions
    self.peripherals = peripherals
    self.locations = locations
    self.agents = agents
  }
}

/// Who executes instructions.
public struct Agent: Sendable, Equatable {
  /// What orders the agent's accesses.
  public enum Kind: Sendable, Equatable {
    /// A PE: a guest's vCPU, or a CPU of the host.
    case vcpu
    /// A device that writes host memory: its stores to memory are upstream posted writes, in its
    /// own order; its stores to its own registers take effect at once.
    case device(function: Int)
  }

  /// `P0`, ...
  public var name: String
  public var kind: Kind
  /// In program order.
  public var instructions: [Instruction]

  /// - Parameters:
  ///   - name: Column title.
  ///   - kind: CPU or device.
  ///   - instructions: In program order.
  public init(name: String, kind: Kind = .vcpu, instructions: [Instruction] = []) {
    self.name = name
    self.kind = kind
    self.instructions = instructions
  }
}

/// A PCI function, and the bridge that it lies below.
public struct DeviceFunction: Sendable, Equatable {
  public var name: String
  /// Name of the port above it; functions with the same name are reset together by it.
  public var bridge: String?

  /// - Parameters:
  ///   - name: Name in the program.
  ///   - bridge: The port above it.
  public init(name: String, bridge: String? = nil) {
    self.name = name
    self.bridge = bridge
  }
}

/// A region in which arrival order is defined (Arm ARM DDI 0487, B2.4.1 "memory-mapped
/// peripheral", of IMPLEMENTATION DEFINED size), a config space, or coherent memory.
public struct Peripheral: Sendable, Equatable {
  /// What answers there.
  public enum Kind: Sendable, Equatable {
    /// A BAR or a platform device's registers.
    case mmio
    /// The ECAM window: config accesses, non-posted on PCIe.
    case ecam
    /// Coherent Normal write-back memory.
    case memory
  }

  public var name: String
  public var kind: Kind
  /// Index of the function in ``Program/functions``; nil on the platform's own bus.
  public var function: Int?
  /// A write to it is acknowledged by the endpoint, where its type asks for that (nE).
  ///
  /// True for config writes; PCIe's posted memory writes are not (Arm ARM DDI 0487, B2.10.2.3).
  public var acknowledgesAtEndpoint: Bool
  /// PCIe traffic class of accesses to it, 0 to 7.
  public var trafficClass: Int

  /// - Parameters:
  ///   - name: Name in the program.
  ///   - kind: What answers there.
  ///   - function: Index of the PCI function.
  ///   - acknowledgesAtEndpoint: nE writes are acknowledged by the endpoint.
  ///   - trafficClass: PCIe traffic class, 0 to 7.
  public init(
    name: String, kind: Kind, function: Int? = nil, acknowledgesAtEndpoint: Bool = false,
    trafficClass: Int = 0
  ) {
    self.name = name
    self.kind = kind
    self.function = function
    self.acknowledgesAtEndpoint = acknowledgesAtEndpoint
    self.trafficClass = trafficClass
  }
}

/// Named bytes of a peripheral, and the attributes with which a name is mapped.
///
/// Two names may share bytes: mismatched aliases.
public struct Location: Sendable, Equatable {
  public var name: String
  /// Index in ``Program/peripherals``.
  public var peripheral: Int
  /// Address of the first byte, in the peripheral's own space.
  public var address: UInt64
  /// 1 to 4096 bytes.
  public var size: Int
  public var attributes: AccessAttributes
  /// Value at the start, little-endian, zero-extended.
  public var initial: UInt64
  /// A read has a side effect: it clears the bytes.
  public var clearsOnRead: Bool
  /// The Relaxed Ordering and ID-Based Ordering attributes of TLPs for it.
  public var relaxedOrdering: Bool
  public var idBasedOrdering: Bool

  /// - Parameters:
  ///   - name: Name in the program.
  ///   - peripheral: Index of its peripheral.
  ///   - address: First byte.
  ///   - size: Bytes.
  ///   - attributes: How the name is mapped.
  ///   - initial: Value at the start.
  ///   - clearsOnRead: Reading clears it.
  ///   - relaxedOrdering: TLPs carry RO.
  ///   - idBasedOrdering: TLPs carry IDO.
  public init(
    name: String, peripheral: Int, address: UInt64, size: Int, attributes: AccessAttributes,
    initial: UInt64 = 0, clearsOnRead: Bool = false, relaxedOrdering: Bool = false,
    idBasedOrdering: Bool = false
  ) {
    self.name = name
    self.peripheral = peripheral
    self.address = address
    self.size = size
    self.attributes = attributes
    self.initial = initial
    self.clearsOnRead = clearsOnRead
    self.relaxedOrdering = relaxedOrdering
    self.idBasedOrdering = idBasedOrdering
  }
}
