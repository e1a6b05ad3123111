import TraceCore

/// Time of one scenario under one clock: vCPUs that issue, a link that transmits (model: time).
///
/// All times are picoseconds from the trace's first record. Under the saturated clock recorded
/// times are ignored; under the paced clock nothing is issued before its recorded time.
///
/// What it sees: the vCPU's issue rate; one buffer a gathering line until the start of its last
/// TLP; acknowledged Device writes; one FIFO of posted writes with header and data credits; reads
/// behind the posted writes; the two directions of the link. What it does not see: ordering
/// between vCPUs other than the trace's, non-posted credits, Ack/Nak and replay beyond their mean
/// share of the link, switches, and a device that is slow to drain.
struct ReplayClock: ~Copyable {
  /// The profile values that time depends on.
  struct Parameters {
    var paced: Bool
    var storeIssuePs: UInt64
    var buffers: Int
    var deviceWritesInFlight: Int
    var deviceAckPs: UInt64
    var deviceLoadsInFlight: Int
    var normalLoadsInFlight: Int
    var postedHeaderCredits: Int
    var postedDataCredits: Int
    var creditLoopPs: UInt64
    var readLatencyPs: UInt64
    var configLatencyPs: UInt64
  }

  /// First issue and last end of something, in ps.
  struct Interval: BitwiseCopyable {
    var first = UInt64.max
    var last: UInt64 = 0
    /// 0 where nothing was issued.
    var duration: UInt64 { last > first ? last - first : 0 }

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
    /// Latest acknowledgement or read data that a DSB must wait for.
    var outstanding: UInt64 = 0
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

  private let parameters: Parameters
  private var issuers = FixedBuffer(repeating: Issuer(), count: 0)
  /// When something held becomes free again, one row a vCPU.
  private var acknowledgements: TimeRows
  private var lineBuffers: TimeRows
  private var deviceLoads: TimeRows
  private var normalLoads: TimeRows

  private var downFree: UInt64 = 0
  private var upFree: UInt64 = 0
  private var credits: PostedCredits
  private var spans = FixedBuffer(repeating: Interval(), count: 0)
  private var regions = 0

  init(_ parameters: Parameters) {
    self.parameters = parameters
    acknowledgements = TimeRows(depth: parameters.deviceWritesInFlight)
    lineBuffers = TimeRows(depth: parameters.buffers)
    deviceLoads = TimeRows(depth: parameters.deviceLoadsInFlight)
    normalLoads = TimeRows(depth: parameters.normalLoadsInFlight)
    credits = PostedCredits(
      headers: parameters.postedHeaderCredits, data: parameters.postedDataCredits)
  }

  mutating func grow(vcpus: Int, regions: Int) {
    issuers.grow(to: vcpus, repeating: Issuer())
    acknowledgements.grow(rows: vcpus)
    lineBuffers.grow(rows: vcpus)
    deviceLoads.grow(rows: vcpus)
    normalLoads.grow(rows: vcpus)
    spans.grow(to: regions, repeating: Interval())
    self.regions = max(self.regions, regions)
  }

  func span(region: Int) -> Interval { spans[region] }

  /// From the first issue to the last end of all regions.
  var total: Interval {
    var total = Interval()
    for region in 0..<regions { total.formUnion(spans[region]) }
    return total
  }

  /// The vCPU reaches a record.
  ///
  /// A trace spans at most `TimeNormalizer.longestSpan`, so its times in ps do not overflow.
  @inline(__always)
  mutating func reach(_ recordedNs: UInt64, vcpu: Int) {
    guard parameters.paced else { return }
    issuers[vcpu].now = max(issuers[vcpu].now, recordedNs &* 1000)
  }

  // MARK: Gathering stores

  /// The first piece of a line waits for a free buffer.
  @inline(__always)
  mutating func takeBuffer(vcpu: Int) {
    let slot = issuers[vcpu].openedLine
    issuers[vcpu].openedLine = lineBuffers.after(slot)
    issuers[vcpu].now = max(issuers[vcpu].now, lineBuffers[vcpu, slot])
  }

  /// Issues one piece into a line.
  @inline(__always)
  mutating func issue(vcpu: Int, region: Int) {
    let time = issuers[vcpu].now
    issuers[vcpu].now = time + parameters.storeIssuePs
    noteIssue(time, region)
  }

