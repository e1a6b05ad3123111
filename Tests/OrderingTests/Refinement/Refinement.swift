import ArmMemory
import Ordering
import Profiles
import Replay
import TestSupport
import TraceCore

/// A trace as a program for the explorer, with what the engine made of it.
///
/// All regions are one peripheral, the reading of Arm's rules that orders most; config space is
/// another.
struct Refinement {
  private(set) var program = Program(
    name: "trace",
    peripherals: [
      Peripheral(name: "bus", kind: .mmio),
      Peripheral(name: "config", kind: .ecam, acknowledgesAtEndpoint: true),
    ])
  private(set) var options = ExplorerOptions()
  /// What the engine put on the bus.
  private(set) var arrivals: [[Transaction.Part]] = []
  /// Labels of accesses that the engine let fault, with the stage.
  private(set) var faults: [String: Int] = [:]
  private var agents: [Int: Int] = [:]
  private var previous: [Int: NaiveEvent] = [:]

  init(_ trace: NaiveProgram, cutSeed: UInt64?) throws {
    options.lineBytes = trace.settings.lineBytes
    options.deviceBusBytes = trace.settings.deviceBusBytes
    options.lse2 = trace.settings.lse2
    for (record, event) in trace.events.enumerated() { add(event, record, trace) }
    let driver = ReplayDriver(
      trace.source(cutSeed: cutSeed), [trace.configuration(clocks: .saturated)])
    driver.recordsPath = true
    _ = try driver.run()
    for access in driver.paths()[0] { follow(access, trace) }
  }

  // MARK: The program

  private mutating func add(_ event: NaiveEvent, _ record: Int, _ trace: NaiveProgram) {
    let vcpu = event.vcpu
    switch event.op {
    case "lost": previous = [:]
    case "barrier":
      previous[vcpu] = nil
      if let barrier = Barrier(name: event.barrier) { append(.barrier(barrier), vcpu) }
    case "store", "load": addAccess(event, record, trace)
    case "config_read", "config_write":
      previous[vcpu] = nil
      addConfig(
        "r\(record)", event.register, event.size, vcpu, isStore: event.op == "config_write",
        .trapped)
    default: break
    }
  }

  private mutating func append(_ instruction: Instruction, _ vcpu: Int) {
    let agent = agents[vcpu] ?? program.agents.count
    if agents.updateValue(agent, forKey: vcpu) == nil {
      program.agents.append(Agent(name: "P\(vcpu)"))
    }
    program.agents[agent].instructions.append(instruction)
  }

  /// The barriers of the accessor assumption, then the access.
  private mutating func addAccess(_ event: NaiveEvent, _ record: Int, _ trace: NaiveProgram) {
    let isStore = event.op == "store"
    let last = previous[event.vcpu]
    previous[event.vcpu] = isStore ? event : nil
    let isWritel = trace.accessorsInForce == "linux-writel"
    let isBursts = trace.accessorsInForce == "bursts"
    let continues =
      last?.size == event.size && last.map { $0.address + UInt64($0.size) } == event.address
    if isStore, isWritel || isBursts && !continues {
      append(.barrier(Barrier(.dmbST)), event.vcpu)
    }
    let region = trace.regionIndex(of: event).map { trace.regions[$0] }
    if region?.kind == "ecam" {
      addWindow(event, record, trace)
    } else {
      addMemory(event, record, trace)
    }
    if !isStore, isWritel || isBursts { append(.barrier(Barrier(.dmbLD)), event.vcpu) }
  }

