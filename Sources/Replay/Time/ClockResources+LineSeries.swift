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
  static let partOfLines = 32
  /// Lines taken one by one between tries whether credits alone hold them up, and all of a run that
  /// has fewer.
  static let fewLines = 16

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
    keep(lines, &run, vcpu, ClockModes.Saturated.self) {
      sent &+ UInt64(truncatingIfNeeded: $0) &* step
    }
    run.sent = writes.start
    run.done &+= lines
  }

  /// Lines of a run that is measured whose TLPs follow each other by one and the same time.
  ///
  /// Where the vCPU takes longer for a line than the link, and found both a buffer and the link free
  /// at the one before, it does so at all that follow. Where the link takes longer, all buffers
  /// hold lines that it carries one after the other, and the vCPU came to this line while it carried
  /// the one ahead of these, then the vCPU waits for the link at every line for as long.
  ///
  /// - Parameters:
  ///   - run: At a line that is not the first one.
  ///   - writes: Its TLPs.
  ///   - vcpu: Whose run it is.
  ///   - region: Where the stores go.
  /// - Returns: Whether there were any.
  @inline(never)
  mutating func fillInStep(
    _ run: inout LineRun, _ writes: inout LinkClock.Run, _ vcpu: Int, _ region: Int
  ) -> Bool {
    let lines = min(run.left, Self.partOfLines)
    let (now, issuing, wire) = (run.now, run.issuing, writes.wire)
    let more = UInt64(truncatingIfNeeded: lines &- 1)
    let isOfLink = wire > issuing
    var (free, first, latency) = (now, now &+ issuing, issuing)
    if isOfLink {
      // The line whose buffer the next one takes.
      let oldest = probe.line(vcpu, run.opening)
      let held = UInt64(truncatingIfNeeded: run.depth &- 1)
      free = lineBuffers[vcpu, run.opening]
      first = writes.end
      latency = first &- free &+ wire &- issuing
      guard oldest > 1, oldest &+ held == link.sent.count, link.sent.isUnbroken(from: oldest &- 1),
        writes.start &- free == held &* wire, now < free, link.sent.start(oldest &- 1) <= now
      else { return false }
    } else {
      guard max(run.sent &+ issuing, writes.end) <= first else { return false }
    }
    guard writes.hasCredits(for: lines, from: first) else { return false }
    let step = max(issuing, wire)
    writes.post(lines, from: first, every: step)
    var (sent, time) = (link.sent.begin(), first)
    for _ in 0..<lines {
      sent.add(time, wire)
      time &+= step
    }
    link.keep(sent)
    addUse(writes, lines)
    probe.stores.add(first &- now, region)
    probe.stores.add(latency, region, times: more)
    if isOfLink {
      probe.add(.link, free &- now &+ more &* (wire &- issuing), region)
      probe.waited(vcpu, for: link.sent.count &- UInt64(truncatingIfNeeded: run.depth))
    }
    run.opened = more == 0 ? now : free &+ (more &- 1) &* step &+ issuing
    run.now = free &+ more &* step &+ issuing
    run.sent = writes.start
    run.done &+= lines
    keep(lines, &run, vcpu, ClockModes.MeasuredSaturated.self) {
      first &+ UInt64(truncatingIfNeeded: $0) &* step
    }
    return true
  }

  /// The last lines of a run, of which only those are kept that the vCPU has buffers for.
  ///
  /// - Parameters:
  ///   - lines: As many were sent last.
  ///   - run: At the slot of the first of them; goes behind them.
  ///   - vcpu: Whose they are.
  ///   - mode: What is kept.
  ///   - sent: The start of one of them, counted from 0.
  @inline(__always)
  mutating func keep<Mode: ClockMode>(
    _ lines: Int, _ run: inout LineRun, _ vcpu: Int, _ mode: Mode.Type, sent: (Int) -> UInt64
  ) {
    let buffers = unsafe lineBuffers.row(vcpu)
    let forgotten = max(0, lines &- lineBuffers.depth)
    run.skip(forgotten)
    for line in forgotten..<lines {
      unsafe buffers[run.sending] = sent(line)
      if Mode.measures {
        let behind = UInt64(truncatingIfNeeded: lines &- 1 &- line)
        probe.keepLine(vcpu, run.sending, link.sent.count &- behind)
      }
      run.skip(1)
    }
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
}