  /// Issues equal pieces one after the other, each not before its recorded time.
  @inline(__always)
  mutating func issueRun(_ times: Span<UInt64>, from index: Int, count: Int, vcpu: Int, region: Int)
  {
    var time = issuers[vcpu].now
    if parameters.paced {
      time = max(time, times[index] &* 1000)
      noteIssue(time, region)
      for offset in index..<index &+ count {
        time = max(time, times[offset] &* 1000) + parameters.storeIssuePs
      }
    } else {
      noteIssue(time, region)
      time += UInt64(truncatingIfNeeded: count) &* parameters.storeIssuePs
    }
    issuers[vcpu].now = time
  }

  /// The TLPs of a flushed line follow; they are ready now.
  @inline(__always)
  func ready(vcpu: Int) -> UInt64 { issuers[vcpu].now }

  /// The last TLP of a line has started: its buffer is free from then on.
  @inline(__always)
  mutating func releaseBuffer(vcpu: Int, start: UInt64) {
    let slot = issuers[vcpu].sentLine
    lineBuffers[vcpu, slot] = start
    issuers[vcpu].sentLine = lineBuffers.after(slot)
    accept(vcpu: vcpu, start: start)
  }

  /// A Normal write was accepted by the root complex; only a DSB waits for its acknowledgement.
  @inline(__always)
  mutating func accept(vcpu: Int, start: UInt64) {
    acknowledge(vcpu, start + parameters.deviceAckPs)
  }

  // MARK: Posted writes on the link

  /// Transmits one posted write; something was issued to its region before.
  ///
  /// - Returns: The start of its transmission.
  @inline(__always)
  mutating func send(ready: UInt64, wirePs: UInt64, dataUnits: Int, region: Int) -> UInt64 {
    let start = credits.waitForCredits(at: max(ready, downFree), dataUnits: dataUnits)
    let end = start + wirePs
    downFree = end
    credits.spend(dataUnits: dataUnits, returnedAt: start + parameters.creditLoopPs)
    noteEnd(end, region)
    return start
  }

  // MARK: Device writes

  /// A Device piece is issued when a write may be in flight.
  @inline(__always)
  mutating func issueDeviceWrite(vcpu: Int, strict: Bool, region: Int) -> UInt64 {
    let issuer = issuers[vcpu]
    var time = max(issuer.now, issuer.strictAcknowledgement)
    time = max(
      time, strict ? issuer.lastAcknowledgement : acknowledgements[vcpu, issuer.deviceWrite])
    issuers[vcpu].now = time + parameters.storeIssuePs
    noteIssue(time, region)
    return time
  }

  /// The last TLP of a Device piece was accepted by the root complex.
  @inline(__always)
  mutating func acceptDeviceWrite(vcpu: Int, strict: Bool, start: UInt64) {
    let time = start + parameters.deviceAckPs
    let slot = issuers[vcpu].deviceWrite
    acknowledgements[vcpu, slot] = time
    issuers[vcpu].deviceWrite = acknowledgements.after(slot)
    issuers[vcpu].lastAcknowledgement = time
    if strict { issuers[vcpu].strictAcknowledgement = time }
    acknowledge(vcpu, time)
  }

  /// Equal Device pieces, each leaving as one TLP of at most 16 bytes: ``issueDeviceWrite``,
  /// ``send`` and ``acceptDeviceWrite`` for each of them, with the state held in registers.
  ///
  /// - Parameters:
  ///   - vcpu: The vCPU.
  ///   - strict: nGnRnE: each waits for the acknowledgement of the one before.
  ///   - wirePs: Transmission time of each.
  ///   - region: Their region.
  ///   - times: Recorded times of the block, in ns.
  ///   - index: The first piece's.
  ///   - count: Pieces, 1 or more.
  @inline(__always)
  mutating func deviceRun(
    _ vcpu: Int, strict: Bool, _ wirePs: UInt64, _ region: Int, _ times: Span<UInt64>,
    _ index: Int, _ count: Int
  ) {
    guard count > 1 else {
      // Register traffic: setting up the loop would cost more than its one turn.
      reach(times[index], vcpu: vcpu)
      let ready = issueDeviceWrite(vcpu: vcpu, strict: strict, region: region)
      let start = send(ready: ready, wirePs: wirePs, dataUnits: 1, region: region)
      acceptDeviceWrite(vcpu: vcpu, strict: strict, start: start)
      return
    }
    var issuer = issuers[vcpu]
    issuer.now = max(issuer.now, issuer.strictAcknowledgement)
    var down = downFree
    var first = UInt64.max
    for offset in index..<index &+ count {
      let time = deviceStep(&issuer, &down, vcpu, strict, wirePs, times, offset)
      first = min(first, time)
    }
    downFree = down
    if strict { issuer.strictAcknowledgement = issuer.lastAcknowledgement }
    issuer.outstanding = max(issuer.outstanding, issuer.lastAcknowledgement)
    issuers[vcpu] = issuer
    noteIssue(first, region)
    noteEnd(down, region)
  }

