import ArmMemory
import PCIeModel
import Profiles
import Results

/// Forms the TLPs of all that leaves a CPU, in the engine's order.
final class PacketTrail: BusSink {
  /// What one step of the engine puts on the link, and whose it is.
  struct Load {
    var requests: [TLP]
    var origin: Packet.Origin
    /// Numbers of the engine's tables.
    var region: Int
    /// Of a config access: number of its ``ConfigTarget``, and its address as the record has it.
    var config: (target: Int, address: UInt64, isWindow: Bool)?
    var vcpu: UInt16
    var cause: FlushCause?
    var leftAt: UInt64?
    var records: [ClosedRange<UInt64>]
  }

  private let settings: ModelSettings
  private var splitter: TLPSplitter
  /// What has left and is not taken yet.
  private(set) var loads: [Load] = []

  /// - Parameter settings: Of the scenario.
  init(_ settings: ModelSettings) {
    self.settings = settings
    splitter = TLPSplitter(policy: settings.rootComplex.split)
  }

  /// Takes what has left.
  func take() -> [Load] {
    defer { loads.removeAll(keepingCapacity: true) }
    return loads
  }

  // MARK: BusSink

  func leave(
    _ line: GatherBuffers.Line, _ parts: [BusAccess.Part], _ cause: FlushCause, vcpu: UInt16,
    at record: UInt64
  ) {
    for (write, bytes) in writes(line.mask, at: line.address, block: settings.cpu.lineBytes) {
      let records = parts.filter { $0.mask & bytes != 0 }.map(\.record)
      loads.append(
        Load(
          requests: [write], origin: .line, region: line.region, vcpu: vcpu, cause: cause,
          leftAt: cause == .end ? nil : record, records: runs(of: records)))
    }
  }

  func take(
    _ kind: BusAccess.Kind, _ entry: ResolvedClass, _ address: UInt64, _ size: Int, record: UInt64
  ) {
    func add(_ requests: [TLP], _ origin: Packet.Origin) {
      var load = Load(
        requests: requests, origin: origin, region: entry.region, vcpu: entry.vcpuName,
        records: [record...record])
      if origin == .config {
        load.config = (entry.target, address, entry.path == .ecam)
      }
      loads.append(load)
    }
    switch kind {
    case .fault: break
    case .write:
      let block = entry.single64 ? size : 128
      for (write, _) in writes(byteRange(0, size), at: address, block: block) {
        add([write], entry.single64 ? .single : .piece)
      }
    case .read:
      add(digested(TLP.memoryReads(address: address, bytes: size, link: settings.link)), .load)
    case .configRead:
      add(digested([.configRead(function: 0, register: register(address), bytes: size)]), .config)
    case .configWrite:
      add(digested([.configWrite(function: 0, register: register(address), bytes: size)]), .config)
    }
  }

  func overwrite(_ bytes: UInt128, of record: UInt64, line: UInt64, by other: UInt64) {}

  // MARK: Forming

  /// The memory writes of enabled bytes, each with those of them that it carries.
  private func writes(
    _ mask: UInt128, at address: UInt64, block: Int
  ) -> [(TLP, bytes: UInt128)] {
    let writes = TLP.memoryWrites(
      mask: mask, address: address, lineBytes: block, by: &splitter)
    // In address order, and nothing is left out.
    var rest = mask
    return digested(writes).map { write in
      let bytes = rest.lowest(write.payloadBytes)
      rest &= ~bytes
      return (write, bytes)
    }
  }

  private func digested(_ tlps: [TLP]) -> [TLP] {
    guard settings.rootComplex.ecrc else { return tlps }
    return tlps.map {
      var tlp = $0
      tlp.digest = true
      return tlp
    }
  }

  /// A register's place in its DW is all that a request's form depends on.
  private func register(_ address: UInt64) -> Int { Int(address & 3) }

  /// Numbers as runs, ascending, each once.
  private func runs(of records: [UInt64]) -> [ClosedRange<UInt64>] {
    var runs: [ClosedRange<UInt64>] = []
    for record in records.sorted() {
      if let last = runs.last, record <= last.upperBound &+ 1 {
        runs[runs.count - 1] = last.lowerBound...max(record, last.upperBound)
      } else {
        runs.append(record...record)
      }
    }
    return runs
  }
}

extension UInt128 {
  /// So many of the set bits, from the lowest on.
  fileprivate func lowest(_ count: Int) -> UInt128 {
    var rest = self
    for _ in 0..<count { rest &= rest &- 1 }
    return self & ~rest
  }
}
