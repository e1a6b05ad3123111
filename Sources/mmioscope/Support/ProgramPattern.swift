import ArmMemory
import Litmus
import Ordering
import Replay
import TraceCore

/// A litmus program as a pattern to be counted in a capture.
struct ProgramPattern {
  private let test: LitmusTest

  init(_ test: LitmusTest) { self.test = test }

  /// The accesses and barriers of the one vCPU that has accesses.
  ///
  /// What a device does is not the capture's; dependencies and branches leave no record.
  ///
  /// - Returns: The pattern, named as the program.
  /// - Throws: ``TraceError`` at the program's header where no capture can show it.
  func pattern() throws(TraceError) -> AccessPattern {
    var steps: [AccessPattern.Step] = []
    var barriers: BarrierSet = []
    for instruction in try vcpu().instructions {
      switch instruction {
      case .barrier(let barrier): barriers.formUnion(BarrierSet(barrier))
      case .control, .unmap: break
      case .access(let access):
        steps.append(try step(access, barriers))
        barriers = []
      }
    }
    return AccessPattern(
      name: test.program.name, steps, ignoresDomains: test.options.ignoresBarrierDomains)
  }

  private func vcpu() throws(TraceError) -> Agent {
    let vcpus = test.program.agents.filter { $0.kind == .vcpu }
    guard !vcpus.contains(where: { $0.instructions.contains(.unmap) }) else {
      throw refusal("it unmaps MMIO, which leaves no record")
    }
    let busy = vcpus.filter { agent in
      agent.instructions.contains { if case .access = $0 { true } else { false } }
    }
    guard busy.count == 1 else {
      throw refusal("\(busy.count) of its vCPUs have accesses, and exactly one must")
    }
    return busy[0]
  }

  private func step(
    _ access: Access, _ barriers: BarrierSet
  ) throws(TraceError) -> AccessPattern.Step {
    let location = test.program.locations[access.location]
    let peripheral = test.program.peripherals[location.peripheral]
    let target: AccessPattern.Target
    switch peripheral.kind {
    case .mmio: target = .mmio(location.attributes.memoryType)
    case .ecam: target = .config(try effect(access))
    case .memory: throw refusal("access '\(access.label)' is to memory, and a capture has MMIO")
    }
    let start = access.address(in: location)
    return AccessPattern.Step(
      isStore: access.direction == .store, flags: flags(access), target: target,
      peripheral: location.peripheral, function: peripheral.function,
      start: start, size: access.size, barriers: barriers,
      isAligned: start % UInt64(max(1, alignment(access))) == 0)
  }

  /// Elements have to be aligned, not what several of them make up (Arm ARM DDI 0487, B2.2.1).
  private func alignment(_ access: Access) -> Int {
    switch access.form {
    case .pair: min(8, access.size / 2)
    case .vector, .scalable, .memoryCopy: min(8, access.size)
    case .zeroBlock: 1
    default: access.size
    }
  }

  private func flags(_ access: Access) -> AccessFlags {
    var flags: AccessFlags = []
    switch access.order {
    case .plain: break
    case .release: flags.insert(.release)
    // A capture does not tell LDAPR from LDAR.
    case .acquire, .acquirePC: flags.insert(.acquire)
    }
    if access.form == .single64 || access.form == .single64WithStatus { flags.insert(.single64) }
    return flags
  }

  private func effect(_ access: Access) throws(TraceError) -> AccessPattern.ConfigEffect {
    switch access.configEffect {
    case .none: .none
    case .reset: .reset
    case .memoryDisable: .memoryDisable
    case .memoryEnable: .memoryEnable
    case .bridgeReset:
      throw refusal("'\(access.label)' resets at a bridge: its record is no access to the function")
    }
  }

  private func refusal(_ reason: String) -> TraceError {
    TraceError(
      .configuration, "--against cannot count '\(test.program.name)': \(reason)",
      file: test.file, line: test.line, column: test.line == nil ? nil : 1)
  }
}
