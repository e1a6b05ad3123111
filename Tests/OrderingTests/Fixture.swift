import ArmMemory
import Ordering
import TraceCore

/// Builds programs in one peripheral, `bar`, for tests that look at single rules.
struct Fixture {
  var program = Program(
    name: "test", peripherals: [Peripheral(name: "bar", kind: .mmio)])

  /// Adds a location and returns its number.
  mutating func location(
    _ name: String, _ type: MemoryType, at address: UInt64, size: Int = 8, peripheral: Int = 0,
    xs: Bool = true
  ) -> Int {
    program.locations.append(
      Location(
        name: name, peripheral: peripheral, address: address, size: size,
        attributes: AccessAttributes(type, xs: xs)))
    return program.locations.count - 1
  }

  mutating func run(_ instructions: Instruction...) {
    program.agents.append(
      Agent(name: "P\(program.agents.count)", instructions: instructions))
  }
}

func store(
  _ label: String, _ location: Int, size: Int = 8, value: UInt8 = 1, offset: Int = 0
) -> Instruction {
  .access(
    Access(
      label: label, direction: .store, location: location, offset: offset, size: size,
      value: [value]))
}

func load(_ label: String, _ location: Int, size: Int = 8, register: String = "r0") -> Instruction {
  .access(
    Access(
      label: label, direction: .load, location: location, size: size, register: register))
}

func barrier(_ kind: Barrier.Kind) -> Instruction { .barrier(Barrier(kind)) }
