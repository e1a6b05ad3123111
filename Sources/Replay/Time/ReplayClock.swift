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

    /// Extends the interval over an issue and a later end.
    @inline(__always)
    mutating func formUnion(from start: UInt64, to end: UInt64) {
      first = min(first, start)
      last = max(last, end)
    }

    /// Extends the interval over another one.
    mutating func formUnion(_ other: Interval) { formUnion(from: other.first, to: other.last) }
  }

  /// What is known of one vCPU besides what it holds.
  struct Issuer: BitwiseCopyable {
    /// Earliest next issue.
    var now: UInt64 = 0
    /// When the present Device store, load or config access was issued, and when the vCPU had come
    /// to it.
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

    /// A DSB waits for an acknowledgement.
    @inline(__always)
    mutating func acknowledge(_ time: UInt64) { outstanding = max(outstanding, time) }
  }

  let paced: Bool
  /// Latencies, time shares and the link's use are kept.
  let measures: Bool
  /// Apart from what vCPUs share, so that a step works on one of them in place.
  private var issuers = FixedBuffer<Issuer>()
  private var resources: ClockResources

  /// - Parameters:
  ///   - settings: The profiles.
  ///   - paced: Recorded times hold.
  ///   - measures: Keep what reports show besides the total time.
  ///   - most: Credits of clocks that may take the state of this one.
  init(_ settings: ModelSettings, paced: Bool, measures: Bool, most: FlowControl? = nil) {
    self.paced = paced
    self.measures = measures
    resources = ClockResources(settings, measures: measures, most: most)
  }

  mutating func grow(vcpus: Int, regions: Int) {
    issuers.grow(to: vcpus, repeating: Issuer())
    resources.grow(vcpus: vcpus, regions: regions, measures: measures)
  }

  /// Takes the state of another clock, so far as times hang on it.
  ///
  /// Its settings may differ in what has made no difference so far (``used``). This one measures
  /// nothing.
  mutating func take(_ other: borrowing ReplayClock) {
    precondition(!measures && paced == other.paced)
    issuers.assign(other.issuers)
    resources.take(other.resources)
  }

  /// Settings that have made a difference so far.
  var used: ClockUses { resources.used }

  /// First issue and last end in a region, in ps.
  func span(region: Int) -> Interval { resources.spans[region] }

  /// Recorded times of the steps so far, in ns.
  var recorded: Interval { resources.recorded }

  // MARK: Steps

  /// Takes the engine's steps in order.
  ///
  /// - Parameters:
  ///   - steps: What the engine did since the last call.
  ///   - times: Recorded times of the block that the steps' indices point into, in ns from the
  ///     trace's first record, which spans at most `TimeNormalizer.longestSpan`: in ps they do not
  ///     overflow.
  mutating func consume(_ steps: borrowing StepLog, times: Span<UInt64>) {
    switch (measures, paced) {
    case (false, false): consume(steps, times, ClockModes.Saturated.self)
    case (false, true): consume(steps, times, ClockModes.Paced.self)
    case (true, false): consume(steps, times, ClockModes.MeasuredSaturated.self)
    case (true, true): consume(steps, times, ClockModes.MeasuredPaced.self)
    }
  }

  @inline(__always)
  private mutating func consume<Mode: ClockMode>(
    _ steps: borrowing StepLog, _ times: Span<UInt64>, _ mode: Mode.Type
  ) {
    for position in 0..<steps.count {
      let step = steps[position]
      resources.take(step, of: &issuers[Int(step.vcpu)], times, mode)
    }
  }

  /// Where a vCPU and the link are behind a step, in ps.
  struct Moment {
    /// The vCPU's earliest next issue, and when its present Device store, load or config access was
    /// issued.
    var now: UInt64
    var issued: UInt64
    /// Start of the last memory write or requests; of a TLP that is sent twice the second time.
    var start: UInt64
    /// Start and end of what came back last.
    var back: (start: UInt64, end: UInt64)
  }

  /// Takes steps and tells where each leads.
  ///
  /// - Parameters:
  ///   - steps: As above, without runs, which have no TLPs of their own.
  ///   - times: As above.
  ///   - note: Takes a step and what is behind it.
  mutating func consume(
    _ steps: borrowing StepLog, times: Span<UInt64>, note: (TimeStep, Moment) -> Void
  ) {
    precondition(!measures)
    for position in 0..<steps.count {
      let step = steps[position]
      if paced {
        resources.take(step, of: &issuers[Int(step.vcpu)], times, ClockModes.Paced.self)
      } else {
        resources.take(step, of: &issuers[Int(step.vcpu)], times, ClockModes.Saturated.self)
      }
      precondition(step.kind != .lineRun && step.kind != .deviceRun, "a run has no TLPs of its own")
      let issuer = issuers[Int(step.vcpu)]
      note(
        step,
        Moment(
          now: issuer.now, issued: issuer.issued, start: resources.link.lastStart,
          back: resources.link.lastReturn))
    }
  }

  /// The trace has ended: what is under way arrives.
  mutating func finish() {
    guard measures else { return }
    for vcpu in 0..<issuers.count { resources.finish(vcpu, from: issuers[vcpu].now) }
  }

  // MARK: Results

  /// Time and goodput of some regions together, and what was measured of them.
  ///
  /// - Parameters:
  ///   - regions: Their numbers in the engine's tables.
  ///   - bytes: Bytes that their stores wrote.
  /// - Returns: Empty where nothing was issued.
  func metrics(_ regions: [Int], _ bytes: UInt64) -> ClockMetrics {
    var span = Interval()
    for region in regions { span.formUnion(self.span(region: region)) }
    var metrics = ClockMetrics()
    if span.duration > 0 {
      // bytes per second = bytes * 10^12 / ps, in 128 bits.
      let rate = UInt128(bytes) * 1_000_000_000_000 / UInt128(span.duration)
      metrics.timePs = span.duration
      metrics.goodputBytesPerSecond = UInt64(clamping: rate)
    }
    if measures { resources.probe.add(regions, to: &metrics) }
    return metrics
  }

  /// How busy both directions of the link were.
  mutating func linkUse() -> LinkUse { resources.probe.linkUse() }
}
