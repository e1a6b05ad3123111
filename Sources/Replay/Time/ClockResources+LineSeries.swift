import Results
import TraceCore

// Lines that follow from those ahead of them.
extension ClockResources {
  /// The lines of a run where nothing but the times is kept.
  ///
  /// A line's TLP starts when the line is full and the link has carried the one before it. Where the
  /// link takes longer for a line than the vCPU, every line but the first is full by then: its
  /// buffer is that of a line that was sent before, so the link carries one after the other without
  /// a gap. Where the vCPU takes longer, and found the link free at the first line, it finds it and
  /// a buffer free at all that follow.
  @inline(__always)
  mutating func fillUnmeasured(_ run: inout LineRun, _ writes: inout LinkClock.Run, _ vcpu: Int) {
    while run.left > 0 {
      let start = max(run.now, lineBuffers[vcpu, run.opening])
      run.first = min(run.first, start)
      let sent = max(start &+ run.issuing, writes.end)
      let lines = min(run.left, Self.partOfLines)
      let hasData = writes.hasData(for: lines, from: sent)
      if hasData, writes.hasHeaders(for: lines, from: sent) {
        let isEven = run.issuing <= writes.wire || sent == start &+ run.issuing
        if isEven {
          fillEvenly(lines, &run, &writes, from: sent, vcpu)
        } else {
          fillFreely(lines, &run, &writes, vcpu) { $0.post(freelyAt: $1) }
        }
      } else if run.left >= Self.fewLines, fillOnReturn(&run, &writes, vcpu) {
        // The next one waits for something else.
        fillFreely(min(run.left, 1), &run, &writes, vcpu) { $0.post(at: $1) }
      } else {
        fillFreely(min(lines, Self.fewLines), &run, &writes, vcpu) {
          $0.post(at: $1, hasData: hasData)
        }
      }
    }
  }

  /// Lines of which it is asked together whether they find their credits.
  private static let partOfLines = 32
  /// Lines taken one by one between tries whether credits alone hold them up, and all of a run that
  /// has fewer.
  private static let fewLines = 16

  /// Lines of a run that wait for credits alone.
  ///
  /// - Returns: Whether there are any.
  @inline(__always)
  private mutating func fillOnReturn(
    _ run: inout LineRun, _ writes: inout LinkClock.Run, _ vcpu: Int
  ) -> Bool {
    var turns = Turns(
      now: run.now, taking: run.opening, leaving: run.sending, depth: run.depth,
      before: run.issuing, after: 0, held: 0)
    let lines = turns.postOnReturn(run.left, lineBuffers, vcpu, &writes)
    guard lines > 0 else { return false }
    (run.now, run.sent) = (turns.now, writes.start)
    run.skip(lines)
    run.done &+= lines
    return true
  }

  /// Lines whose TLPs follow each other by one and the same time, without a wait for credits.
  @inline(__always)
  private mutating func fillEvenly(
    _ lines: Int, _ run: inout LineRun, _ writes: inout LinkClock.Run, from sent: UInt64,
    _ vcpu: Int
  ) {
    let buffers = unsafe lineBuffers.row(vcpu)
    let step = max(run.issuing, writes.wire)
    let depth = run.depth
    var slot = run.opening
    for _ in 0..<min(lines, depth) {
      run.now = max(run.now, unsafe buffers[slot]) &+ run.issuing
      slot = unsafe buffers.after(slot)
    }
    if lines > depth {
      // Of the waits for a buffer that a line of these had, the last one is the latest.
      let more = UInt64(truncatingIfNeeded: lines &- depth)
      run.now = max(
        run.now &+ more &* run.issuing, sent &+ (more &- 1) &* step &+ run.issuing)
    }
    writes.post(lines, from: sent, every: step)
    let forgotten = max(0, lines &- lineBuffers.depth)
    var time = sent &+ UInt64(truncatingIfNeeded: forgotten) &* step
    run.skip(forgotten)
    for _ in forgotten..<lines {
      unsafe buffers[run.sending] = time
      time &+= step
      run.skip(1)
    }
    run.sent = writes.start
    run.done &+= lines
  }

