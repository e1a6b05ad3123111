import Results
import TraceCore

/// What a slice says of itself, by the names of the columns of `packets` where it is one of them.
enum Annotation: UInt64, CaseIterable {
  case tlp, type, completes, address, function, register
  case lengthDW, firstEnables, lastEnables, payloadBytes, wireBytes
  case region, vcpu, origin, cause, leftAt, firstRecord, lastRecord, recordCount
  case startPs, endPs, tlps
  case trace, mapping, clock, accessors, timeScale, tlpsLeftOut

  /// Of its name in the sequence, from 1.
  var id: UInt64 { rawValue + 1 }

  var name: String {
    switch self {
    case .tlp: "tlp"
    case .type: "type"
    case .completes: "completes"
    case .address: "addr"
    case .function: "function"
    case .register: "register"
    case .lengthDW: "length_dw"
    case .firstEnables: "first_be"
    case .lastEnables: "last_be"
    case .payloadBytes: "payload_bytes"
    case .wireBytes: "wire_bytes"
    case .region: "region"
    case .vcpu: "vcpu"
    case .origin: "origin"
    case .cause: "cause"
    case .leftAt: "left_at_record"
    case .firstRecord: "first_record"
    case .lastRecord: "last_record"
    case .recordCount: "record_count"
    case .startPs: "start_ps"
    case .endPs: "end_ps"
    case .tlps: "tlps"
    case .trace: "trace"
    case .mapping: "mapping"
    case .clock: "clock"
    case .accessors: "accessors"
    case .timeScale: "time_scale"
    case .tlpsLeftOut: "tlps_left_out"
    }
  }
}

extension ProtobufWriter {
  /// Annotates the event.
  mutating func annotate(_ annotation: Annotation, _ value: UInt64) {
    annotate(annotation) { $0.add(DebugAnnotationField.unsigned, value) }
  }

  /// The same, where there is something to say.
  mutating func annotate(_ annotation: Annotation, _ text: String?) {
    guard let text else { return }
    annotate(annotation) { $0.add(DebugAnnotationField.text, text) }
  }

  /// The same of what is shown as hexadecimal.
  mutating func annotate(_ annotation: Annotation, hex value: UInt64) {
    annotate(annotation) { $0.add(DebugAnnotationField.pointer, value) }
  }

  private mutating func annotate(
    _ annotation: Annotation, _ value: (inout ProtobufWriter) -> Void
  ) {
    add(TrackEventField.annotation) {
      $0.add(DebugAnnotationField.nameID, annotation.id)
      value(&$0)
    }
  }

  // MARK: Of packets

  mutating func annotate(_ packet: Packet, _ time: Packet.Transmission) {
    annotate(.tlp, packet.number)
    annotate(.type, packet.type)
    annotate(packet.target)
    annotate(.lengthDW, UInt64(packet.dwords))
    if let enables = packet.enables {
      annotate(.firstEnables, byteEnables(enables.first))
      annotate(.lastEnables, byteEnables(enables.last))
    }
    annotate(.payloadBytes, UInt64(packet.payloadBytes))
    annotate(.wireBytes, UInt64(packet.wireBytes))
    annotate(.vcpu, UInt64(packet.vcpu))
    annotate(.startPs, time.startPs)
    annotate(.endPs, time.endPs)
    annotateSource([packet])
  }

  /// Annotates the slice of a line or access.
  ///
  /// - Parameters:
  ///   - requests: Its TLPs that go to the device, one or more.
  ///   - held: Since when and until when, in ps.
  mutating func annotate(access requests: [Packet], _ held: Range<UInt64>) {
    annotate(requests[0].target)
    annotate(.payloadBytes, requests.reduce(0) { $0 + UInt64($1.payloadBytes) })
    annotate(.tlps, UInt64(requests.count))
    annotate(.startPs, held.lowerBound)
    annotate(.endPs, held.upperBound)
    annotateSource(requests)
  }

  private mutating func annotate(_ target: Packet.Target) {
    switch target {
    case .address(let address): annotate(.address, hex: address)
    case .config(let function, let register):
      annotate(.function, function)
      annotate(.register, hex: UInt64(register))
    case .completion(let request): annotate(.completes, request)
    }
  }

  /// Where TLPs of one access come from.
  private mutating func annotateSource(_ packets: [Packet]) {
    let records = packets.flatMap(\.records)
    annotate(.region, packets[0].region)
    annotate(.origin, packets[0].origin.rawValue)
    annotate(.cause, packets[0].cause?.name)
    if let record = packets[0].leftAt { annotate(.leftAt, record) }
    guard let first = records.map(\.lowerBound).min(), let last = records.map(\.upperBound).max()
    else { return }
    annotate(.firstRecord, first)
    annotate(.lastRecord, last)
    // Several TLPs of one access may carry bytes of the same record.
    if packets.count == 1 {
      annotate(.recordCount, records.reduce(0) { $0 + UInt64($1.count) })
    }
  }
}
