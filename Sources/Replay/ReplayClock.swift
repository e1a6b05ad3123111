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

  private let parameters: Parameters
  private var vcpus: Int
  /// Earliest next issue of each vCPU.
  private var now: FixedBuffer<UInt64>
  /// Rings of the times at which something held becomes free again, one row a vCPU.
  private var acknowledgements: TimeRings
  private var lineBuffers: BufferRings
  private var deviceLoads: TimeRings
  private var normalLoads: TimeRings
  /// Latest acknowledgement or read data that a DSB must wait for.
  private var outstanding: FixedBuffer<UInt64>
  private var lastAcknowledgement: FixedBuffer<UInt64>
  /// Acknowledgement of the last nGnRnE write.
  private var strictAcknowledgement: FixedBuffer<UInt64>

  private var downFree: UInt64 = 0
  private var upFree: UInt64 = 0
  private var credits: CreditQueue
  private var spans: FixedBuffer<Interval>
  private(set) var total = Interval()

  init(_ parameters: Parameters) {
    self.parameters = parameters
    vcpus = 0
    now = FixedBuffer(repeating: 0, count: 0)
    acknowledgements = TimeRings(perRow: parameters.deviceWritesInFlight)
    lineBuffers = BufferRings(perRow: parameters.buffers)
    deviceLoads = TimeRings(perRow: parameters.deviceLoadsInFlight)
    normalLoads = TimeRings(perRow: parameters.normalLoadsInFlight)
    outstanding = FixedBuffer(repeating: 0, count: 0)
    lastAcknowledgement = FixedBuffer(repeating: 0, count: 0)
    strictAcknowledgement = FixedBuffer(repeating: 0, count: 0)
    credits = CreditQueue(
      headers: parameters.postedHeaderCredits, data: parameters.postedDataCredits)
    spans = FixedBuffer(repeating: Interval(), count: 0)
  }

  mutating func grow(vcpus count: Int, regions: Int) {
    vcpus = max(vcpus, count)
    now.grow(to: vcpus, repeating: 0)
    acknowledgements.grow(rows: vcpus)
    lineBuffers.grow(rows: vcpus)
    deviceLoads.grow(rows: vcpus)
    normalLoads.grow(rows: vcpus)
    outstanding.grow(to: vcpus, repeating: 0)
    lastAcknowledgement.grow(to: vcpus, repeating: 0)
    strictAcknowledgement.grow(to: vcpus, repeating: 0)
    spans.grow(to: regions, repeating: Interval())
  }

  func span(region: Int) -> Interval { spans[region] }

  /// The vCPU reaches a record.
  @inline(__always)
  mutating func reach(_ recordedNs: UInt64, vcpu: Int) {
    if parameters.paced { now[vcpu] = max(now[vcpu], recordedNs * 1000) }
  }

  // MARK: Gathering stores

  /// The first piece of a line waits for a free buffer.
  @inline(__always)
  mutating func takeBuffer(vcpu: Int) {
    now[vcpu] = max(now[vcpu], lineBuffers.pop(vcpu))
  }

  /// Issues one piece into a line.
  @inline(__always)
  mutating func issue(vcpu: Int, region: Int) {
    let time = now[vcpu]
    now[vcpu] = time + parameters.storeIssuePs
    note(time, time, region)
  }

  /// Issues equal pieces one after the other, each not before its recorded time.
  @inline(__always)
  mutating func issueRun(_ times: Span<UInt64>, from index: Int, count: Int, vcpu: Int, region: Int)
  {
    var time = now[vcpu]
    if parameters.paced { time = max(time, times[index] * 1000) }
    note(time, time, region)
    if parameters.paced {
      for offset in index..<index + count {
        time = max(time, times[offset] * 1000) + parameters.storeIssuePs
      }
      now[vcpu] = time
    } else {
      now[vcpu] = time + UInt64(count) * parameters.storeIssuePs
    }
  }

  /// The TLPs of a flushed line follow; they are ready now.
  @inline(__always)
  func ready(vcpu: Int) -> UInt64 { now[vcpu] }

  /// The last TLP of a line has started: its buffer is free from then on.
  @inline(__always)
  mutating func releaseBuffer(vcpu: Int, start: UInt64) {
    lineBuffers.push(vcpu, start)
    accept(vcpu: vcpu, start: start)
  }

  /// A Normal write was accepted by the root complex; only a DSB waits for its acknowledgement.
  @inline(__always)
  mutating func accept(vcpu: Int, start: UInt64) {
    acknowledge(vcpu, start + parameters.deviceAckPs)
  }

  // MARK: Posted writes on the link

  /// Transmits one posted write.
  ///
  /// - Returns: The start of its transmission.
  @inline(__always)
  mutating func send(ready: UInt64, wirePs: UInt64, dataUnits: Int, region: Int) -> UInt64 {
    let start = credits.waitForCredits(at: max(ready, downFree), dataUnits: dataUnits)
    let end = start + wirePs
    downFree = end
    credits.spend(dataUnits: dataUnits, returnedAt: start + parameters.creditLoopPs)
    note(start, end, region)
    return start
  }

  // MARK: Device writes

  /// A Device piece is issued when a write may be in flight.
  @inline(__always)
  mutating func issueDeviceWrite(vcpu: Int, strict: Bool, region: Int) -> UInt64 {
    var time = max(now[vcpu], strictAcknowledgement[vcpu])
    time = max(time, strict ? lastAcknowledgement[vcpu] : acknowledgements.front(vcpu))
    now[vcpu] = time + parameters.storeIssuePs
    note(time, time, region)
    return time
  }

  /// The last TLP of a Device piece was accepted by the root complex.
  @inline(__always)
  mutating func acceptDeviceWrite(vcpu: Int, strict: Bool, start: UInt64) {
    let time = start + parameters.deviceAckPs
    acknowledgements.replaceFront(vcpu, time)
    lastAcknowledgement[vcpu] = time
    if strict { strictAcknowledgement[vcpu] = time }
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
    var time = now[vcpu]
    var down = downFree
    var acknowledged = lastAcknowledgement[vcpu]
    let floor = strictAcknowledgement[vcpu]
    let (issue, ack, loop) =
      (parameters.storeIssuePs, parameters.deviceAckPs, parameters.creditLoopPs)
    let isPaced = parameters.paced
    var first = UInt64.max
    for offset in index..<index + count {
      if isPaced { time = max(time, times[offset] * 1000) }
      time = max(time, floor)
      time = max(time, strict ? acknowledged : acknowledgements.front(vcpu))
      first = min(first, time)
      let start = credits.waitForCredits(at: max(time, down), dataUnits: 1)
      down = start + wirePs
      credits.spend(dataUnits: 1, returnedAt: start + loop)
      acknowledged = start + ack
      acknowledgements.replaceFront(vcpu, acknowledged)
      time += issue
    }
    now[vcpu] = time
    downFree = down
    lastAcknowledgement[vcpu] = acknowledged
    if strict { strictAcknowledgement[vcpu] = acknowledged }
    acknowledge(vcpu, acknowledged)
    note(first, down, region)
  }

  // MARK: Reads and barriers

  /// Issues a load that has to wait for an earlier one when too many are without data.
  @inline(__always)
  mutating func issueLoad(vcpu: Int, device: Bool, region: Int) -> UInt64 {
    let free = device ? deviceLoads.front(vcpu) : normalLoads.front(vcpu)
    let time = max(now[vcpu], free)
    now[vcpu] = time + parameters.storeIssuePs
    note(time, time, region)
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
    note(start, upFree, region)
    return upFree
  }

  /// A load's data has arrived.
  @inline(__always)
  mutating func completeLoad(vcpu: Int, device: Bool, at time: UInt64) {
    if device {
      deviceLoads.replaceFront(vcpu, time)
    } else {
      normalLoads.replaceFront(vcpu, time)
    }
    acknowledge(vcpu, time)
  }

  /// A config access: the vCPU waits for its completion.
  mutating func config(vcpu: Int, requestPs: UInt64, completionPs: UInt64, region: Int) {
    let issued = now[vcpu]
    note(issued, issued, region)
    now[vcpu] = read(
      ready: issued, requestPs: requestPs, completionPs: completionPs, config: true,
      region: region)
  }

  /// A DSB waits for every acknowledgement and all read data of its vCPU.
  mutating func synchronize(vcpu: Int) {
    now[vcpu] = max(now[vcpu], outstanding[vcpu])
  }

  @inline(__always)
  private mutating func acknowledge(_ vcpu: Int, _ time: UInt64) {
    outstanding[vcpu] = max(outstanding[vcpu], time)
  }

  @inline(__always)
  private mutating func note(_ first: UInt64, _ last: UInt64, _ region: Int) {
    var span = spans[region]
    span.first = min(span.first, first)
    span.last = max(span.last, last)
    spans[region] = span
    total.first = min(total.first, first)
    total.last = max(total.last, last)
  }
}
