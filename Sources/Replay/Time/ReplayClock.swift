import ArmMemory
import PCIeModel
import Profiles
import Results
import TraceCore

/// Time of one scenario under one clock: vCPUs that issue, a link that transmits (model: time).
///
/// All times are picoseconds from the trace's first record. Under the saturated clock recorded
/// times are ignored; under the paced clock nothing is issued before its recorded time.
///
/// What it sees: the vCPU's issue rate; one buffer a gathering line until the start of its last
/// TLP; acknowledged Device writes; one FIFO of posted writes with header and data credits; reads
/// behind the posted writes, with credits of their own; completion credits; the two directions of
/// the link; Acks where they fill a replay buffer, replays where a profile asks for them. What it
/// does not see is the subject of `Documentation.docc/Limits.md`.
struct ReplayClock: ~Copyable {
  /// First issue and last end of something, in ps.
  struct Interval: BitwiseCopyable {
    var first = UInt64.max
    var last: UInt64 = 0
    /// 0 where nothing was issued.
    var duration: UInt64 { last > first ? last - first : 0 }

    /// Extends the interval over a point of time.
    @inline(__always)
    mutating func formUnion(at time: UInt64) {
      first = min(first, time)
      last = max(last, time)
    }

    /// Extends the interval over another one.
    mutating func formUnion(_ other: Interval) {
      first = min(first, other.first)
      last = max(last, other.last)
    }
  }

  /// What is known of one vCPU besides what it holds.
  struct Issuer: BitwiseCopyable {
    /// Earliest next issue.
    var now: UInt64 = 0
    /// When the present Device store or load was issued, and when the vCPU had come to it.
    var issued: UInt64 = 0
    var reached: UInt64 = 0
    /// Latest acknowledgement, and latest read data, that a DSB must wait for.
    var outstanding: UInt64 = 0
    var outstandingData: UInt64 = 0
    var lastAcknowledgement: UInt64 = 0
    /// Acknowledgement of the last nGnRnE write.
    var strictAcknowledgement: UInt64 = 0
    /// Slots of the next write, loads and line in the rows of times below.
    var deviceWrite = 0
    var deviceLoad = 0
    var normalLoad = 0
    var openedLine = 0
    var sentLine = 0
  }

  let paced: Bool
  /// Latencies, time shares and the link's use are kept.
  let measures: Bool
  let storeIssuePs: UInt64
  let deviceAckPs: UInt64
  let device: DeviceProfile

  var issuers = FixedBuffer(repeating: Issuer(), count: 0)
  /// When something held becomes free again, one row a vCPU.
  var acknowledgements: TimeRows
  var lineBuffers: TimeRows
  var deviceLoads: TimeRows
  var normalLoads: TimeRows
  var link: LinkClock
  var probe: TimeProbe
  /// Room for what goes on as it did, and the latency of the last store by slot.
  var series: StartSeries
  var latencies: FixedBuffer<UInt64>
  /// Recorded times of the steps so far, in ns.
  var recorded = Interval()
  var isConfigUsed = false
  var isReadUsed = false
  private var spans = FixedBuffer(repeating: Interval(), count: 0)

  /// - Parameters:
  ///   - settings: The profiles.
  ///   - paced: Recorded times hold.
  ///   - measures: Keep what reports show besides the total time.
  ///   - most: Credits of clocks that may take the state of this one.
  init(_ settings: ModelSettings, paced: Bool, measures: Bool, most: FlowControl? = nil) {
    self.paced = paced
    self.measures = measures
    storeIssuePs = settings.cpu.storeIssuePs
    deviceAckPs = settings.cpu.deviceAckPs
    device = settings.device
    acknowledgements = TimeRows(depth: settings.cpu.deviceWritesInFlight)
    lineBuffers = TimeRows(depth: settings.cpu.buffers)
    series = StartSeries(period: settings.cpu.deviceWritesInFlight)
    latencies = FixedBuffer(repeating: 0, count: settings.cpu.deviceWritesInFlight)
    deviceLoads = TimeRows(depth: settings.cpu.deviceLoadsInFlight)
    normalLoads = TimeRows(depth: settings.cpu.normalLoadsInFlight)
    link = LinkClock(settings.link, keepsSent: measures, most: most)
    probe = TimeProbe(
      buffers: settings.cpu.buffers, deviceWrites: settings.cpu.deviceWritesInFlight,
      deviceLoads: settings.cpu.deviceLoadsInFlight,
      normalLoads: settings.cpu.normalLoadsInFlight)
  }

