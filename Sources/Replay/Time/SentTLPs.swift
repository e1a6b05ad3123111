import TraceCore

/// The last TLPs towards the device, to tell what an access that had to wait for one was waiting
/// for.
///
/// Sums up to each TLP are kept, so that a wait over many of them is split by a search for its
/// begin, not by going over all.
struct SentTLPs: ~Copyable {
  /// TLPs that are remembered.
  static let memory: UInt64 = 256

  struct TLP: BitwiseCopyable {
    /// Its start, and how long the link carried TLPs up to its end, in ps.
    var link = StartAndSum()
    /// How long TLPs at the head had no credits up to its start, in ps.
    var credit: UInt64 = 0
  }

  /// What a wait that ended when a TLP started is made of, in ps.
  struct Parts: Equatable {
    /// The link carried TLPs.
    var link: UInt64 = 0
    /// The TLP at the head had no credits.
    var credit: UInt64 = 0
    /// The link was idle: the TLP at the head was not ready.
    var turn: UInt64 = 0

    @inline(__always)
    mutating func add(_ other: Parts) {
      link &+= other.link
      credit &+= other.credit
      turn &+= other.turn
    }

    /// Adds time of which nothing is known, in the proportions of what is.
    mutating func extend(by time: UInt64) {
      let known = UInt128(link) + UInt128(credit) + UInt128(turn)
      guard known > 0 else {
        link += time
        return
      }
      let (old, new) = (self, UInt128(time))
      link += UInt64(truncatingIfNeeded: UInt128(old.link) * new / known)
      credit += UInt64(truncatingIfNeeded: UInt128(old.credit) * new / known)
      turn += time - (link - old.link) - (credit - old.credit)
    }

    /// Adds time ahead of the oldest TLP that is remembered: where it is the first one, the link was
    /// idle.
    fileprivate mutating func add(_ time: UInt64, aheadOf oldest: UInt64) {
      if oldest > 1 { extend(by: time) } else { turn &+= time }
    }
  }

  /// TLPs so far; the number of the last one.
  private(set) var count: UInt64 = 0
  private var last = TLP()
  /// One more than is looked at: what the oldest one added to the sums takes the one before it.
  private var tlps: Ring<TLP>

  /// - Parameter isUsed: TLPs will be added; else no room is needed.
  init(isUsed: Bool = true) {
    tlps = Ring(repeating: TLP(), count: isUsed ? Int(Self.memory) + 1 : 1)
  }

  /// Remembers a TLP that starts where all before it have ended.
  @inline(__always)
  mutating func add(_ start: UInt64, _ length: UInt64, waited: UInt64) {
    count &+= 1
    last.link = last.link.next(start: start, more: length)
    last.credit &+= waited
    tlps[count] = last
  }

  /// TLPs that are added one by one without having waited for credits, in registers.
  @safe
  struct Tail {
    private let tlps: Ring<TLP>.View
    fileprivate private(set) var count: UInt64
    fileprivate private(set) var last: TLP

    @inline(__always)
    fileprivate init(_ tlps: Ring<TLP>.View, count: UInt64, last: TLP) {
      unsafe self.tlps = unsafe tlps
      (self.count, self.last) = (count, last)
    }

    /// Adds one that starts where all before it have ended.
    @inline(__always)
    mutating func add(_ start: UInt64, _ length: UInt64) {
      count &+= 1
      last.link = last.link.next(start: start, more: length)
      unsafe tlps[count] = last
    }
  }

  /// What is added there is remembered when it ``end(_:)``s; nothing else may be until then.
  @inline(__always)
  func begin() -> Tail { unsafe Tail(tlps.view, count: count, last: last) }

  @inline(__always)
  mutating func end(_ tail: Tail) { (count, last) = (tail.count, tail.last) }

  /// Remembers TLPs of one length that start as a series says, without having waited for credits.
  mutating func add(_ series: borrowing StartSeries, length: UInt64) {
    guard series.windows > 0 else { return }
    let (link, credit, step) = (last.link.sum &+ length, last.credit, series.step)
    let period = length &* UInt64(truncatingIfNeeded: series.period)
    unsafe series.fill(tlps.view, from: count &+ 1, room: Self.memory) {
      TLP(link: StartAndSum(start: $0, sum: link &+ $1 &* length), credit: credit)
    } next: {
      TLP(link: $0.link.later(by: step, more: period), credit: $0.credit)
    }
    count &+= UInt64(truncatingIfNeeded: series.windows &* series.period)
    last = tlps[count]
  }

  /// When a TLP started that is one of the last ``memory``.
  @inline(__always)
  func start(_ number: UInt64) -> UInt64 { tlps[number].link.start }

  /// Whether the link carried one TLP after the other, without a gap, from this one to the last.
  func isUnbroken(from number: UInt64) -> Bool {
    guard number > 1, isKept(number &- 1) else { return false }
    return start(count) &- start(number) == link(count &- 1) &- link(number &- 1)
  }

