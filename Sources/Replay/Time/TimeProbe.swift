import Results
import TraceCore

/// What one clock keeps for reports besides the total time: latencies, shares of the vCPUs' time,
/// and how busy the link was.
struct TimeProbe: ~Copyable {
  /// What is remembered of one vCPU.
  private struct Trail: BitwiseCopyable {
    var isStarted = false
    /// Region of its last access.
    var region: Int32 = 0
    /// The last TLP that it sent, and that one's end.
    var sent: UInt64 = 0
    var sentStart: UInt64 = 0
    var sentEnd: UInt64 = 0
    /// The last data or completion that came back for it.
    var returned: UInt64 = 0
    var returnedShare = TimeShare.read
  }

  static let shares = TimeShare.allCases.count

  var stores = LatencyPool()
  var loads = LatencyPool()
  private(set) var down = UseBins()
  private(set) var up = UseBins()
  private var trails = FixedBuffer(repeating: Trail(), count: 0)
  /// ps by region and share.
  private var parts = FixedBuffer<UInt64>(repeating: 0, count: 0)
  /// When each open line's first store was issued, by buffer.
  private var openings: TimeRows
  /// The TLP that the times in the clock's rows of lines and acknowledgements come from.
  private var lineTLPs: TimeRows
  private var writeTLPs: TimeRows

  /// - Parameters:
  ///   - buffers: Gathering lines of a vCPU.
  ///   - writes: Device writes in flight of a vCPU.
  init(buffers: Int, writes: Int) {
    openings = TimeRows(depth: buffers)
    lineTLPs = TimeRows(depth: buffers)
    writeTLPs = TimeRows(depth: writes)
  }

  mutating func grow(vcpus: Int, regions: Int) {
    trails.grow(to: vcpus, repeating: Trail())
    parts.grow(to: regions * Self.shares, repeating: 0)
    openings.grow(rows: vcpus)
    lineTLPs.grow(rows: vcpus)
    writeTLPs.grow(rows: vcpus)
    stores.grow(regions: regions)
    loads.grow(regions: regions)
  }

  /// Time of a region's accesses by share, in ps.
  func time(_ share: TimeShare, region: Int) -> UInt64 {
    let index = region * Self.shares + Int(share.rawValue)
    return index < parts.count ? parts[index] : 0
  }

  // MARK: Waiting

  /// A step of a vCPU begins.
  @inline(__always)
  mutating func enter(_ vcpu: Int, _ kind: TimeStep.Kind, _ region: Int) {
    trails[vcpu].isStarted = true
    if kind != .synchronize { trails[vcpu].region = Int32(truncatingIfNeeded: region) }
  }

  @inline(__always)
  mutating func add(_ share: TimeShare, _ time: UInt64, _ region: Int) {
    parts[region &* Self.shares &+ Int(share.rawValue)] &+= time
  }

  /// A vCPU that has begun has nothing to do until a recorded time.
  mutating func idle(_ time: UInt64, _ vcpu: Int, _ region: Int) {
    if trails[vcpu].isStarted { add(.idle, time, region) }
  }

  /// A wait for a TLP to start, which waits for others on the link and for credits.
  ///
  /// - Parameters:
  ///   - share: What the rest of the wait counts for.
  ///   - from: Its begin, in ps.
  ///   - until: Its end: the start of the TLP.
  ///   - number: The TLP; see ``LinkClock/sent``.
  ///   - link: Where it was sent.
  ///   - region: Of the access that waits.
  mutating func waitForStart(
    _ share: TimeShare, from: UInt64, until: UInt64, sent number: UInt64,
    _ link: borrowing LinkClock, _ region: Int
  ) {
    let (onLink, credit) = link.parts(from: from, sent: number)
    add(.link, onLink, region)
    add(.credit, credit, region)
    add(share, until &- from &- onLink &- credit, region)
  }

  /// A DSB waits for what the access before it began.
  mutating func waitAtBarrier(_ time: UInt64, _ vcpu: Int) {
    add(.barrier, time, Int(trails[vcpu].region))
  }

  // MARK: What was sent

  @inline(__always)
  mutating func open(_ vcpu: Int, _ buffer: Int, at time: UInt64) {
    openings[vcpu, buffer] = time
  }

  @inline(__always)
  func opened(_ vcpu: Int, _ buffer: Int) -> UInt64 { openings[vcpu, buffer] }

  @inline(__always)
  mutating func keepLine(_ vcpu: Int, _ slot: Int, _ link: borrowing LinkClock) {
    lineTLPs[vcpu, slot] = link.sent
  }

  func line(_ vcpu: Int, _ slot: Int) -> UInt64 { lineTLPs[vcpu, slot] }

  @inline(__always)
  mutating func keepWrite(_ vcpu: Int, _ slot: Int, _ link: borrowing LinkClock) {
    writeTLPs[vcpu, slot] = link.sent
  }

  func write(_ vcpu: Int, _ slot: Int) -> UInt64 { writeTLPs[vcpu, slot] }

  /// A memory write is on the link.
  @inline(__always)
  mutating func sent(_ vcpu: Int, _ link: borrowing LinkClock) {
    trails[vcpu].sent = link.sent
    trails[vcpu].sentStart = link.lastStart
    trails[vcpu].sentEnd = link.lastEnd
    down.add(link.lastStart, link.lastEnd &- link.lastStart)
  }

  /// Requests went out and their completions came back.
  mutating func returned(_ vcpu: Int, _ share: TimeShare, _ link: borrowing LinkClock) {
    trails[vcpu].returned = link.lastReturn.end
    trails[vcpu].returnedShare = share
    down.add(link.lastStart, link.lastEnd &- link.lastStart)
    up.add(link.lastReturn.start, link.lastReturn.end &- link.lastReturn.start)
  }

  /// Nothing more is issued; the vCPU's time ends when all that it began has ended.
  mutating func drain(_ vcpu: Int, from now: UInt64, _ link: borrowing LinkClock) {
    let trail = trails[vcpu]
    guard trail.isStarted else { return }
    let region = Int(trail.region)
    if trail.returned > max(trail.sentEnd, now) {
      add(trail.returnedShare, trail.returned - now, region)
    } else if trail.sentEnd > now {
      let onLink = max(now, trail.sentStart)
      add(.link, trail.sentEnd - onLink, region)
      if trail.sentStart > now {
        waitForStart(
          .buffer, from: now, until: trail.sentStart, sent: trail.sent, link, region)
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
