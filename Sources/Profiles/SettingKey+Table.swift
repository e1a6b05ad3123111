import ArmMemory
import PCIeModel

extension SettingKey {
  /// Every key, grouped by kind.
  public static let all: [SettingKey] =
    cpuBuffers + cpuPipeline + rootComplex + link
    + flowControl + dataLink + device + reset + platform

  /// The keys of one kind of profile.
  public static func keys(of kind: ProfileKind) -> [SettingKey] { all.filter { $0.kind == kind } }

  /// The key of this dotted name, or nil.
  public static func named(_ name: String) -> SettingKey? { places[name].map { all[$0] } }

  /// The place in ``all`` of each name.
  private static let places = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { ($0.element.name, $0.offset) })

  private static let cpuBuffers: [SettingKey] = [
    .integer(
      .cpu, "buffers", "lines", .integer(1...64), \.cpu.buffers,
      "Lines that can gather at once, in one vCPU."
    ).larger(isSlower: false, for: .gathering).changingCounts(),
    .word(.cpu, "evict", \.cpu.eviction, "Which open line makes room for a new one.")
      .changingCounts(),
    .integer(
      .cpu, "line_bytes", "bytes", .oneOf([16, 32, 64, 128]), \.cpu.lineBytes,
      "Size of a gathering line."
    ).changingCounts(),
    .flag(
      .cpu, "single_stream", \.cpu.singleStream,
      "Opening a line flushes every other open line."
    ).changingCounts(),
    .flag(
      .cpu, "load_breaks_gather", \.cpu.loadBreaksGather, "Any load flushes all open lines."
    ).changingCounts(),
    .flag(
      .cpu, "device_drains_nc", \.cpu.deviceDrainsNC,
      "A Device access flushes all open lines."
    ).changingCounts(),
    .flag(
      .cpu, "trap_drains", \.cpu.trapDrains,
      "A config access that traps to the hypervisor flushes all open lines."
    ).changingCounts(),
    .flag(
      .cpu, "zap_drains", \.cpu.zapDrains,
      "VFIO's unmap before a reset (TLBI, DSB) waits for every vCPU's gathered stores."
    ).alwaysChosen().changingCounts(),
    SettingKey(
      kind: .cpu, shortName: "drain_after_ns", unit: "ns",
      meaning: "A line open for longer than this leaves.",
      type: .wholeTimeOrNever(1...1_000_000_000_000)
    ) {
      if case .picoseconds(let time) = $1 {
        $0.cpu.drainAfterNs = time / 1000
      } else {
        $0.cpu.drainAfterNs = nil
      }
    }.larger(isSlower: false, for: .gathering).changingCounts(),
  ]

  private static let cpuPipeline: [SettingKey] = [
    .integer(
      .cpu, "device_bus_bytes", "bytes", .oneOf([1, 2, 4, 8, 16, 32, 64]), \.cpu.deviceBusBytes,
      "Widest bus access to Device memory."
    ).changingCounts(),
    .time(
      .cpu, "store_issue_ns", atLeast: 1, \.cpu.storeIssuePs,
      "Between two stores or loads that a vCPU issues."
    ).larger(isSlower: true, for: .both),
    .integer(
      .cpu, "device_writes_in_flight", "writes", .integer(1...1024), \.cpu.deviceWritesInFlight,
      "nGnRE and nGRE writes without acknowledgement, in one vCPU."
    ).larger(isSlower: false, for: .device),
    .time(
      .cpu, "device_ack_ns", \.cpu.deviceAckPs,
      "From a Device write's acceptance by the root complex to its acknowledgement."
    ).larger(isSlower: true, for: .device),
    .integer(
      .cpu, "loads_in_flight", "loads", .integer(1...1024), \.cpu.deviceLoadsInFlight,
      "Loads of Device memory that wait for data, in one vCPU; of Normal: normal_loads_in_flight."
    ).larger(isSlower: false, for: .device),
    .integer(
      .cpu, "normal_loads_in_flight", "loads", .integer(1...1024), \.cpu.normalLoadsInFlight,
      "Loads of Normal memory that wait for data, in one vCPU; of Device: loads_in_flight."
    ).larger(isSlower: false, for: .gathering),
    .word(
      .cpu, "nc_load", \.cpu.ncLoad,
      "What a Normal-NC load reads: the words it touches, or its line."
    ).changingCounts(),
    .flag(
      .cpu, "lse2", \.cpu.lse2,
      "FEAT_LSE2: unaligned load-acquires and store-releases within 16 bytes are legal."
    ).changingCounts(),
  ]

  private static let rootComplex: [SettingKey] = [
    .word(.rc, "split", \.rootComplex.split, "How enabled bytes are grouped into memory writes.")
      .changingCounts(),
    .flag(.rc, "ecrc", \.rootComplex.ecrc, "TLPs carry an end-to-end CRC.").changingCounts(),
    .word(
      .rc, "serialisation_point", \.rootComplex.serialisationPoint,
      "Where a DSB stops waiting for a posted write: what is behind it, PCIe orders."
    ).alwaysChosen().changingCounts(),
    .flag(
      .rc, "ecam_shares_region", \.rootComplex.ecamSharesRegion,
      "The interconnect keeps ECAM and BARs in one ordering region."
    ).alwaysChosen().changingCounts(),
    .flag(
      .rc, "config_writes_posted", \.rootComplex.configWritesPosted,
      "The host posts config writes: only a config read shows that one has arrived."
    ).alwaysChosen().changingCounts(),
    SettingKey(
      kind: .rc, shortName: "completion_timeout_ns", unit: "ns",
      meaning: "A request has been answered, or given up, after this time.",
      type: .wholeTimeOrNever(50_000...64_000_000_000)
    ) {
      if case .picoseconds(let time) = $1 {
        $0.rootComplex.completionTimeoutNs = time / 1000
      } else {
        $0.rootComplex.completionTimeoutNs = nil
      }
    }.alwaysChosen().changingCounts(),
  ]

  /// Powers of two that Max_Payload_Size and Max_Read_Request_Size can encode.
  private static let payloadSizes = [128, 256, 512, 1024, 2048, 4096]

  private static let link: [SettingKey] = [
    .integer(
      .link, "gen", "", .integer(1...7), \.link.generation, "Generation: 1 (2.5 GT/s) to 7."
    ).alwaysChosen(),
    .integer(
      .link, "lanes", "lanes", .oneOf([1, 2, 4, 8, 12, 16, 32]), \.link.lanes, "Link width."
    ).alwaysChosen(),
    .integer(
      .link, "mps", "bytes", .oneOf(payloadSizes), \.link.maxPayload, "Max_Payload_Size."
    ).changingCounts(),
    .integer(
      .link, "mrrs", "bytes", .oneOf(payloadSizes), \.link.maxReadRequest,
      "Max_Read_Request_Size."
    ).changingCounts(),
    .integer(
      .link, "rcb", "bytes", .oneOf([64, 128]), \.link.readCompletionBoundary,
      "Read Completion Boundary."
    ).changingCounts(),
    .flag(.link, "flit", \.link.flit, "Flit mode; always in generations 6 and 7.").changingCounts(),
    .integer(
      .link, "memory_vc", "", .oneOf([0, 1]), \.link.memoryChannel,
      "Virtual channel of memory requests; config requests use 0."),
  ]

  // Scaled flow control: 16 times the 127 and 2047 that the unscaled fields can hold.
  private static let headers = ValueType.integer(0...2032)
  private static let data = ValueType.integer(0...32_752)

  private static let flowControl: [SettingKey] = [
    .integer(
      .link, "ph", "credits", headers, \.link.flowControl.posted.headers,
      "Posted header credits, one a TLP; 0 is infinite."
    ).larger(isSlower: false, for: .tlps).zeroIsSpecial(),
    .integer(
      .link, "pd", "credits", data, \.link.flowControl.posted.data,
      "Posted data credits of 16 bytes; 0 is infinite."
    ).larger(isSlower: false, for: .bytes).zeroIsSpecial(),
    .integer(
      .link, "nph", "credits", headers, \.link.flowControl.nonPosted.headers,
      "Non-posted header credits, one a request; 0 is infinite."
    ).larger(isSlower: false, for: .tlps).zeroIsSpecial(),
    .integer(
      .link, "npd", "credits", data, \.link.flowControl.nonPosted.data,
      "Non-posted data credits of 16 bytes, one a config write; 0 is infinite."
    ).larger(isSlower: false, for: .bytes).zeroIsSpecial(),
    .integer(
      .link, "cplh", "credits", headers, \.link.flowControl.completion.headers,
      "Completion header credits of the root complex; 0 is infinite."
    ).larger(isSlower: false, for: .tlps).zeroIsSpecial(),
    .integer(
      .link, "cpld", "credits", data, \.link.flowControl.completion.data,
      "Completion data credits of 16 bytes of the root complex; 0 is infinite."
    ).larger(isSlower: false, for: .bytes).zeroIsSpecial(),
    .integer(
      .link, "header_scale", "credits", .oneOf([1, 4, 16]), \.link.flowControl.headerScale,
      "Scaled flow control: header credits come in whole groups of so many, the rest is unused."),
    .integer(
      .link, "data_scale", "credits", .oneOf([1, 4, 16]), \.link.flowControl.dataScale,
      "Scaled flow control: data credits come in whole groups of so many, the rest is unused."),
    .time(
      .link, "credit_loop_ns", \.link.flowControl.loopPs,
      "From the start of a TLP to the return of its credits."
    ).larger(isSlower: true, for: .link),
  ]

  private static let dataLink: [SettingKey] = [
    .time(
      .link, "ack_latency_ns", \.link.dataLink.ackLatencyPs,
      "From the end of a TLP to the arrival of its Ack, which frees its replay buffer."
    ).larger(isSlower: true, for: .link),
    .integer(
      .link, "replay_buffer_bytes", "bytes", .integer(0...1_048_576),
      \.link.dataLink.replayBufferBytes,
      "Bytes of TLPs that may wait for their Ack; 0 is as many as there are."
    ).larger(isSlower: false, for: .bytes).zeroIsSpecial(),
    .integer(
      .link, "replay_every", "TLPs", .integer(0...1_000_000_000), \.link.dataLink.replayEvery,
      "One TLP in so many is damaged and sent again; 0 is none."
    ).larger(isSlower: false, for: .tlps).zeroIsSpecial(),
    .time(
      .link, "replay_ns", \.link.dataLink.replayPs,
      "From the end of a damaged TLP to the start of its repetition."
    ).larger(isSlower: true, for: .tlps),
  ]

  private static let device: [SettingKey] = [
    .time(
      .device, "read_latency_ns", \.device.readLatencyPs,
      "From the end of a memory read request to the start of its completion."
    ).larger(isSlower: true, for: .both),
    .time(
      .device, "config_latency_ns", \.device.configLatencyPs,
      "From the end of a config request to the start of its completion."
    ).larger(isSlower: true, for: .both),
  ]
}
