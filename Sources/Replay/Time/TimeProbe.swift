import Results
import TraceCore

/// What one clock keeps for reports besides the total time: latencies, shares of the vCPUs' time,
/// and how busy the link was.
struct TimeProbe: ~Copyable {
  /// What is remembered of one vCPU.
  struct Trail: BitwiseCopyable {
    var isStarted = false
    /// Region of its last access.
    var region: Int32 = 0
    /// A TLP that had started when it became free last.
    var known: UInt64 = 0
    /// The last TLP that it sent.
    var sentStart: UInt64 = 0
    var sentEnd: UInt64 = 0
    /// The last data or completion that came back for it.
    var returned: UInt64 = 0
    var returnedShare = TimeShare.read

    @inline(__always)
    fileprivate mutating func enter(_ number: Int) {
      isStarted = true
      region = Int32(truncatingIfNeeded: number)
    }

    @inline(__always)
    fileprivate mutating func sent(_ start: UInt64, _ end: UInt64) {
      sentStart = start
      sentEnd = end
    }

    @inline(__always)
    fileprivate mutating func returned(_ share: TimeShare, _ time: UInt64) {
      returned = time
      returnedShare = share
    }
  }

  /// Room for a share each; a literal, because it is asked for at every step.
  static let shares = 16

  var stores = LatencyPool()
  var loads = LatencyPool()
  var down = UseBins()
  var up = UseBins()
  private var trails = FixedBuffer(repeating: Trail(), count: 0)
  /// ps by region and share: a trace lasts up to 2^63 ps, and so may each of its vCPUs.
  private var parts = FixedBuffer<UInt128>(repeating: 0, count: 0)
  /// When each open line's first store was issued, by buffer.
  private var openings: TimeRows
  /// Numbers of the TLPs that Device writes left as, and of the last one of each line, by the
  /// clock's slots.
  private var writes: TimeRows
  private var lines: TimeRows
  /// When the request of each load under way was on the link, by the clock's slots.
  private var deviceRequests: TimeRows
  private var normalRequests: TimeRows

  /// - Parameters:
  ///   - buffers: Gathering lines of a vCPU.
  ///   - deviceWrites: Its Device writes that may be unacknowledged.
  ///   - deviceLoads: Its loads of Device memory that may be under way.
  ///   - normalLoads: The same of Normal memory.
  init(buffers: Int, deviceWrites: Int, deviceLoads: Int, normalLoads: Int) {
    precondition(TimeShare.allCases.count <= Self.shares)
    openings = TimeRows(depth: buffers)
    lines = TimeRows(depth: buffers)
    writes = TimeRows(depth: deviceWrites)
    deviceRequests = TimeRows(depth: deviceLoads)
    normalRequests = TimeRows(depth: normalLoads)
  }

  mutating func grow(vcpus: Int, regions: Int) {
    trails.grow(to: vcpus, repeating: Trail())
    parts.grow(to: regions * Self.shares, repeating: 0)
    openings.grow(rows: vcpus)
    lines.grow(rows: vcpus)
    writes.grow(rows: vcpus)
    deviceRequests.grow(rows: vcpus)
    normalRequests.grow(rows: vcpus)
    stores.grow(regions: regions)
    loads.grow(regions: regions)
  }

  /// Time of a region's accesses by share over all vCPUs, in ps, exact.
  func time(_ share: TimeShare, region: Int) -> UInt128 {
    let index = region * Self.shares + Int(share.rawValue)
    return index < parts.count ? parts[index] : 0
  }

  // MARK: Waiting

  /// An access of a vCPU, or what follows from one, begins; the first one starts its time.
  @inline(__always)
  mutating func enter(_ vcpu: Int, _ region: Int) {
    trails[vcpu].enter(region)
  }

  @inline(__always)
  mutating func add(_ share: TimeShare, _ time: UInt64, _ region: Int) {
    parts[region &* Self.shares &+ Int(share.rawValue)] &+= UInt128(time)
  }

  /// A vCPU that has begun has nothing to do until a recorded time.
  mutating func idle(_ time: UInt64, _ vcpu: Int) {
    if trails[vcpu].isStarted { add(.idle, time, Int(trails[vcpu].region)) }
  }

