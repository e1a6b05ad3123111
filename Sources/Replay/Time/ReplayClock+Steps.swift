import Results
import TraceCore

extension ReplayClock {
  /// Takes the engine's steps in order.
  ///
  /// - Parameters:
  ///   - steps: What the engine did since the last call.
  ///   - times: Recorded times of the block that the steps' indices point into, in ns from the
  ///     trace's first record, which spans at most `TimeNormalizer.longestSpan`: in ps they do not
  ///     overflow.
  mutating func consume(_ steps: borrowing StepLog, times: Span<UInt64>) {
    for position in 0..<steps.count {
      let step = steps[position]
      let vcpu = Int(step.vcpu)
      let region = Int(step.region)
      if paced, step.index != TimeStep.noIndex {
        reach(times[Int(step.index)], vcpu)
        if step.kind != .synchronize { recorded.formUnion(at: times[Int(step.index)]) }
      }
      if measures, step.kind != .synchronize { probe.enter(vcpu, region) }
      switch step.kind {
      case .store: store(step, vcpu, region, times)
      case .write: write(step, vcpu, region)
      case .deviceRun: deviceRun(step, vcpu, region, times)
      case .deviceStore: issueDeviceWrite(vcpu, strict: step.flags.contains(.strict), region)
      case .load: issueLoad(vcpu, device: step.flags.contains(.device), region)
      case .read: read(step, vcpu, region)
      case .config: config(step, vcpu, region)
      case .synchronize: synchronize(vcpu)
      }
    }
  }

  /// The vCPU reaches a record.
  @inline(__always)
  mutating func reach(_ recordedNs: UInt64, _ vcpu: Int) {
    let time = recordedNs &* 1000
    let now = issuers[vcpu].now
    guard time > now else { return }
    if measures { probe.idle(time &- now, vcpu) }
    issuers[vcpu].now = time
  }

  // MARK: Gathering stores

  /// Stores into one line, each not before its recorded time; the first may wait for a buffer.
  @inline(__always)
  private mutating func store(
    _ step: TimeStep, _ vcpu: Int, _ region: Int, _ times: Span<UInt64>
  ) {
    if step.flags.contains(.opens) { takeBuffer(step, vcpu, region) }
    let start = issuers[vcpu].now
    noteIssue(start, region)
    let count = UInt64(step.count)
    var time = start
    if paced, step.count > 1, step.index != TimeStep.noIndex {
      for offset in Int(step.index)..<Int(step.index) &+ Int(step.count) {
        time = max(time, times[offset] &* 1000) &+ storeIssuePs
      }
      recorded.formUnion(at: times[Int(step.index) &+ Int(step.count) &- 1])
      if measures {
        probe.add(.idle, time &- start &- count &* storeIssuePs, region)
      }
    } else {
      time &+= count &* storeIssuePs
    }
    if measures { probe.add(.issue, count &* storeIssuePs, region) }
    // Bytes that lie in another region's line have no TLP that would end later.
    noteEnd(time &- storeIssuePs, region)
    issuers[vcpu].now = time
  }

  /// The first piece of a line waits for a free buffer.
  @inline(__always)
  private mutating func takeBuffer(_ step: TimeStep, _ vcpu: Int, _ region: Int) {
    let slot = issuers[vcpu].openedLine
    issuers[vcpu].openedLine = lineBuffers.after(slot)
    let free = lineBuffers[vcpu, slot]
    let now = issuers[vcpu].now
    if measures { probe.open(vcpu, Int(step.slot), at: now) }
    if free > now {
      if measures {
        waitForStart(.buffer, from: now, until: free, region)
      }
      issuers[vcpu].now = free
    }
  }

  // MARK: Memory writes

  @inline(__always)
  private mutating func write(_ step: TimeStep, _ vcpu: Int, _ region: Int) {
    let flags = step.flags
    let ready = flags.contains(.ofDevice) ? issuers[vcpu].issued : issuers[vcpu].now
    let start = link.post(ready: ready, bytes: Int(step.bytes), data: Int(step.units))
    noteEnd(link.lastEnd, region)
    if measures {
      probe.keepLast(vcpu, link.lastStart, link.lastEnd)
      noteUse()
    }
    if flags.contains(.endsLine) {
      endLine(step, vcpu, region, start)
    } else if flags.contains(.endsDevice) {
      acceptDeviceWrite(vcpu, strict: flags.contains(.strict), start)
      if measures { probe.stores.add(start &- issuers[vcpu].reached, region) }
    } else if flags.contains(.endsSingle) {
      acknowledge(vcpu, start &+ deviceAckPs)
      if measures { probe.stores.add(start &- (ready &- storeIssuePs), region) }
    }
  }

  /// The last TLP of a line has started: its buffer is free from then on.
  ///
  /// That is its acceptance by the root complex too; only a DSB waits for the acknowledgement.
  @inline(__always)
  private mutating func endLine(
    _ step: TimeStep, _ vcpu: Int, _ region: Int, _ start: UInt64
  ) {
    let slot = issuers[vcpu].sentLine
    lineBuffers[vcpu, slot] = start
    issuers[vcpu].sentLine = lineBuffers.after(slot)
    acknowledge(vcpu, start &+ deviceAckPs)
    guard measures else { return }
    probe.stores.add(start &- probe.opened(vcpu, Int(step.slot)), region)
  }
}
