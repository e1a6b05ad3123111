public import Results

/// What became of a record, as JSON.
public struct RecordStoryJSON {
  public let text: String

  public init(_ story: RecordStory) {
    let others = story.others.values.sorted { $0.record < $1.record }
    text =
      JSONValue.object([
        "schema_version": .count(1), "trace": .text(story.trace),
        "record": Self.record(story.record), "scenarios": .list(story.fates.map(Self.fate)),
        "records": .list(others.map(Self.record)),
      ]).document
  }

  private static func record(_ record: DescribedRecord) -> JSONValue {
    .object([
      "record": .count(record.record), "op": .text(record.operation),
      "vcpu": .count(UInt64(record.vcpu)), "detail": .text(record.detail),
      "addr": JSONValue(record.place?.address),
      "size": JSONValue(record.place.map { UInt64($0.size) }),
      "region": JSONValue(record.place?.region), "offset": JSONValue(record.place?.offset),
      "t_ns": JSONValue(record.timeNs), "line": JSONValue(record.line),
    ])
  }

  private static func fate(_ fate: RecordFate) -> JSONValue {
    .object([
      "name": .text(fate.scenario), "accessors": .text(fate.accessors),
      "effective": JSONValue(fate.mapping?.effective),
      "stage1": JSONValue(fate.mapping?.stage1), "stage2": JSONValue(fate.mapping?.stage2),
      "events": .list(fate.events.map(event)), "findings": .list(fate.findings.map(finding)),
    ])
  }

  private static func finding(_ finding: Finding) -> JSONValue {
    .object([
      "code": .text(finding.code), "severity": .text(finding.severity.rawValue),
      "earlier_record": JSONValue(finding.earlierRecord), "message": .text(finding.message),
    ])
  }

  private static func event(_ event: RecordFate.Event) -> JSONValue {
    switch event {
    case .fault(let stage):
      .object(["event": .text("fault"), "stage": .count(UInt64(stage))])
    case .overwritten(let bytes, let address, let record):
      .object([
        "event": .text("overwritten"), "bytes": .count(UInt64(bytes)), "addr": .count(address),
        "by_record": .count(record),
      ])
    case .write(let address, let bytes, let tlps):
      .object([
        "event": .text("write"), "addr": .count(address), "bytes": .count(UInt64(bytes)),
        "tlps": .list(tlps.map(tlp)),
      ])
    case .line(let line): self.line(line)
    case .read(let address, let bytes, let cost): request("read", address, bytes, cost)
    case .config(let register, let bytes, let cost): request("config", register, bytes, cost)
    case .meaning(let kind, let function):
      .object(["event": .text(kind), "function": .text(function)])
    }
  }

  private static func request(
    _ name: String, _ address: UInt64, _ bytes: Int, _ cost: RecordFate.RoundTrip
  ) -> JSONValue {
    .object([
      "event": .text(name), "addr": .count(address), "bytes": .count(UInt64(bytes)),
      "requests": .count(cost.requests), "completions": .count(cost.completions),
      "wire_down_bytes": .count(cost.downBytes), "wire_up_bytes": .count(cost.upBytes),
    ])
  }

  private static func line(_ line: RecordFate.Line) -> JSONValue {
    .object([
      "event": .text("line"), "addr": .count(line.address), "line_bytes": .count(UInt64(line.size)),
      "bytes": .count(UInt64(line.pending)), "cause": .text(line.cause.name),
      "at_record": JSONValue(line.record), "tlps": .list(line.tlps.map(tlp)),
      "parts": .list(
        line.parts.map { part in
          .object([
            "record": .count(part.record),
            "bytes": .list(
              part.bytes.map {
                .list([.count(UInt64($0.lowerBound)), .count(UInt64($0.upperBound))])
              }),
          ])
        }),
    ])
  }

  private static func tlp(_ tlp: RecordFate.TLP) -> JSONValue {
    .object([
      "addr": .count(tlp.address), "payload_bytes": .count(UInt64(tlp.payloadBytes)),
      "wire_bytes": .count(tlp.wireBytes),
    ])
  }
}
