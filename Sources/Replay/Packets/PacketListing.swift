import ConfigSpace
import PCIeModel
import Profiles
public import Results
public import TraceCore

/// Lists the TLPs that a scenario puts on the link, in one pass and block by block.
public struct PacketListing {
  private let configuration: ScenarioConfiguration
  /// Called after each block; for progress.
  public var onBlock: ((_ records: UInt64) -> Void)?
  /// TLPs so far.
  public private(set) var count: UInt64 = 0
  /// Lines and accesses so far.
  private var accesses: UInt64 = 0

  /// - Parameter configuration: The scenario.
  public init(_ configuration: ScenarioConfiguration) {
    var lean = configuration
    lean.measures = false
    self.configuration = lean
  }

  /// The accessor assumption that the scenario comes to.
  ///
  /// - Parameters:
  ///   - source: The trace, from its beginning.
  ///   - isRead: Its blocks may be read, and the source is of no further use then.
  /// - Returns: nil where only reading it can tell.
  /// - Throws: ``TraceError`` from the source.
  public func accessors(
    of source: any BlockSource, isRead: Bool
  ) throws(TraceError) -> AccessorAssumption? {
    var contest = AccessorContest([configuration], source.context) { $1 }
    let block = Block()
    while contest.contenders[0].count > 1, isRead, try source.next(into: block) {
      _ = contest.see(block)
    }
    return contest.contenders[0].count == 1 || isRead ? contest.winners[0] : nil
  }

  /// Reads the trace.
  ///
  /// - Parameters:
  ///   - source: The trace, from its beginning.
  ///   - accessors: What ``accessors(of:isRead:)`` came to.
  ///   - emit: Takes TLPs in the order in which the root complex has them: writes as they leave the
  ///     CPU, requests as they are issued, and the answers behind their requests.
  /// - Throws: ``TraceError`` from the source or from `emit`.
  public mutating func run(
    _ source: any BlockSource, accessors: AccessorAssumption,
    emit: ([Packet]) throws(TraceError) -> Void
  ) throws(TraceError) {
    let settings = configuration.settings
    let trail = PacketTrail(settings)
    let clocks = PacketClocks(settings, configuration.clocks)
    // The listing's own clocks are all that run.
    var plan = configuration.ownPlan
    plan.clocks = []
    let replay = ScenarioReplay(
      configuration, accessors: accessors, context: source.context, [plan])
    replay.sink = trail
    replay.engine.clocks.listener = clocks
    var feed = ReplayFeed(source, onBlock)
    try feed.handOut { block throws(TraceError) in
      try replay.consume(block)
      try emit(packets(trail.take(), clocks, replay))
      return .onwards
    }
    try configuration.checkRegions(source.context)
    try replay.finish()
    try emit(packets(trail.take(), clocks, replay))
  }

  private mutating func packets(
    _ loads: [PacketTrail.Load], _ clocks: PacketClocks, _ replay: ScenarioReplay
  ) throws(TraceError) -> [Packet] {
    let times = clocks.take()
    guard times.allSatisfy({ $0.passages.count == loads.count }) else {
      throw TraceError(.internal, "the clocks saw other TLPs than there were")
    }
    var packets: [Packet] = []
    packets.reserveCapacity(loads.count)
    // One step's behind the other, and the end of the last one's.
    var places = [0]
    for (index, load) in loads.enumerated() {
      add(load, replay, to: &packets)
      places.append(packets.count)
      // Which step ends an access does not hang on the clock.
      if times[0].passages[index].until != nil { accesses += 1 }
    }
    for (kind, passages) in times {
      guard var until = passages.last?.until ?? (passages.isEmpty ? 0 : nil) else {
        throw TraceError(.internal, "an access does not end with its block")
      }
      for index in loads.indices.reversed() {
        let passage = passages[index]
        until = passage.until ?? until
        setTimes(of: &packets, places[index]..<places[index + 1], passage, until, kind, clocks)
      }
    }
    return packets
  }

  /// Sets when the TLPs of a step are on the link: one behind the other in each direction.
  private func setTimes(
    of packets: inout [Packet], _ places: Range<Int>, _ passage: PacketClocks.Passage,
    _ until: UInt64, _ kind: ScenarioConfiguration.Clocks, _ clocks: PacketClocks
  ) {
    var ahead = (down: 0, up: 0)
    let held = passage.since..<until
    for place in places {
      let bytes = packets[place].wireBytes
      let time: Packet.Transmission
      if packets[place].direction == .down {
        time = clocks.transmission(passage.start, ahead: ahead.down, bytes: bytes, held: held)
        ahead.down += bytes
      } else {
        time = clocks.transmission(passage.back, ahead: ahead.up, bytes: bytes, held: held)
        ahead.up += bytes
      }
      packets[place].setTime(time, kind)
    }
  }

  /// Adds the TLPs of one step, requests first.
  private mutating func add(
    _ load: PacketTrail.Load, _ replay: ScenarioReplay, to packets: inout [Packet]
  ) {
    let region = replay.regionName(load.region)
    let flit = configuration.settings.link.flit
    func packet(_ tlp: TLP, _ direction: Packet.Direction, _ target: Packet.Target) -> Packet {
      let enables = Packet.Enables(first: tlp.enables.first, last: tlp.enables.last)
      return Packet(
        number: count, direction: direction, access: accesses, type: tlp.type.name, target: target,
        dwords: tlp.dwords, enables: tlp.type.isCompletion ? nil : enables,
        payloadBytes: tlp.payloadBytes, wireBytes: tlp.wireBytes(flit: flit), region: region,
        vcpu: load.vcpu, origin: load.origin, cause: load.cause, leftAt: load.leftAt,
        records: load.records)
    }
    let first = count
    for request in load.requests {
      packets.append(packet(request, .down, replay.target(of: request, load)))
      count += 1
    }
    for (index, request) in load.requests.enumerated() {
      let answers = request.completions(.few, link: configuration.settings.link, completer: 0)
      for answer in answers {
        packets.append(packet(answer, .up, .completion(of: first + UInt64(index))))
        count += 1
      }
    }
  }
}

extension ScenarioReplay {
  fileprivate func target(of request: TLP, _ load: PacketTrail.Load) -> Packet.Target {
    if case .address(let address) = request.route { return .address(address) }
    let address = load.config?.address ?? 0
    let place = load.config.flatMap {
      tables.targets[$0.target].location(of: address, isWindow: $0.isWindow)
    }
    return .config(
      function: place?.function.description,
      register: Int(place?.register ?? UInt16(truncatingIfNeeded: address & 0xfff)) & ~3)
  }
}

extension Packet {
  fileprivate mutating func setTime(
    _ time: Transmission, _ clock: ScenarioConfiguration.Clocks
  ) {
    if clock == .paced { paced = time } else { saturated = time }
  }
}