  /// A TLP that had started when a vCPU became free last; 0 where none is known.
  @inline(__always)
  func known(_ vcpu: Int) -> UInt64 { trails[vcpu].known }

  /// A vCPU waited until a TLP started.
  @inline(__always)
  mutating func waited(_ vcpu: Int, for number: UInt64) { trails[vcpu].known = number }

  /// Region of the vCPU's last access.
  func region(_ vcpu: Int) -> Int { Int(trails[vcpu].region) }

  // MARK: What was sent

  @inline(__always)
  mutating func open(_ vcpu: Int, _ buffer: Int, at time: UInt64) {
    openings[vcpu, buffer] = time
  }

  @inline(__always)
  func opened(_ vcpu: Int, _ buffer: Int) -> UInt64 { openings[vcpu, buffer] }

  /// The TLP that the Device write in a slot left as.
  @inline(__always)
  func write(_ vcpu: Int, _ slot: Int) -> UInt64 { writes[vcpu, slot] }

  @inline(__always)
  mutating func keepWrite(_ vcpu: Int, _ slot: Int, _ number: UInt64) {
    writes[vcpu, slot] = number
  }

  /// The last TLP of the line that held a slot.
  @inline(__always)
  func line(_ vcpu: Int, _ slot: Int) -> UInt64 { lines[vcpu, slot] }

  @inline(__always)
  mutating func keepLine(_ vcpu: Int, _ slot: Int, _ number: UInt64) {
    lines[vcpu, slot] = number
  }

  @inline(__always)
  mutating func keepRequest(_ vcpu: Int, _ slot: Int, _ isDevice: Bool, _ start: UInt64) {
    if isDevice { deviceRequests[vcpu, slot] = start } else { normalRequests[vcpu, slot] = start }
  }

  func requestSent(_ vcpu: Int, _ slot: Int, _ isDevice: Bool) -> UInt64 {
    isDevice ? deviceRequests[vcpu, slot] : normalRequests[vcpu, slot]
  }

  /// The last memory write of a vCPU's step was on the link.
  @inline(__always)
  mutating func keepLast(_ vcpu: Int, _ start: UInt64, _ end: UInt64) {
    trails[vcpu].sent(start, end)
  }

  /// Requests went out and their completions came back.
  mutating func keepReturn(_ vcpu: Int, _ share: TimeShare, _ time: UInt64) {
    trails[vcpu].returned(share, time)
  }

  /// What a vCPU still waits for after its last step.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - now: When it has nothing more to issue, in ps.
  /// - Returns: What comes last, its region, and when it starts and ends; nil where nothing is left.
  func rest(
    _ vcpu: Int, from now: UInt64
  ) -> (share: TimeShare, region: Int, start: UInt64, end: UInt64)? {
    let trail = trails[vcpu]
    guard trail.isStarted else { return nil }
    if trail.returned > max(trail.sentEnd, now) {
      return (trail.returnedShare, Int(trail.region), now, trail.returned)
    }
    guard trail.sentEnd > now else { return nil }
    return (.link, Int(trail.region), max(now, trail.sentStart), trail.sentEnd)
  }

  // MARK: Results

  /// Adds what was measured of some regions together.
  func add(_ regions: [Int], to metrics: inout ClockMetrics) {
    var (stores, loads) = (LatencySum(), LatencySum())
    for region in regions {
      self.stores.add(region: region, to: &stores)
      self.loads.add(region: region, to: &loads)
    }
    metrics.storeLatency = stores.latency
    metrics.loadLatency = loads.latency
    for share in TimeShare.allCases {
      let time = regions.reduce(UInt128(0)) { $0 + self.time(share, region: $1) }
      if time > 0 {
        metrics.timeParts.append(TimePart(share: share, timePs: UInt64(clamping: time)))
      }
    }
  }

  /// Both directions in bins of one width.
  mutating func linkUse() -> LinkUse {
    down.widen(to: up.binPs)
    up.widen(to: down.binPs)
    let bins = max(down.used, up.used)
    return LinkUse(
      binPs: max(down.binPs, up.binPs), downPs: down.values(bins), upPs: up.values(bins))
  }
}
