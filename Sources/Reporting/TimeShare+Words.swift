import Results

extension TimeShare {
  /// After a percentage: what that part of the time went into.
  var words: String {
    switch self {
    case .issue: "issuing accesses"
    case .link: "waiting for the link"
    case .credit: "waiting for flow control credits"
    case .turn: "waiting for another vCPU's access that the trace has first"
    case .buffer: "waiting for a gathering buffer"
    case .acknowledgement: "waiting for acknowledgements of Device writes"
    case .read: "waiting for load data"
    case .barrier: "at DSB"
    case .config: "waiting for config completions"
    case .idle: "idle until the next recorded time"
    }
  }

  /// What counts as it, for a table.
  var meaning: String {
    switch self {
    case .issue: "issuing stores, loads and config accesses"
    case .link: "waiting for a buffer, acknowledgement or request that waits for the link"
    case .credit: "the same, while the link waits for flow control credits or the replay buffer"
    case .turn: "the same, while the link is idle: another vCPU's access, issued later, is first"
    case .buffer: "waiting for a gathering buffer, for no reason further down"
    case .acknowledgement: "waiting for the acknowledgement of a Device write"
    case .read: "waiting for the data of an earlier load"
    case .barrier: "waiting at a DSB"
    case .config: "waiting for the completion of a config access"
    case .idle: "until the recorded time of the next access"
    }
  }

  /// The profile values that it hangs on, most direct first; none where it is the trace's own.
  var keys: [String] {
    switch self {
    case .issue: ["cpu.store_issue_ns"]
    case .link: ["link.gen", "link.lanes"]
    case .credit:
      ["link.ph", "link.pd", "link.credit_loop_ns", "link.replay_buffer_bytes"]
    case .turn: []
    case .buffer: ["cpu.buffers"]
    case .acknowledgement: ["cpu.device_writes_in_flight", "cpu.device_ack_ns"]
    case .read:
      ["device.read_latency_ns", "cpu.loads_in_flight", "cpu.normal_loads_in_flight"]
    case .barrier: ["cpu.device_ack_ns"]
    case .config: ["device.config_latency_ns"]
    case .idle: []
    }
  }

  /// ``keys`` without those that limit nothing in the scenario: 0 credits or bytes are as many as
  /// there are, and 0 ns is no wait.
  func keys(in scenario: ScenarioResult) -> [String] {
    keys.filter { key in
      let setting = scenario.settings.first { $0.key == key }
      return setting?.value != .integer(0) && setting?.value != .number(0)
    }
  }
}

extension Sequence<TimePart> {
  /// The parts' time in ps; the sum of many vCPUs.
  var sumPs: UInt128 { reduce(0) { $0 + UInt128($1.timePs) } }
}