  private mutating func addMemory(_ event: NaiveEvent, _ record: Int, _ trace: NaiveProgram) {
    let (name, stage) = trace.naiveType(of: event)
    // Caches are outside the engine: write-through and write-back are Normal-NC to it, but for
    // accesses of 64 bytes, which they do not take.
    let mapped = MemoryType(name: name) ?? .normalNC
    let type = mapped.isDevice || event.single64 ? mapped : .normalNC
    program.locations.append(
      Location(
        name: "l\(record)", peripheral: 0, address: event.address, size: event.size,
        attributes: AccessAttributes(type, faultStage: stage)))
    let isStore = event.op == "store"
    append(
      .access(
        Access(
          label: "r\(record)", direction: isStore ? .store : .load,
          location: program.locations.count - 1, size: event.size,
          form: event.single64 ? .single64 : .recorded,
          order: event.release && isStore
            ? .release : event.acquire && !isStore ? .acquire : .plain,
          value: event.value ?? [UInt8(truncatingIfNeeded: record)])), event.vcpu)
  }

  /// An access to an ECAM window: one config request a DW, with all the ordering of the access.
  private mutating func addWindow(_ event: NaiveEvent, _ record: Int, _ trace: NaiveProgram) {
    let isStore = event.op == "store"
    guard !faults(event, trace) else { return addMemory(event, record, trace) }
    var offset = 0
    while offset < event.size {
      let start = event.address + UInt64(offset)
      let size = min(4 - Int(start % 4), event.size - offset)
      addConfig(
        "r\(record)@\(start)", start, size, event.vcpu, isStore: isStore, .ecam,
        order: event.release && isStore ? .release : event.acquire && !isStore ? .acquire : .plain)
      offset += size
    }
  }

  /// The access faults, so that it never becomes a config request.
  private func faults(_ event: NaiveEvent, _ trace: NaiveProgram) -> Bool {
    let (type, stage) = trace.naiveType(of: event)
    if event.single64, type == "normal-wt" || type == "normal-wb" { return true }
    guard event.address % UInt64(event.size) != 0 else { return false }
    let isOrdered = event.op == "store" ? event.release : event.acquire
    let last = event.address + UInt64(event.size - 1)
    return stage != nil || event.single64
      || isOrdered && (!trace.settings.lse2 || event.address / 16 != last / 16)
  }

  private mutating func addConfig(
    _ label: String, _ address: UInt64, _ size: Int, _ vcpu: Int, isStore: Bool,
    _ path: Access.ConfigPath, order: Access.Order = .plain
  ) {
    program.locations.append(
      Location(
        name: label, peripheral: 1, address: address, size: size,
        attributes: AccessAttributes(.deviceNGnRnE)))
    append(
      .access(
        Access(
          label: label, direction: isStore ? .store : .load,
          location: program.locations.count - 1, size: size, form: .scalable, order: order,
          configPath: path)), vcpu)
  }

  // MARK: The engine's path

  private mutating func follow(_ access: BusAccess, _ trace: NaiveProgram) {
    let event = trace.events[Int(access.record)]
    switch access.kind {
    case .fault(let stage): faults["r\(access.record)"] = stage
    case .write:
      arrivals.append(
        access.parts.flatMap { parts(of: Int($0.record), access.address, $0.mask, trace) })
    case .read:
      arrivals.append(parts(of: Int(access.record), access.address, access.mask, trace))
    case .configWrite, .configRead:
      let isTrapped = event.op.hasPrefix("config")
      let label = isTrapped ? "r\(access.record)" : "r\(access.record)@\(access.address)"
      let size = access.mask.nonzeroBitCount
      arrivals.append([Transaction.Part(label: label, address: access.address, size: size)])
    }
  }

  /// The bytes of a mask that a record's access has, run by run.
  private func parts(
    of record: Int, _ base: UInt64, _ mask: UInt128, _ trace: NaiveProgram
  ) -> [Transaction.Part] {
    let event = trace.events[record]
    var parts: [Transaction.Part] = []
    for bit in 0..<128 where mask >> UInt128(bit) & 1 == 1 {
      let address = base + UInt64(bit)
      guard address >= event.address, address - event.address < event.size else { continue }
      if let last = parts.last, last.address + UInt64(last.size) == address {
        parts[parts.count - 1].size += 1
      } else {
        parts.append(Transaction.Part(label: "r\(record)", address: address, size: 1))
      }
    }
    return parts
  }
}
