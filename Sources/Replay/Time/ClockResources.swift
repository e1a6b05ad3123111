import ArmMemory
import PCIeModel
import Profiles
import Results
import TraceCore

/// What the vCPUs of a clock hold and share: buffers, acknowledgements, the link, and what is
/// measured.
///
/// A step works on one ``ReplayClock/Issuer`` in place, which is apart from this. What a clock
/// measures does not change a time.
struct ClockResources: ~Copyable {
  typealias Issuer = ReplayClock.Issuer
  typealias Interval = ReplayClock.Interval

  let storeIssuePs: UInt64
  let deviceAckPs: UInt64
  let device: DeviceProfile

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
  /// Room for when stores at recorded times start or are acknowledged; see ``mostOnTime``.
  let onTime = FixedBuffer<UInt64>(repeating: 0, count: 2 * mostOnTime)
  /// Recorded times of the steps so far, in ns.
  var recorded = Interval()
  /// Times of each region, in ps.
  private(set) var spans = FixedBuffer<Interval>()
  var isConfigUsed = false
  var isReadUsed = false

  /// - Parameters:
  ///   - settings: The profiles.
  ///   - measures: Something will be measured.
  ///   - most: Credits of clocks that may take the state of this one.
  init(_ settings: ModelSettings, measures: Bool, most: FlowControl?) {
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

  mutating func grow(vcpus: Int, regions: Int, measures: Bool) {
    acknowledgements.grow(rows: vcpus)
    lineBuffers.grow(rows: vcpus)
    deviceLoads.grow(rows: vcpus)
    normalLoads.grow(rows: vcpus)
    spans.grow(to: regions, repeating: Interval())
    if measures { probe.grow(vcpus: vcpus, regions: regions) }
  }

  /// Takes the state of another clock's, so far as times hang on it.
  mutating func take(_ other: borrowing ClockResources) {
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

  // MARK: Steps

  /// Takes a step of a vCPU.
  @inline(__always)
  mutating func take<Mode: ClockMode>(
    _ step: TimeStep, of issuer: inout Issuer, _ times: Span<UInt64>, _ mode: Mode.Type
  ) {
    let vcpu = Int(step.vcpu)
    let region = Int(step.region)
    if Mode.paced, step.index != TimeStep.noIndex {
      reach(times[Int(step.index)], &issuer, vcpu, mode)
      if step.kind.isOfAccess { recorded.formUnion(at: times[Int(step.index)]) }
    }
    if Mode.measures, step.kind.isOfAccess { probe.enter(vcpu, region) }
    switch step.kind {
    case .store: store(step, &issuer, vcpu, region, times, mode)
    case .write:
      write(
        step.flags, bytes: Int(step.bytes), units: Int(step.units), slot: Int(step.slot), &issuer,
        vcpu, region, mode)
    case .lineRun: lineRun(step, &issuer, vcpu, region, times, mode)
    case .deviceRun where step.count == 1:
      deviceStore(
        strict: step.flags.contains(.strict), bytes: Int(step.bytes), &issuer, vcpu, region, mode)
    case .deviceRun: deviceRun(step, &issuer, vcpu, region, times, mode)
    case .deviceStore:
      issueDeviceWrite(&issuer, vcpu, strict: step.flags.contains(.strict), region, mode)
    case .load: issueLoad(&issuer, vcpu, device: step.flags.contains(.device), region, mode)
    case .read: read(step, &issuer, vcpu, region, mode)
    case .config: config(step, &issuer, vcpu, region, mode)
    case .synchronize: synchronize(&issuer, vcpu, mode)
    case .reach: break
    }
  }

  /// The vCPU reaches a record.
  @inline(__always)
  mutating func reach<Mode: ClockMode>(
    _ recordedNs: UInt64, _ issuer: inout Issuer, _ vcpu: Int, _ mode: Mode.Type
  ) {
    let time = recordedNs &* 1000
    guard time > issuer.now else { return }
    if Mode.measures { probe.idle(time &- issuer.now, vcpu) }
    issuer.now = time
  }

  @inline(__always)
  private mutating func write<Mode: ClockMode>(
    _ flags: TimeStep.Flags, bytes: Int, units: Int, slot: Int, _ issuer: inout Issuer,
    _ vcpu: Int, _ region: Int, _ mode: Mode.Type
  ) {
    let ready = flags.contains(.ofDevice) ? issuer.issued : issuer.now
    let start = link.post(ready: ready, bytes: bytes, data: units, mode)
    noteEnd(link.lastEnd, region)
    if Mode.measures {
      probe.keepLast(vcpu, link.lastStart, link.lastEnd)
      noteUse()
    }
    if flags.contains(.endsLine) {
      endLine(slot: slot, &issuer, vcpu, region, start, mode)
    } else if flags.contains(.endsDevice) {
      acceptDeviceWrite(&issuer, vcpu, strict: flags.contains(.strict), start, mode)
      if Mode.measures { probe.stores.add(start &- issuer.reached, region) }
    } else if flags.contains(.endsSingle) {
      issuer.acknowledge(start &+ deviceAckPs)
      if Mode.measures { probe.stores.add(start &- (ready &- storeIssuePs), region) }
    }
  }

  // MARK: Regions

  /// Something was issued; a store into another region's line may be all that there is of it.
  @inline(__always)
  mutating func noteIssue(_ time: UInt64, _ region: Int) { spans[region].formUnion(at: time) }

  /// Something that was issued earlier has ended.
  @inline(__always)
  mutating func noteEnd(_ time: UInt64, _ region: Int) {
    spans[region].last = max(spans[region].last, time)
  }

  /// Something was issued and has ended.
  @inline(__always)
  mutating func note(from start: UInt64, to end: UInt64, _ region: Int) {
    spans[region].formUnion(from: start, to: end)
  }

  // MARK: Waits

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
  mutating func add(
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

  /// The trace has ended: what is under way of a vCPU, which has nothing more to issue, arrives.
  mutating func finish(_ vcpu: Int, from now: UInt64) {
    guard let rest = probe.rest(vcpu, from: now) else { return }
    probe.add(rest.share, rest.end - rest.start, rest.region)
    if rest.start > now { waitForStart(.buffer, from: now, until: rest.start, rest.region) }
  }
}
