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
      case .lineRun: lineRun(step, vcpu, region, times)
      case .deviceRun where step.count == 1: deviceStore(step, vcpu, region)
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
}