  mutating func grow(vcpus: Int, regions: Int) {
    issuers.grow(to: vcpus, repeating: Issuer())
    acknowledgements.grow(rows: vcpus)
    lineBuffers.grow(rows: vcpus)
    deviceLoads.grow(rows: vcpus)
    normalLoads.grow(rows: vcpus)
    spans.grow(to: regions, repeating: Interval())
    if measures { probe.grow(vcpus: vcpus, regions: regions) }
  }

  /// Takes the state of another clock, so far as times hang on it.
  ///
  /// Its settings may differ in what has made no difference so far (``used``). This one measures
  /// nothing.
  mutating func take(_ other: borrowing ReplayClock) {
    precondition(!measures && paced == other.paced)
    issuers.assign(other.issuers)
    acknowledgements.take(other.acknowledgements)
    // A mapping that never gathers uses none, whatever the number.
    if lineBuffers.depth == other.lineBuffers.depth { lineBuffers.take(other.lineBuffers) }
    deviceLoads.take(other.deviceLoads)
    normalLoads.take(other.normalLoads)
    link.take(other.link)
    recorded = other.recorded
    spans.assign(other.spans)
    isConfigUsed = other.isConfigUsed
    isReadUsed = other.isReadUsed
  }

  /// Settings that have made a difference so far.
  var used: ClockUses {
    var used: ClockUses = []
    if link.hasWaited { used.insert(.credits) }
    if isConfigUsed { used.insert(.configLatency) }
    if isReadUsed { used.insert(.readLatency) }
    return used
  }

  func span(region: Int) -> Interval { spans[region] }

  /// Something was issued; a store into another region's line may be all that there is of it.
  @inline(__always)
  mutating func noteIssue(_ time: UInt64, _ region: Int) {
    spans[region].first = min(spans[region].first, time)
    spans[region].last = max(spans[region].last, time)
  }

  /// Something that was issued earlier has ended.
  @inline(__always)
  mutating func noteEnd(_ time: UInt64, _ region: Int) {
    spans[region].last = max(spans[region].last, time)
  }

  @inline(__always)
  mutating func acknowledge(_ vcpu: Int, _ time: UInt64) {
    issuers[vcpu].outstanding = max(issuers[vcpu].outstanding, time)
  }

  /// A wait that ends when a TLP starts, which waits for others on the link, for credits, and for
  /// its turn.
  ///
  /// - Parameters:
  ///   - share: What the rest of the wait counts for.
  ///   - from: Its begin, in ps.
  ///   - until: Its end: the start of the TLP.
  ///   - region: Of the access that waits.
  @inline(never)
  mutating func waitForStart(
    _ share: TimeShare, from: UInt64, until: UInt64, _ region: Int
  ) {
    add(link.sent.parts(from: from, until: until), of: until &- from, share, region)
  }

  /// The same of a vCPU that waits for a known TLP, or for one that is to be found where it is 0.
  @inline(__always)
  mutating func waitForStart(
    _ share: TimeShare, from: UInt64, until: UInt64, of number: UInt64, _ vcpu: Int, _ region: Int
  ) {
    let parts = split(from: from, until: until, of: number, vcpu)
    add(parts, of: until &- from, share, region)
  }

  /// What the wait of a vCPU for a TLP is made of.
  @inline(__always)
  mutating func split(
    from: UInt64, until: UInt64, of number: UInt64, _ vcpu: Int
  ) -> SentTLPs.Parts {
    guard number > 0 else { return link.sent.parts(from: from, until: until) }
    let known = probe.known(vcpu)
    probe.waited(vcpu, for: number)
    return link.sent.parts(from: from, until: until, end: number, behind: known)
  }

  @inline(__always)
  private mutating func add(
    _ parts: SentTLPs.Parts, of time: UInt64, _ share: TimeShare, _ region: Int
  ) {
    if parts.link > 0 { probe.add(.link, parts.link, region) }
    if parts.credit > 0 { probe.add(.credit, parts.credit, region) }
    if parts.turn > 0 { probe.add(.turn, parts.turn, region) }
    let rest = time &- parts.link &- parts.credit &- parts.turn
    if rest > 0 { probe.add(share, rest, region) }
  }

  /// The last TLP was on the link.
  @inline(__always)
  mutating func noteUse() {
    let length = link.lastEnd &- link.lastStart
    if let damaged = link.takeDamaged() { probe.down.add(damaged, length) }
    probe.down.add(link.lastStart, length)
  }
}