  /// Lines of a run one by one.
  ///
  /// - Parameters:
  ///   - lines: How many.
  ///   - run: At the first of them.
  ///   - writes: Their TLPs.
  ///   - vcpu: Whose run it is.
  ///   - post: Takes a write that is ready at a time, as the link is; returns its start.
  @inline(__always)
  private mutating func fillFreely(
    _ lines: Int, _ run: inout LineRun, _ writes: inout LinkClock.Run, _ vcpu: Int,
    post: (inout LinkClock.Run, UInt64) -> UInt64
  ) {
    let buffers = unsafe lineBuffers.row(vcpu)
    var posts = writes
    var (opening, sending, now) = (run.opening, run.sending, run.now)
    let issuing = run.issuing
    for _ in 0..<lines {
      now = max(now, unsafe buffers[opening]) &+ issuing
      opening = unsafe buffers.after(opening)
      unsafe buffers[sending] = post(&posts, max(now, posts.end))
      sending = unsafe buffers.after(sending)
    }
    (run.opening, run.sending, run.now) = (opening, sending, now)
    run.sent = posts.start
    run.done &+= lines
    writes = posts
  }

  /// Lines of a run for whose stores the vCPU and the link are free ahead of their recorded times,
  /// so that it finds a buffer free, too.
  ///
  /// - Parameters:
  ///   - run: At a line that is not the first one.
  ///   - writes: Its TLPs.
  ///   - times: Recorded times of the run's stores, in ns.
  ///   - vcpu: Whose run it is.
  ///   - region: Where the stores go.
  ///   - mode: What is kept.
  /// - Returns: Whether there may be more such lines.
  @inline(__always)
  mutating func fillOnTime<Mode: ClockMode>(
    _ run: inout LineRun, _ writes: inout LinkClock.Run, _ times: Span<UInt64>, _ vcpu: Int,
    _ region: Int, _ mode: Mode.Type
  ) -> Bool {
    let begin = run.done
    let free = max(run.now, writes.end)
    guard free <= times[begin &* run.stores] &* 1000 else { return true }
    if !run.isSpread {
      guard times.isSpread(from: begin &* run.stores, by: (storeIssuePs &+ 999) / 1000) else {
        return false
      }
      run.isSpread = true
    }
    // All are still remembered at the end.
    let end = begin &+ min(run.left, Int(SentTLPs.memory))
    guard writes.hasCredits(for: end &- begin, from: free) else { return false }
    let before = run.now
    var posts = writes
    var (latency, same) = (UInt64(0), UInt64(0))
    var line = begin
    while line < end {
      let index = line &* run.stores
      let opened = times[index] &* 1000
      let sent = times[index &+ run.stores &- 1] &* 1000 &+ storeIssuePs
      guard posts.end <= sent else { break }
      posts.post(freelyAt: sent)
      if Mode.measures {
        link.keep(posts, at: sent, waited: 0)
        if sent &- opened != latency {
          probe.stores.add(latency, region, times: same)
          (latency, same) = (sent &- opened, 0)
        }
        same &+= 1
      }
      run.opened = opened
      line &+= 1
    }
    guard line > begin else { return true }
    let lines = line &- begin
    let buffers = unsafe lineBuffers.row(vcpu)
    run.skip(max(0, lines &- lineBuffers.depth))
    for remembered in max(begin, line &- lineBuffers.depth)..<line {
      let last = remembered &* run.stores &+ run.stores &- 1
      unsafe buffers[run.sending] = times[last] &* 1000 &+ storeIssuePs
      if Mode.measures {
        let behind = UInt64(truncatingIfNeeded: line &- 1 &- remembered)
        probe.keepLine(vcpu, run.sending, link.sent.count &- behind)
      }
      run.skip(1)
    }
    (run.now, run.sent, run.done) = (posts.start, posts.start, line)
    if Mode.measures {
      let issuing = UInt64(truncatingIfNeeded: lines) &* run.issuing
      probe.add(.idle, run.now &- before &- issuing, region)
      probe.stores.add(latency, region, times: same)
      addUse(posts, lines)
    }
    writes = posts
    return true
  }
}

extension Span<UInt64> {
  /// From an index on, each is larger than the one before it by a gap at least.
  ///
  /// - Parameters:
  ///   - start: The first one that is looked at.
  ///   - gap: As the elements below 2^62.
  /// - Returns: Whether that is so; of fewer than two it is.
  fileprivate func isSpread(from start: Int, by gap: UInt64) -> Bool {
    unsafe withUnsafeBufferPointer { numbers in
      guard numbers.count &- start > 1 else { return true }
      var tops: UInt64 = 0
      for index in start..<numbers.count &- 1 {
        tops |= unsafe numbers[index &+ 1] &- numbers[index] &- gap
      }
      return tops >> 63 == 0
    }
  }
}
