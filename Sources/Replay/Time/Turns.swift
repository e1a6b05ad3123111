import TraceCore

/// Writes of one vCPU of which so many may be under way, each in the slot of the one as many ahead of
/// it: Device stores until their acknowledgement, gathering lines until their TLP starts.
struct Turns {
  /// When the vCPU is free, in ps.
  var now: UInt64
  /// Slots that the next one takes, and that it leaves when it starts: the same, unless others are
  /// kept meanwhile.
  let taking: Int
  let leaving: Int
  /// Writes that may be under way: each takes the slot that the one as many ahead of it has left.
  let depth: Int
  /// What the vCPU does from when it has the slot until the write is ready, and from then until it
  /// comes to the next one, in ps.
  let before: UInt64
  let after: UInt64
  /// From the write's start until its slot is free.
  let held: UInt64

  /// Takes writes of a plain run each of which starts when the credits return that it waits for.
  ///
  /// Credits return in the order in which they were spent: each write waits for the one behind that
  /// for which the write ahead of it waited. As long as these started no closer together than the
  /// vCPU does its part for a write and the link carries one, and none comes back before the write
  /// has its slot and the vCPU has done its part, neither is ever late. So the vCPU's own time is
  /// needed at the end only, and hangs on the last write or on the slots that were there before.
  ///
  /// - Parameters:
  ///   - most: Writes of the run that are left.
  ///   - rows: When slots are free.
  ///   - vcpu: Whose run it is.
  ///   - writes: The run.
  /// - Returns: Writes taken, 0 or more.
  @inline(__always)
  mutating func postOnReturn(
    _ most: Int, _ rows: borrowing TimeRows, _ vcpu: Int, _ writes: inout LinkClock.Run
  ) -> Int {
    guard var returns = writes.returns() else { return 0 }
    let row = unsafe rows.row(vcpu)
    let turn = before &+ after
    let first = max(now, unsafe row[taking]) &+ before
    let start = returns.time(0)
    guard start >= max(first, writes.end), returns.remembers(rows.depth) else { return 0 }
    // Those with a slot that was there before.
    let early = min(most, depth, returns.known)
    var (free, place, found) = (now, taking, 0)
    while found < early {
      let ready = max(free, unsafe row[place]) &+ before
      guard ready <= returns.time(found) else { break }
      free = ready &+ after
      place = unsafe row.after(place)
      found &+= 1
    }
    let done = returns.take(
      found == depth ? most : found, gap: max(turn, writes.wire), window: depth,
      least: held &+ before)
    guard done > 0 else { return 0 }
    if done > depth {
      let last = returns.start(before: depth &+ 1) &+ held &+ turn
      now = max(free &+ UInt64(truncatingIfNeeded: done &- depth) &* turn, last)
    } else {
      place = taking
      for _ in 0..<done {
        now = max(now, unsafe row[place]) &+ turn
        place = unsafe row.after(place)
      }
    }
    let kept = min(done, rows.depth)
    place = (leaving &+ done &- kept) % rows.depth
    for write in 0..<kept {
      unsafe row[place] = returns.start(before: kept &- write) &+ held
      place = unsafe row.after(place)
    }
    // None waits for them where the link is never idle.
    let busy = UInt64(truncatingIfNeeded: done &- 1) &* writes.wire
    let waited = (start &- max(first, writes.end)) | (returns.start(before: 1) &- start &- busy)
    writes.post(returns, waited: waited)
    return done
  }
}
