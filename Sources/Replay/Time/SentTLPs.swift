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
    var start: UInt64 = 0
    /// How long the link carried TLPs up to the end of this one, and how long those at the head
    /// had no credits up to its start, in ps.
    var link: UInt64 = 0
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
    last.start = start
    last.link &+= length
    last.credit &+= waited
    tlps[count] = last
  }

  /// Remembers TLPs of one length that start as a series says, without having waited for credits.
  mutating func add(_ series: borrowing StartSeries, length: UInt64) {
    guard series.windows > 0 else { return }
    let (link, credit) = (last.link &+ length, last.credit)
    unsafe series.fill(tlps.view, from: count &+ 1, room: Self.memory, start: \.start) {
      TLP(start: $0, link: link &+ $1 &* length, credit: credit)
    }
    count &+= UInt64(truncatingIfNeeded: series.windows &* series.period)
    last = tlps[count]
  }

  /// When a TLP started that is one of the last ``memory``.
  @inline(__always)
  func start(_ number: UInt64) -> UInt64 { tlps[number].start }

  /// Splits a wait that ended when a TLP started.
  ///
  /// - Parameters:
  ///   - from: When the wait began, in ps.
  ///   - until: When it ended.
  /// - Returns: ps of each; what is older than the TLPs remembered is split as the rest is.
  func parts(from: UInt64, until: UInt64) -> Parts {
    var number = count
    while isKept(number), self[number].start > until { number &-= 1 }
    return parts(from: from, until: until, end: number, behind: 0)
  }

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
    // A vCPU waits again soon.
    var begin = hint
    var left = isKept(hint) ? 6 : 0
    while left > 0, begin < end, self[begin &+ 1].start <= from {
      begin &+= 1
      left &-= 1
    }
    if left == 0 { begin = search(from, behind: begin, below: end &+ 1) }
    guard isKept(begin), isKept(end), begin < end else { return rare(from, until, end) }
    return parts(from, until, begin: begin, end: end)
  }

  /// What ``parts(from:until:)`` is where TLP `begin` is the last one that had started at the begin,
  /// and a later one, `end`, at the end.
  @inline(__always)
  private func parts(
    _ from: UInt64, _ until: UInt64, begin: UInt64, end: UInt64
  ) -> Parts {
    let (first, next, last) = (self[begin], self[begin &+ 1], self[end])
    var parts = Parts(link: self[end &- 1].link &- first.link)
    let free = first.start &+ length(begin)
    if free > from { parts.link &+= free &- from }
    let time = begin &+ 1 == end ? until : next.start
    let near = min(next.credit &- first.credit, time &- from)
    parts.credit = last.credit &- next.credit &+ near
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
      // Nothing is known of what was ahead of the oldest one.
      var parts = Parts(credit: min(waited(number), until - from))
      if oldest > 1 { parts.extend(by: until - from - parts.credit) }
      return parts
    }
    let start = self[oldest].start
    guard start > from else {
      let credit = min(waited(number), until - from)
      return Parts(credit: credit, turn: until - from - credit)
    }
    var parts = parts(start, until, begin: oldest, end: number)
    let credit = min(waited(oldest), start - from)
    parts.credit += credit
    if oldest > 1 { parts.extend(by: start - from - credit) }
    return parts
  }

  /// The last TLP before `above` that had started at a time; one that is not kept where none had.
  ///
  /// That of `hint` had, where it is kept.
  @inline(never)
  private func search(_ time: UInt64, behind hint: UInt64, below above: UInt64) -> UInt64 {
    var low = max(hint, count &- min(count, Self.memory))
    var high = above
    // `low` had started or is not kept, `high` had not.
    while high > low, high &- low > 1 {
      let middle = low &+ (high &- low) / 2
      if self[middle].start > time { high = middle } else { low = middle }
    }
    return low
  }

  /// How long the TLP was on the link.
  @inline(__always)
  private func length(_ number: UInt64) -> UInt64 {
    self[number].link &- self[number &- 1].link
  }

  /// How long the TLP had no credits.
  @inline(__always)
  private func waited(_ number: UInt64) -> UInt64 {
    self[number].credit &- self[number &- 1].credit
  }

  @inline(__always)
  private func isKept(_ number: UInt64) -> Bool {
    number > 0 && number &+ Self.memory > count
  }

  private subscript(number: UInt64) -> TLP {
    @inline(__always) get { tlps[number] }
  }
}
