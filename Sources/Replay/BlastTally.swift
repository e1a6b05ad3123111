import ArmMemory
import PCIeModel
import Profiles
import Results
import TraceCore

/// How many guest stores each memory write carries: what one failing TLP takes with it.
final class BlastTally: BusSink {
  private let lineBytes: Int
  private let wanted: UInt64?
  private var splitter: TLPSplitter
  /// Region -> stores in one write -> writes.
  private(set) var writes: [Int: [Int: UInt64]] = [:]
  /// Accesses that fault before they reach the bus, by region.
  private(set) var faults: [Int: UInt64] = [:]
  /// The wanted access faults.
  private(set) var wantedFaults = false
  /// The stores that share a write with the wanted one, itself among them.
  private(set) var companions: Set<UInt64> = []

  /// - Parameters:
  ///   - settings: Of the scenario.
  ///   - wanted: A record whose companions are to be kept.
  init(_ settings: ModelSettings, wanted: UInt64?) {
    lineBytes = settings.cpu.lineBytes
    self.wanted = wanted
    splitter = TLPSplitter(policy: settings.rootComplex.split)
  }

  /// A gathered line leaves.
  func leave(
    _ line: GatherBuffers.Line, _ parts: [BusAccess.Part], _ cause: FlushCause, vcpu: UInt16,
    at record: UInt64
  ) {
    guard line.bytes < lineBytes else { return add(line.region, parts) }
    let count = splitter.split(mask: line.mask, address: line.address, lineBytes: lineBytes)
    for index in 0..<count {
      // TLPs are in address order; one with holes ends before the next begins.
      let start = splitter[index].offset
      let end = index + 1 < count ? splitter[index + 1].offset : 128
      let bytes = byteRange(start, end - start)
      add(line.region, parts.filter { $0.mask & bytes != 0 })
    }
  }

  /// Something that one record causes alone.
  func take(
    _ kind: BusAccess.Kind, _ entry: ResolvedClass, _ address: UInt64, _ size: Int, record: UInt64
  ) {
    switch kind {
    case .fault:
      faults[entry.region, default: 0] += 1
      if record == wanted { wantedFaults = true }
    case .write:
      let count =
        entry.single64
        ? 1 : splitter.split(mask: byteRange(0, size), address: address, lineBytes: 128)
      writes[entry.region, default: [:]][1, default: 0] += UInt64(count)
      if record == wanted { companions.insert(record) }
    case .read, .configRead, .configWrite: break
    }
  }

  func overwrite(_ bytes: UInt128, of record: UInt64, line: UInt64, by other: UInt64) {}

  private func add(_ region: Int, _ parts: [BusAccess.Part]) {
    writes[region, default: [:]][parts.count, default: 0] += 1
    if let wanted, parts.contains(where: { $0.record == wanted }) {
      companions.formUnion(parts.map(\.record))
    }
  }
}