  /// How long the link carried TLPs up to the end of this one.
  @inline(__always)
  private func link(_ number: UInt64) -> UInt64 { tlps[number].link.sum }

  /// How long TLPs at the head had no credits up to the start of this one.
  @inline(__always)
  private func credit(_ number: UInt64) -> UInt64 { tlps[number].credit }

  /// Splits a wait that ended when a TLP started.
  ///
  /// - Parameters:
  ///   - from: When the wait began, in ps.
  ///   - until: When it ended.
  /// - Returns: ps of each; what is older than the TLPs remembered is split as the rest is.
  func parts(from: UInt64, until: UInt64) -> Parts {
    var number = count
    while isKept(number), start(number) > until { number &-= 1 }
    return parts(from: from, until: until, end: number, behind: 0)
  }

  /// TLPs behind the one that a vCPU waited for last, among which the next wait may begin.
  private static let few: UInt64 = 6

  /// Splits a wait that ended when a known TLP started.
  ///
  /// - Parameters:
  ///   - from: When the wait began, in ps.
  ///   - until: When it ended.
  ///   - end: The TLP that started then.
  ///   - hint: A TLP that had started when the wait began; 0 where none is known.
  /// - Returns: ps of each; what is older than the TLPs remembered is split as the rest is.
  @inline(__always)
  func parts(from: UInt64, until: UInt64, end: UInt64, behind hint: UInt64) -> Parts {
    var begin = hint
    let further = hint &+ Self.few
    if !isKept(hint) {
      begin = search(from, behind: hint, below: end &+ 1)
    } else if further < end, start(further) <= from {
      begin = search(from, behind: further, below: end &+ 1)
    } else {
      // A vCPU waits again soon.
      while begin < end, start(begin &+ 1) <= from { begin &+= 1 }
    }
    guard isKept(begin), isKept(end), begin < end else { return rare(from, until, end) }
    return parts(from, until, begin: begin, end: end)
  }

  /// What ``parts(from:until:)`` is where TLP `begin` is the last one that had started at the begin,
  /// and a later one, `end`, at the end.
  @inline(__always)
  private func parts(
    _ from: UInt64, _ until: UInt64, begin: UInt64, end: UInt64
  ) -> Parts {
    var parts = Parts(link: link(end &- 1) &- link(begin))
    let free = start(begin) &+ length(begin)
    if free > from { parts.link &+= free &- from }
    let time = begin &+ 1 == end ? until : start(begin &+ 1)
    let next = credit(begin &+ 1)
    let near = min(next &- credit(begin), time &- from)
    parts.credit = credit(end) &- next &+ near
    parts.turn = until &- from &- parts.link &- parts.credit
    return parts
  }

  /// A wait that began behind the start of the TLP that it ended with, or before all that are kept.
  @inline(never)
  private func rare(_ from: UInt64, _ until: UInt64, _ number: UInt64) -> Parts {
    let oldest = count &+ 1 &- min(count, Self.memory)
    guard isKept(number) else {
      var parts = Parts()
      if oldest > 1 { parts.extend(by: until - from) }
      return parts
    }
    guard number > oldest else {
      var parts = Parts(credit: min(waited(number), until - from))
      parts.add(until - from - parts.credit, aheadOf: oldest)
      return parts
    }
    let start = start(oldest)
    guard start > from else {
      let credit = min(waited(number), until - from)
      return Parts(credit: credit, turn: until - from - credit)
    }
    var parts = parts(start, until, begin: oldest, end: number)
    let credit = min(waited(oldest), start - from)
    parts.credit += credit
    parts.add(start - from - credit, aheadOf: oldest)
    return parts
  }

  /// The last TLP before `above` that had started at a time; one that is not kept where none had.
  ///
  /// That of `hint` had, where it is kept.
  @inline(never)
  private func search(_ time: UInt64, behind hint: UInt64, below above: UInt64) -> UInt64 {
    var low = max(hint, count &- min(count, Self.memory))
    guard above > low else { return low }
    // `low` had started or is not kept. Each step is taken or not without a branch, which nothing
    // could foretell.
    var step = Self.memory
    while step > 0 {
      let next = low &+ step
      let isLater = start(next) > time
      low = next >= above || isLater ? low : next
      step /= 2
    }
    return low
  }

  /// How long the TLP was on the link.
  @inline(__always)
  private func length(_ number: UInt64) -> UInt64 {
    link(number) &- link(number &- 1)
  }

  /// How long the TLP had no credits.
  @inline(__always)
  private func waited(_ number: UInt64) -> UInt64 {
    credit(number) &- credit(number &- 1)
  }

  @inline(__always)
  private func isKept(_ number: UInt64) -> Bool {
    number > 0 && number &+ Self.memory > count
  }
}
