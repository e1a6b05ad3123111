/// The times of Model.md, section "Time", as plainly as possible: every past moment is kept.
///
/// Written from the page alone, to judge the engine's clocks: plain arrays of all releases, all
/// acknowledgements, all returns of credits and all that the link has carried.
public struct NaiveClock {
  private let timing: NaiveTiming
  /// Gathering buffers of each vCPU.
  private let buffers: Int
  private let serialise: (Int) -> Int
  /// Steps are not issued before their recorded time.
  private let isPaced: Bool
  private let origin: UInt64
  private var cpus: [Int: CPU] = [:]
  private var link: NaiveLink
  private var times = NaiveTimes()

  /// What has happened to one vCPU's accesses, each list in the order of issue.
  private struct CPU {
    /// The earliest time at which the next piece can be issued.
    var now = 0
    var linesOpened = 0
    /// When buffers of lines that have left became free.
    var bufferReleases: [Int] = []
    /// When each piece to a Device type that does not gather was, or will be, acknowledged.
    var deviceAcks: [Int] = []
    var lastWasStrict = false
    /// When any write is acknowledged.
    var allAcks: [Int] = []
    /// When the last completion of each load has arrived.
    var deviceLoads: [Int] = []
    var normalLoads: [Int] = []
    /// When the writes to come are ready to leave.
    var ready = 0
    var isOfDevice = false
  }

  /// The busy times of a program.
  ///
  /// - Parameters:
  ///   - steps: What takes time, in order.
  ///   - buffers: Gathering buffers of each vCPU.
  ///   - timing: Latencies, windows, credits.
  ///   - isPaced: Nothing is issued before its recorded time.
  ///   - serialise: Time in ps that so many bytes of one TLP take on the link.
  /// - Returns: Times by region, in ps.
  public static func run(
    _ steps: [NaiveStep], buffers: Int, timing: NaiveTiming, isPaced: Bool,
    serialise: @escaping (Int) -> Int
  ) -> NaiveTimes {
    var clock = NaiveClock(
      buffers: buffers, timing: timing, serialise: serialise, isPaced: isPaced,
      origin: steps.lazy.compactMap(\.timeNs).first ?? 0)
    for step in steps { clock.take(step) }
    return clock.times
  }

  private init(
    buffers: Int, timing: NaiveTiming, serialise: @escaping (Int) -> Int, isPaced: Bool,
    origin: UInt64
  ) {
    self.buffers = buffers
    self.timing = timing
    self.serialise = serialise
    self.isPaced = isPaced
    self.origin = origin
    link = NaiveLink(timing)
  }

  private mutating func take(_ step: NaiveStep) {
    var cpu = cpus[step.vcpu] ?? CPU()
    cpu.now = earliest(step, cpu)
    switch step.kind {
    case .gather(let opensLine): gather(step, &cpu, opensLine: opensLine)
    case .devicePiece(let isStrict): issueDevice(step, &cpu, isStrict: isStrict)
    case .write(let tlps, let endsLine): write(step, &cpu, tlps, endsLine: endsLine)
    case .load(let reads, let isDevice): load(step, &cpu, reads, isDevice: isDevice)
    case .config(let cost): config(step, &cpu, cost)
    case .event: break
    case .synchronize:
      let data = cpu.deviceLoads + cpu.normalLoads
      cpu.now = max(cpu.now, (cpu.allAcks + data).max() ?? 0)
    }
    cpus[step.vcpu] = cpu
  }

  /// When a vCPU can do what a step asks for, unless something else holds it up.
  private func earliest(_ step: NaiveStep, _ cpu: CPU) -> Int {
    guard isPaced, let time = step.timeNs else { return cpu.now }
    return max(cpu.now, Int(time - origin) * 1000)
  }

  /// The `window`-th last of the moments before which the next one may not begin; 0 if none.
  private func slot(_ moments: [Int], window: Int) -> Int {
    moments.count < window ? 0 : moments[moments.count - window]
  }

  // MARK: Stores

  private mutating func gather(_ step: NaiveStep, _ cpu: inout CPU, opensLine: Bool) {
    var time = cpu.now
    if opensLine {
      cpu.linesOpened += 1
      // Of `buffers` lines the last one is this: so many must have been released before.
      let released = cpu.linesOpened - buffers
      if released > 0 { time = max(time, cpu.bufferReleases[released - 1]) }
    }
    times.begin(step.region, at: time)
    cpu.now = time + timing.issue
    cpu.isOfDevice = false
  }

  private mutating func issueDevice(_ step: NaiveStep, _ cpu: inout CPU, isStrict: Bool) {
    let window = isStrict || cpu.lastWasStrict ? 1 : timing.writesInFlight
    let time = max(cpu.now, slot(cpu.deviceAcks, window: window))
    times.begin(step.region, at: time)
    cpu.now = time + timing.issue
    cpu.lastWasStrict = isStrict
    cpu.isOfDevice = true
    cpu.ready = time
  }

  private mutating func write(
    _ step: NaiveStep, _ cpu: inout CPU, _ tlps: [NaiveStep.Posted], endsLine: Bool
  ) {
    let isDevice = cpu.isOfDevice && !endsLine
    let ready = isDevice ? cpu.ready : cpu.now
    var accepted = 0
    for tlp in tlps {
      let wire = serialise(tlp.wireBytes)
      accepted = link.write(
        ready: ready, wire: wire, bytes: tlp.wireBytes, dataCredits: tlp.dataCredits)
      times.end(step.region, at: accepted + wire)
    }
    cpu.allAcks.append(accepted + timing.ack)
    if isDevice { cpu.deviceAcks.append(accepted + timing.ack) }
    if endsLine { cpu.bufferReleases.append(accepted) }
  }

  // MARK: Requests

  private mutating func load(
    _ step: NaiveStep, _ cpu: inout CPU, _ reads: [NaiveStep.NonPosted], isDevice: Bool
  ) {
    let before =
      isDevice
      ? slot(cpu.deviceLoads, window: timing.deviceLoads)
      : slot(cpu.normalLoads, window: timing.normalLoads)
    let time = max(cpu.now, before)
    times.begin(step.region, at: time)
    var end = time
    for read in reads {
      end = transfer(read, ready: time, latency: timing.readLatency)
      times.end(step.region, at: end)
    }
    if isDevice { cpu.deviceLoads.append(end) } else { cpu.normalLoads.append(end) }
    cpu.now = time + timing.issue
  }

  private mutating func config(
    _ step: NaiveStep, _ cpu: inout CPU, _ cost: NaiveStep.NonPosted
  ) {
    let time = cpu.now
    times.begin(step.region, at: time)
    let end = transfer(cost, ready: time, latency: timing.configLatency)
    times.end(step.region, at: end)
    cpu.now = end
  }

  /// A request and its completions.
  ///
  /// - Returns: When the last completion has arrived.
  private mutating func transfer(
    _ cost: NaiveStep.NonPosted, ready: Int, latency: Int
  ) -> Int {
    let wire = serialise(cost.downBytes)
    let start = link.request(
      ready: ready, wire: wire, requests: cost.requests, dataCredits: cost.dataCredits)
    return link.complete(
      ready: start + wire + latency, wire: serialise(cost.upBytes),
      completions: cost.completions, dataCredits: cost.completionCredits)
  }
}