  /// One piece of a run; returns when it was issued.
  @inline(__always)
  private mutating func deviceStep(
    _ issuer: inout Issuer, _ down: inout UInt64, _ vcpu: Int, _ strict: Bool, _ wirePs: UInt64,
    _ times: Span<UInt64>, _ index: Int
  ) -> UInt64 {
    let slot = issuer.deviceWrite
    var time = issuer.now
    if parameters.paced { time = max(time, times[index] &* 1000) }
    time = max(time, strict ? issuer.lastAcknowledgement : acknowledgements[vcpu, slot])
    let start = credits.waitForCredits(at: max(time, down), dataUnits: 1)
    down = start + wirePs
    credits.spend(dataUnits: 1, returnedAt: start + parameters.creditLoopPs)
    issuer.lastAcknowledgement = start + parameters.deviceAckPs
    acknowledgements[vcpu, slot] = issuer.lastAcknowledgement
    issuer.deviceWrite = acknowledgements.after(slot)
    issuer.now = time + parameters.storeIssuePs
    return time
  }

  // MARK: Reads and barriers

  /// Issues a load that has to wait for an earlier one when too many are without data.
  @inline(__always)
  mutating func issueLoad(vcpu: Int, device: Bool, region: Int) -> UInt64 {
    let free =
      device
      ? deviceLoads[vcpu, issuers[vcpu].deviceLoad] : normalLoads[vcpu, issuers[vcpu].normalLoad]
    let time = max(issuers[vcpu].now, free)
    issuers[vcpu].now = time + parameters.storeIssuePs
    noteIssue(time, region)
    return time
  }

  /// Sends a read request behind the posted writes and brings its data back.
  ///
  /// - Returns: When the last completion has arrived.
  @inline(__always)
  mutating func read(
    ready: UInt64, requestPs: UInt64, completionPs: UInt64, config: Bool = false, region: Int
  ) -> UInt64 {
    let start = max(ready, downFree)
    downFree = start + requestPs
    let latency = config ? parameters.configLatencyPs : parameters.readLatencyPs
    let data = max(downFree + latency, upFree)
    upFree = data + completionPs
    noteEnd(upFree, region)
    return upFree
  }

  /// A load's data has arrived.
  @inline(__always)
  mutating func completeLoad(vcpu: Int, device: Bool, at time: UInt64) {
    if device {
      let slot = issuers[vcpu].deviceLoad
      deviceLoads[vcpu, slot] = time
      issuers[vcpu].deviceLoad = deviceLoads.after(slot)
    } else {
      let slot = issuers[vcpu].normalLoad
      normalLoads[vcpu, slot] = time
      issuers[vcpu].normalLoad = normalLoads.after(slot)
    }
    acknowledge(vcpu, time)
  }

  /// A config access: the vCPU waits for its completion.
  mutating func config(vcpu: Int, requestPs: UInt64, completionPs: UInt64, region: Int) {
    let issued = issuers[vcpu].now
    noteIssue(issued, region)
    issuers[vcpu].now = read(
      ready: issued, requestPs: requestPs, completionPs: completionPs, config: true,
      region: region)
  }

  /// A DSB waits for every acknowledgement and all read data of its vCPU.
  mutating func synchronize(vcpu: Int) {
    issuers[vcpu].now = max(issuers[vcpu].now, issuers[vcpu].outstanding)
  }

  @inline(__always)
  private mutating func acknowledge(_ vcpu: Int, _ time: UInt64) {
    issuers[vcpu].outstanding = max(issuers[vcpu].outstanding, time)
  }

  /// Something was issued; a store into another region's line may be all that there is of it.
  @inline(__always)
  private mutating func noteIssue(_ time: UInt64, _ region: Int) {
    spans[region].first = min(spans[region].first, time)
    spans[region].last = max(spans[region].last, time)
  }

  /// Something that was issued earlier has ended.
  @inline(__always)
  private mutating func noteEnd(_ time: UInt64, _ region: Int) {
    spans[region].last = max(spans[region].last, time)
  }
}
