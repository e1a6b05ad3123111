import TraceCore

extension NaiveProgram {
  /// The program for a failure message: settings, regions, canonical CSV, a line each.
  public func describe() -> String {
    var lines = ["# seed \(seed)"]
    lines += settings.described.map { "# " + $0 }
    lines += regions.map(\.described).map { "# " + $0 }
    lines.append("record,t_ns,vcpu,op,addr,size,value,flags,kind,attr,pc,bdf,region,source_line")
    for (record, event) in events.enumerated() { lines.append(row(record, event)) }
    return lines.joined(separator: "\n")
  }

  private func row(_ record: Int, _ event: NaiveEvent) -> String {
    let isConfig = event.op.hasPrefix("config")
    let isAccess = event.op == "store" || event.op == "load"
    let address = isConfig ? event.register : event.address
    let cells: [String] = [
      String(record), event.time.map { String($0) } ?? "", String(event.vcpu), event.op,
      isConfig || isAccess ? "0x" + hex(address) : "", event.size > 0 ? String(event.size) : "",
      event.value.map(littleEndianHex) ?? "", event.flags, event.barrier + event.text,
      event.attribute.map { "0x" + hex(UInt64($0), width: 2) } ?? "", "", event.function,
      regionIndex(of: event).map { regions[$0].name } ?? "", "",
    ]
    return cells.joined(separator: ",")
  }
}

private func littleEndianHex(_ value: [UInt8]) -> String {
  "0x" + value.reversed().map { hex(UInt64($0), width: 2) }.joined()
}

extension NaiveEvent {
  /// The canonical CSV's `flags` column.
  fileprivate var flags: String {
    let single = op == "store" ? "st64b" : "ld64b"
    let all = [(release, "rel"), (acquire, "acq"), (single64, single)]
    return all.filter(\.0).map(\.1).joined(separator: " ")
  }
}

extension NaiveRegion {
  fileprivate var described: String {
    let stage = stage1.map { ", stage1 0x" + hex(UInt64($0), width: 2) } ?? ""
    return "\(name): \(kind) 0x\(hex(base)) + 0x\(hex(size))\(stage), vfio \(vfio)"
  }
}

extension NaiveSettings {
  /// Lines in the words of the command's options.
  fileprivate var described: [String] {
    let types = stage1.sorted { $0.key < $1.key }.map { " --stage1 \($0.key)=\($0.value)" }
    let drain = drainAfterNs.map { String($0) } ?? "never"
    return [
      "--policy \(policy) --fwb \(fwb ? "on" : "off") --accessors \(accessors)" + types.joined(),
      "cpu: buffers \(buffers), evict \(evict), line_bytes \(lineBytes), "
        + "single_stream \(singleStream), load_breaks_gather \(loadBreaksGather), "
        + "device_drains_nc \(deviceDrainsNC), device_bus_bytes \(deviceBusBytes), "
        + "drain_after_ns \(drain), nc_load \(ncLoad), trap_drains \(trapDrains), "
        + "lse2 \(lse2)",
      "rc: split \(split), ecrc \(ecrc)",
      "link: gen\(generation), flit \(flit), mps \(maxPayload), mrrs \(maxReadRequest), "
        + "rcb \(readCompletionBoundary)",
    ]
  }
}
