import ArmMemory
import ConfigSpace
import PCIeModel
import Results
import TraceCore

extension ModelSettings {
  /// A start for the rows of the table, each of which overwrites one field.
  static var blank: ModelSettings {
    ModelSettings(
      cpuName: "", rootComplexName: "", linkName: "",
      cpu: CPUProfile(
        buffers: 0, eviction: .lru, lineBytes: 0, singleStream: false, loadBreaksGather: false,
        deviceDrainsNC: false, deviceBusBytes: 0, drainAfterNs: 0, storeIssuePs: 0,
        deviceWritesInFlight: 0, deviceAckPs: 0, deviceLoadsInFlight: 0, normalLoadsInFlight: 0,
        ncLoad: .access, trapDrains: false, lse2: false),
      rootComplex: RootComplexProfile(split: .runs, ecrc: false),
      link: LinkConfiguration(
        generation: 0, lanes: 0, maxPayload: 0, maxReadRequest: 0, readCompletionBoundary: 0,
        flit: false),
      device: DeviceProfile(readLatencyPs: 0, configLatencyPs: 0), recovery: .untimed, values: [])
  }

  /// What no single key can check.
  func checkTogether() throws(TraceError) {
    // PCI Express Base Specification 5.0, 2.6.1: the least that a receiver advertises is a credit
    // for the largest payload; with less, such a TLP would wait for ever.
    let least = link.maxPayload / 16
    let data = [("pd", link.flowControl.posted.data), ("cpld", link.flowControl.completion.data)]
    for (name, credits) in data where credits != 0 && credits < least {
      throw TraceError(
        .configuration,
        "link.\(name) \(credits) is less than one TLP of link.mps \(link.maxPayload) needs: at"
          + " least \(least), or 0 for infinite")
    }
    try checkScales()
    // 32 bytes are more than header, framing, ECRC and OHC of any TLP.
    let room = link.dataLink.replayBufferBytes
    guard room == 0 || room >= link.maxPayload + 32 else {
      throw TraceError(
        .configuration,
        "link.replay_buffer_bytes \(room) is less than one TLP of link.mps \(link.maxPayload) needs:"
          + " at least \(link.maxPayload + 32), or 0 for as many as there are")
    }
    guard link.flit || link.generation < 6 else {
      throw TraceError(
        .configuration, "link.flit false: generation \(link.generation) has flit mode only")
    }
  }

  /// Scaled credits are advertised in whole groups.
  private func checkScales() throws(TraceError) {
    let control = link.flowControl
    let pools = [
      ("ph", "pd", control.posted), ("nph", "npd", control.nonPosted),
      ("cplh", "cpld", control.completion),
    ]
    for (header, data, pool) in pools {
      try check(header, pool.headers, "header_scale", control.headerScale)
      try check(data, pool.data, "data_scale", control.dataScale)
    }
  }

  private func check(
    _ name: String, _ credits: Int, _ scaleName: String, _ scale: Int
  ) throws(TraceError) {
    guard credits == 0 || credits >= scale else {
      throw TraceError(
        .configuration,
        "link.\(name) \(credits) is less than one group of link.\(scaleName) \(scale), in which"
          + " credits are advertised")
    }
  }

  /// Ends of ranges that other values rule out: a user's are an error, a profile's are left out.
  ///
  /// A profile does not know which payload or mode its values will meet.
  func narrowRanges(_ values: inout [SourcedValue]) throws(TraceError) {
    for index in values.indices where !values[index].range.isEmpty {
      guard let key = SettingKey.named(values[index].key) else { continue }
      var kept: [ProfileValue] = []
      for other in values[index].range {
        var trial = self
        key.store(&trial, other)
        do throws(TraceError) {
          try trial.checkTogether()
          kept.append(other)
        } catch {
          if values[index].status == .user { throw error }
          if key.type.isOrdered { kept.append(values[index].value) }
        }
      }
      let isOne = kept.allSatisfy { $0 == values[index].value }
      values[index].range = isOne ? [] : kept
    }
  }
}
