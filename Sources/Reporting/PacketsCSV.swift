public import Results
import Tables
import TraceCore

/// `packets`: TLPs as CSV, a row each, in pieces that need not be held.
public struct PacketsCSV {
  private var csv = CSVText(header: [
    "tlp", "direction", "type", "completes", "addr", "function", "register", "length_dw",
    "first_be", "last_be", "payload_bytes", "wire_bytes", "region", "vcpu", "origin", "cause",
    "left_at_record", "records", "saturated_start_ps", "saturated_end_ps", "paced_start_ps",
    "paced_end_ps",
  ])

  /// The header is there at once.
  public init() {}

  public mutating func add(_ packets: [Packet]) {
    for packet in packets {
      csv.add(
        [String(packet.number), packet.direction.rawValue, packet.type] + place(packet.target)
          + [String(packet.dwords)] + enables(packet)
          + [
            String(packet.payloadBytes), String(packet.wireBytes), packet.region,
            String(packet.vcpu), packet.origin.rawValue, packet.cause?.name,
            packet.leftAt.map { String($0) }, recordRuns(packet.records),
          ] + times(packet.saturated) + times(packet.paced))
    }
  }

  /// What has been added since the last time.
  public mutating func take() -> String { csv.take() }

  /// Which request is completed, address, function and register.
  private func place(_ target: Packet.Target) -> [String?] {
    switch target {
    case .address(let address): [nil, "0x" + hex(address), nil, nil]
    case .config(let function, let register): [nil, nil, function, "0x" + hex(UInt64(register))]
    case .completion(let request): [String(request), nil, nil, nil]
    }
  }

  private func enables(_ packet: Packet) -> [String?] {
    guard let enables = packet.enables else { return [nil, nil] }
    return [byteEnables(enables.first), byteEnables(enables.last)]
  }

  private func times(_ transmission: Packet.Transmission?) -> [String?] {
    guard let transmission else { return [nil, nil] }
    return [String(transmission.startPs), String(transmission.endPs)]
  }
}

/// `3-7 9`: numbers of records and runs of them.
func recordRuns(_ runs: [ClosedRange<UInt64>]) -> String {
  runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    .joined(separator: " ")
}
