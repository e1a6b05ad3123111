import Results
import TraceCore

// Lines whose stores have recorded times and are hardly held up.
extension ClockResources {
  /// Takes lines of a run that find a buffer free, because the line before them has been sent when
  /// the vCPU comes to them; credits are no matter.
  ///
  /// - Parameters:
  ///   - run: At a line that is not the first one.
  ///   - writes: Its TLPs.
  ///   - times: Recorded times of the run's stores, in ns.
  ///   - vcpu: Whose run it is.
  ///   - region: Where the stores go.
  ///   - mode: What is kept.
  /// - Returns: Whether there were any.
  @inline(never)
  mutating func fillOnTime<Mode: ClockMode>(
    _ run: inout LineRun, _ writes: inout LinkClock.Run, _ times: Span<UInt64>, _ vcpu: Int,
    _ region: Int, _ mode: Mode.Type
  ) -> Bool {
    let most = min(run.left, Self.mostOnTime)
    let (begin, before) = (run.done, run.now)
    guard writes.hasCredits(for: most, from: max(before, writes.end)) else { return false }
    let (stores, issuing) = (run.stores, storeIssuePs)
    // Longer than this after the store before it, a line's last store is not held up by those ahead.
    let gap = run.issuing &- issuing
    let starts = unsafe onTime.pointer(to: 0, count: Self.mostOnTime)
    var (posts, sent, now) = (writes, link.sent.begin(), before)
    var (latency, same) = (UInt64(0), UInt64(0))
    var (opened, lines) = (run.opened, 0)
    while lines < most {
      let index = (begin &+ lines) &* stores
      let reached = max(now, times[index] &* 1000)
      guard posts.start <= reached else { break }
      opened = reached
      let last = index &+ stores &- 1
      let next = times[last] &* 1000
      if next >= max(opened, times[max(index, last &- 1)] &* 1000) &+ gap {
        now = next &+ issuing
      } else {
        now = issue(times.extracting(index...last), from: opened)
      }
      let start = posts.post(freelyAt: max(now, posts.end))
      unsafe starts[lines] = start
      if Mode.measures {
        sent.add(start, posts.wire)
        if start &- opened != latency {
          probe.stores.add(latency, region, times: same)
          (latency, same) = (start &- opened, 0)
        }
        same &+= 1
      }
      lines &+= 1
    }
    guard lines > 0 else { return false }
    writes = posts
    if Mode.measures {
      link.keep(sent)
      addUse(posts, lines)
      probe.add(.idle, now &- before &- UInt64(truncatingIfNeeded: lines) &* run.issuing, region)
      probe.stores.add(latency, region, times: same)
    }
    keep(lines, &run, vcpu, mode) { unsafe starts[$0] }
    (run.now, run.opened, run.sent, run.done) = (now, opened, posts.start, begin &+ lines)
    return true
  }
}
