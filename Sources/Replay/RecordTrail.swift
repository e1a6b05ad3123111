import ArmMemory
import ConfigSpace
import PCIeModel
import Profiles
import Results
import TraceCore

/// Follows one record: where its bytes go, and what it makes leave.
final class RecordTrail: BusSink {
  private let wanted: UInt64
  private let lineBytes: Int
  private let wire: WireTable
  private var splitter: TLPSplitter
  private(set) var events: [RecordFate.Event] = []

  /// - Parameters:
  ///   - settings: Of the scenario.
  ///   - wanted: The record.
  init(_ settings: ModelSettings, of wanted: UInt64) {
    self.wanted = wanted
    lineBytes = settings.cpu.lineBytes
    wire = WireTable(link: settings.link, ecrc: settings.rootComplex.ecrc)
    splitter = TLPSplitter(policy: settings.rootComplex.split)
  }

  func leave(
    _ line: GatherBuffers.Line, _ parts: [BusAccess.Part], _ cause: FlushCause, vcpu: UInt16,
    at record: UInt64
  ) {
    let isSender = record == wanted && cause != .end
    guard isSender || parts.contains(where: { $0.record == wanted }) else { return }
    let tlps =
      line.bytes == lineBytes
      ? [whole(line.address, line.bytes)]
      : split(line.mask, at: line.address, block: lineBytes)
    events.append(
      .line(
        RecordFate.Line(
          address: line.address, size: lineBytes, pending: line.bytes,
          parts: parts.map { .init(record: $0.record, bytes: $0.mask.runs) }
            .sorted { $0.record < $1.record },
          cause: cause, record: cause == .end ? nil : record, tlps: tlps)))
  }

  func take(
    _ kind: BusAccess.Kind, _ entry: ResolvedClass, _ address: UInt64, _ size: Int, record: UInt64
  ) {
    guard record == wanted else { return }
    switch kind {
    case .fault(let stage): events.append(.fault(stage: stage))
    case .write:
      let tlps =
        entry.single64
        ? [whole(address, size)] : split(byteRange(0, size), at: address, block: 128)
      events.append(.write(address: address, bytes: size, tlps: tlps))
    case .read:
      let cost = wire.read(address: address, size: size)
      events.append(.read(address: address, bytes: size, cost: .init(cost)))
    case .configRead:
      events.append(.config(register: address, bytes: size, cost: .init(wire.configRead)))
    case .configWrite:
      events.append(.config(register: address, bytes: size, cost: .init(wire.configWrite)))
    }
  }

  func notice(_ event: ConfigEvent) {
    guard event.record == wanted else { return }
    events.append(.meaning(kind: event.kind.rawValue, function: event.function.description))
  }

  func overwrite(_ bytes: UInt128, of record: UInt64, line: UInt64, by other: UInt64) {
    guard record == wanted else { return }
    for run in bytes.runs {
      events.append(
        .overwritten(
          bytes: run.count, address: line &+ UInt64(run.lowerBound), by: other))
    }
  }

  /// One TLP under every split.
  private func whole(_ address: UInt64, _ size: Int) -> RecordFate.TLP {
    RecordFate.TLP(
      address: address, payloadBytes: size,
      wireBytes: wire.write(address: address, dwords: size / 4, partial: false))
  }

  private func split(_ mask: UInt128, at address: UInt64, block: Int) -> [RecordFate.TLP] {
    let count = splitter.split(mask: mask, address: address, lineBytes: block)
    return (0..<count).map { index in
      let shape = splitter[index]
      let start = address &+ UInt64(shape.offset)
      return RecordFate.TLP(
        address: start, payloadBytes: shape.payloadBytes,
        wireBytes: wire.write(address: start, dwords: shape.dwords, partial: shape.partial))
    }
  }
}

extension RecordFate.RoundTrip {
  fileprivate init(_ cost: NonPostedCost) {
    self.init(
      requests: cost.requests, completions: cost.completions, downBytes: cost.downBytes,
      upBytes: cost.upBytes)
  }
}
