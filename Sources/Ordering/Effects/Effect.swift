import ArmMemory

/// One indivisible part of an access, as the memory system may see it.
struct Effect: Sendable {
  /// What it is to the machine.
  enum Kind: Sendable { case mmio, memory, config, unmap }

  /// Position in the list of effects.
  var index: Int
  var agent: Int
  /// Position in the agent's program.
  var instruction: Int
  /// Index in the list of accesses; -1 of an unmap.
  var access: Int
  var kind: Kind
  var isStore: Bool
  var peripheral: Int
  var address: UInt64
  var size: Int
  /// Effective type, after what the form of the instruction changes.
  var type: MemoryType
  var xs: Bool
  var form: Access.Form
  var order: Access.Order
  /// The agent is a device: it writes upstream.
  var isByDevice: Bool
  /// A read that no instruction asked for.
  var isSpeculative = false
  /// Served from a write buffer by this effect's store: no bus access.
  var forwardedFrom: Int?

  var addresses: Range<UInt64> { address..<address + UInt64(size) }

  func overlaps(_ other: Effect) -> Bool {
    peripheral == other.peripheral && addresses.overlaps(other.addresses)
  }

  func permits(_ property: MemoryProperty) -> Bool {
    PropertyMatrix.verdict(property, type) != .forbidden
  }
}

/// Points in the life of an effect.
enum Milestone: Int, CaseIterable, Sendable {
  /// The CPU begins it.
  case issue
  /// All CPUs observe it: it has passed the serialisation point; a read has its data.
  case observe
  /// It enters the fabric.
  case ingress
  /// It reaches its endpoint.
  case arrive
  /// The CPU knows that it is done, where that is more than being observed.
  case complete
}

/// Two effects of one agent, the first earlier in program order or of the same instruction.
struct Pair {
  let first: Effect
  let second: Effect
  /// Instructions strictly between.
  let between: ArraySlice<Instruction>
  let scene: Scene

  var isSameInstruction: Bool { first.instruction == second.instruction }
  var isSamePeripheral: Bool { first.peripheral == second.peripheral }
  /// Both go to a peripheral, or to config space, with a type of its own.
  var isMMIO: Bool { first.kind != .memory && second.kind != .memory }
  var isInvolvingMMIO: Bool { first.kind != .memory || second.kind != .memory }
}

/// An order between two milestones that a rule asks for.
struct Constraint {
  var from: Milestone
  var to: Milestone
  /// The two may also happen in one transaction.
  var orTogether = false
}
