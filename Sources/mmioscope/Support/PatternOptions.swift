import ArgumentParser
import ArmMemory
import Litmus
import Ordering
import Replay
import TraceCore

/// `--against`: how often a program's pattern occurs in a capture.
struct PatternOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Count the program's pattern in a capture: consecutive loads and stores of one vCPU with its "
        + "directions, memory types (under --policy), alignment, same or other bytes and function, "
        + "and a recorded barrier between exactly where the program has one.", valueName: "trace"))
  var against: String?

  @Option(
    help: "Mapping under which the capture's types are taken: kvm-device, kvm-normal-nc or none.")
  var policy: KVMPolicy = .kvmNormalNC

  @OptionGroup var input: InputOptions
  @OptionGroup var scenario: ScenarioOptions

  /// One line a region for a program; empty without `--against`.
  ///
  /// - Parameter test: The program.
  /// - Returns: Lines for people.
  /// - Throws: ``TraceError`` where the program is no pattern or the trace cannot be read.
  func lines(_ test: LitmusTest) throws(TraceError) -> [String] {
    guard let path = against else { return [] }
    let pattern = try AccessPattern(test)
    let source = try input.open(path, hashes: false)
    let counter = PatternCounter(
      pattern, try scenario.configuration(policy: policy, name: policy.rawValue))
    try counter.run(source)
    let total = counter.tallies.reduce(0) { $0 + $1.count }
    var lines = ["Against \(source.context.name) under \(policy.rawValue): \(total) occurrences"]
    for row in counter.tallies {
      let line = row.firstLine.map { ", line \($0)" } ?? ""
      lines.append("  \(row.region): \(row.count), first at record \(row.firstRecord)\(line)")
    }
    if source.context.totals?.barriers == 0 {
      lines.append(
        "  (the capture holds no barriers: what has one cannot be told from what has none)")
    }
    return lines
  }
}

extension AccessPattern {
  /// The accesses of a program's only vCPU.
  ///
  /// - Parameter test: The program.
  /// - Throws: ``TraceError`` where it has another agent, a config access, or no access.
  init(_ test: LitmusTest) throws(TraceError) {
    let program = test.program
    let refusal = TraceError(
      .configuration,
      "program '\(program.name)': --against takes MMIO accesses of one vCPU alone",
      file: test.file, line: test.line)
    let agents = program.agents.filter { !$0.instructions.isEmpty }
    guard agents.count == 1, agents[0].kind == .vcpu else { throw refusal }
    var steps: [Step] = []
    var barriers: [Barrier] = []
    var last: Access?
    for instruction in agents[0].instructions {
      switch instruction {
      case .barrier(let barrier): barriers.append(barrier)
      case .control: break
      case .unmap: throw refusal
      case .access(let access):
        let location = program.locations[access.location]
        guard program.peripherals[location.peripheral].kind == .mmio else { throw refusal }
        let address = location.address + UInt64(access.offset)
        steps.append(
          Step(
            isStore: access.direction == .store, memoryType: location.attributes.memoryType,
            isSingle64: access.form == .single64,
            isMisaligned: address % UInt64(access.size) != 0,
            isOrdered: last.map { Self.isOrdered($0, access, barriers) } ?? false,
            peripheral: location.peripheral, bytes: address..<address + UInt64(access.size)))
        barriers = []
        last = access
      }
    }
    guard !steps.isEmpty else { throw refusal }
    self.init(steps)
  }

  private static func isOrdered(
    _ first: Access, _ second: Access, _ barriers: [Barrier]
  ) -> Bool {
    if first.direction == .load, first.order != .plain { return true }
    if second.direction == .store, second.order == .release { return true }
    return barriers.contains { barrier in
      guard first.direction == .store else { return barrier.ordersLoads }
      return second.direction == .store ? barrier.ordersStores : barrier.ordersStoresBeforeLoads
    }
  }
}
