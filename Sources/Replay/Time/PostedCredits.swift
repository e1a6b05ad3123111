import PCIeModel
import TraceCore

/// When a memory write finds its flow control credits, where those come back one by one.
///
/// Credits return in the order in which they were spent, and every write takes one header credit
/// and one data credit or more. So a write waits for the return of the header credit of the write
/// as many before it as there are, and for that of the write which used the last data credit of its
/// own; a write ahead of the first one has returned what it held by then.
///
/// Scaled credits, and those of other TLPs, are the matter of ``CreditPool``.
struct PostedCredits: ~Copyable {
  /// When a write started, and the data credits spent up to it.
  typealias Write = StartAndSum

  private var writes: Ring<Write>
  /// What changes with every write: a loop over many has a copy of it.
  var account: Account

  @safe
  struct Account: BitwiseCopyable {
    /// Credits there are; ``endless`` for infinite ones.
    fileprivate var headers: UInt64
    fileprivate var data: UInt64
    /// From a start to the return of its credits, in ps.
    fileprivate var loop: UInt64
    /// Writes that are kept.
    fileprivate var room: UInt64
    /// Writes so far, the data credits that they spent, and the first one whose data credits may
    /// still be waited for.
    private(set) var count: UInt64 = 0
    private var spent: UInt64 = 0
    fileprivate var first: UInt64 = 0
    private let writes: Ring<Write>.View

    fileprivate static let endless = UInt64.max >> 1

    fileprivate init(
      _ pool: FlowControl.Pool, loop: UInt64, room: Int, _ writes: Ring<Write>.View
    ) {
      headers = pool.headers == 0 ? Self.endless : UInt64(pool.headers)
      data = pool.data == 0 ? Self.endless : UInt64(pool.data)
      self.loop = loop
      self.room = UInt64(room)
      unsafe self.writes = unsafe writes
    }

    /// The same with a ring of its own, and with credits and a loop of its own.
    fileprivate init(_ other: Account, of own: Account, _ writes: Ring<Write>.View) {
      (headers, data, loop) = (own.headers, own.data, own.loop)
      (room, count, spent) = (other.room, other.count, other.spent)
      let isSame = data == other.data && headers == other.headers && loop == other.loop
      // More credits reach further back.
      first = isSame ? other.first : 0
      unsafe self.writes = unsafe writes
    }

    /// The earliest start at or after `time` of a write that is spent next.
    ///
    /// - Parameters:
    ///   - time: No earlier than the start of the write before, in ps.
    ///   - units: Its data credits, at least 1; what needs more than there are waits for all.
    /// - Returns: In ps.
    @inline(__always)
    mutating func wait(at time: UInt64, data units: UInt64) -> UInt64 {
      let start = waitForHeader(at: time)
      let last = spent &+ min(units, data)
      guard last > data else { return start }
      let wanted = last &- data
      // What that write and those ahead of it held is back, too.
      if count >= headers, unsafe writes[count &- headers].sum >= wanted { return start }
      first = holder(of: wanted, from: oldest)
      return max(start, unsafe writes[first].start &+ loop)
    }

    /// The earliest start at or after `time` of a write whose data credits are no matter.
    @inline(__always)
    func waitForHeader(at time: UInt64) -> UInt64 {
      guard count >= headers else { return time }
      return max(time, unsafe writes[count &- headers].start &+ loop)
    }

    /// The first write whose data credits a write that has its header credit may wait for.
    @inline(__always)
    private var oldest: UInt64 {
      max(first, count >= headers ? count &- headers : 0, count > room ? count &- room : 0)
    }

    /// The write, from one on, that spent a data credit, counted from 1; it has been spent.
    @inline(__always)
    private func holder(of credit: UInt64, from first: UInt64) -> UInt64 {
      var write = first
      while unsafe writes[write].sum < credit { write &+= 1 }
      return write
    }

    @inline(__always)
    mutating func spend(data units: UInt64, at start: UInt64) {
      spent &+= min(units, data)
      unsafe writes[count] = Write(start: start, sum: spent)
      count &+= 1
    }

    /// Whether writes that follow, none of them starting before a time, find their data credits
    /// when they find their header credits, for which ``waitForHeader(at:)`` is enough then.
    ///
    /// - Parameters:
    ///   - more: Writes, 1 or more.
    ///   - units: Data credits of each.
    ///   - time: In ps.
    /// - Returns: False where one of them may have to wait for data credits.
    mutating func hasData(for more: Int, data units: UInt64, from time: UInt64) -> Bool {
      let more = UInt64(truncatingIfNeeded: more)
      let last = spent &+ more &* units
      if last <= data || units == 1 && impliesData(behind: 1) { return true }
      guard more &* units <= data else { return false }
      let write = holder(of: last &- data, from: oldest)
      guard isBack(write, by: time) else { return false }
      first = write
      return true
    }

    /// Whether writes that follow, none of them starting before a time, find their header credits.
    ///
    /// - Parameters:
    ///   - more: Writes, 1 or more.
    ///   - time: In ps.
    /// - Returns: False where one of them may have to wait.
    @inline(__always)
    func hasHeaders(for more: Int, from time: UInt64) -> Bool {
      let last = count &+ UInt64(truncatingIfNeeded: more)
      return last <= headers || more <= headers && isBack(last &- headers &- 1, by: time)
    }

    /// Whether writes that follow, none of them starting before a time, find all their credits.
    ///
    /// - Parameters:
    ///   - more: Writes, 1 or more.
    ///   - units: Data credits of each.
    ///   - time: In ps.
    /// - Returns: False where one of them may have to wait.
    @inline(__always)
    mutating func hasCredits(for more: Int, data units: UInt64, from time: UInt64) -> Bool {
      hasHeaders(for: more, from: time) && hasData(for: more, data: units, from: time)
    }

    /// Spends the credits of writes that start one after the other.
    ///
    /// - Parameters:
    ///   - writes: 1 or more.
    ///   - units: Data credits of each.
    ///   - first: Start of the first one, in ps.
    ///   - step: From each start to the next one.
    @inline(__always)
    mutating func spend(_ writes: Int, data units: UInt64, from first: UInt64, every step: UInt64) {
      let (begin, units) = (count, min(units, data))
      count &+= UInt64(truncatingIfNeeded: writes)
      guard !isEndless else { return }
      var write = Write(start: first, sum: spent &+ units)
      for number in begin..<count {
        unsafe self.writes[number] = write
        write = write.later(by: step, more: units)
      }
      spent &+= UInt64(truncatingIfNeeded: writes) &* units
    }

    /// Spends the credits of some writes.
    ///
    /// - Parameters:
    ///   - writes: 1 or more.
    ///   - units: Data credits of each.
    ///   - start: Of one of them, counted from 0, in ps.
    @inline(__always)
    mutating func spend(_ writes: Int, data units: UInt64, start: (Int) -> UInt64) {
      let units = min(units, data)
      var (number, sum) = (count, spent)
      for place in 0..<writes {
        sum &+= units
        unsafe self.writes[number] = Write(start: start(place), sum: sum)
        number &+= 1
      }
      (count, spent) = (number, sum)
    }

    /// The credits of a write are back.
    @inline(__always)
    private func isBack(_ write: UInt64, by time: UInt64) -> Bool {
      unsafe writes[write].start &+ loop <= time
    }

    // MARK: Writes that start when credits return

    /// Writes each of which waits for the return of credits, in registers.
    ///
    /// Credits return in the order in which they were spent. So each write waits for the one behind
    /// that for which the write ahead of it waited, as long as these spent as many.
    @safe
    struct Returns: BitwiseCopyable {
      private let writes: Ring<Write>.View
      private let loop: UInt64
      private let data: UInt64
      /// Data credits of each.
      private let units: UInt64
      /// From the write that is waited for to the one that waits.
      private let distance: UInt64
      private static let part = 32
      /// 0 where it is waited for its header credit; else for data credits, which the write ahead of
      /// it must not have been enough for.
      private let short: UInt64
      private var before: UInt64
      fileprivate private(set) var next: UInt64
      fileprivate private(set) var spent: UInt64

      @inline(__always)
      fileprivate init(_ account: Account, for write: UInt64, isOfData: Bool, data units: UInt64) {
        unsafe writes = unsafe account.writes
        (loop, data, self.units) = (account.loop, account.data, min(units, account.data))
        (next, spent, distance) = (account.count, account.spent, account.count &- write)
        short = isOfData ? data : 0
        before = isOfData && write > 0 ? unsafe writes[write &- 1].sum &+ short : 0
      }

      /// Writes that are waited for and are known beforehand.
      @inline(__always)
      var known: Int { Int(truncatingIfNeeded: distance) }

      /// The starts of so many writes can be asked for when they were taken.
      @inline(__always)
      func remembers(_ number: Int) -> Bool {
        unsafe writes.room > distance &+ UInt64(truncatingIfNeeded: number)
      }

      /// When credits return for one of the next writes, one of ``known``, if each spends as many as
      /// those that are waited for.
      @inline(__always)
      func time(_ place: Int) -> UInt64 {
        unsafe writes[next &- distance &+ UInt64(truncatingIfNeeded: place)].start &+ loop
      }

      /// Takes writes that start when their credits return.
      ///
      /// - Parameters:
      ///   - most: How many there are. The first one does.
      ///   - gap: The least time from each start to the next one, in ps.
      ///   - window: A number of writes; the first ones do not come into question for `least`.
      ///   - least: The least time from each start to that of the write a window behind it.
      /// - Returns: How many were taken: those ahead of the first one for which that is not so.
      mutating func take(_ most: Int, gap: UInt64, window: Int, least: UInt64) -> Int {
        var done = 0
        guard remembers(window) else { return 0 }
        while done < most {
          if done >= known &+ max(window, 1) {
            repeatLast(most &- done)
            return most
          }
          let source = next &- distance
          let skipped = max(0, window &- done)
          let ahead = source &+ UInt64(truncatingIfNeeded: skipped &- window)
          let part = unsafe min(
            most &- done, Self.part, known, writes.adjoining(from: source),
            writes.adjoining(from: next), writes.adjoining(from: ahead) &+ skipped)
          let from = unsafe writes.elements(from: source)
          let behind = unsafe writes.elements(from: ahead)
          var first = unsafe writes[source &- 1]
          if done == 0 { first = first.later(by: 0 &- gap, more: 0) }
          var (last, steps) = (first, StartAndSum.Steps())
          for place in 0..<part {
            let write = unsafe from[place]
            steps.add(write, behind: last, gap: gap, more: units)
            last = write
          }
          // Not negative where they are far enough apart.
          var times: UInt64 = 0
          for place in 0..<max(0, part &- skipped) {
            times |= unsafe from[place &+ skipped].start &- behind[place].start &- least
          }
          let sum = spent &+ units
          guard unsafe sum <= from[0].sum &+ data, before < sum else { break }
          var fitting = part
          if !steps.areSpaced || times >> 63 != 0 || !steps.areEven && data != Account.endless {
            fitting = self.fitting(part, first, source, gap, ahead, skipped, least)
            guard fitting > 0 else { break }
          }
          let more = unsafe sum &- from[0].sum
          let into = unsafe writes.elements(from: next)
          for place in 0..<fitting {
            unsafe into[place] = unsafe from[place].later(by: loop, more: more)
          }
          before = unsafe from[fitting &- 1].sum &+ short
          spent = unsafe into[fitting &- 1].sum
          next &+= UInt64(truncatingIfNeeded: fitting)
          done &+= fitting
          guard fitting == part else { break }
        }
        return done
      }

      /// Takes writes that wait for such as were taken so themselves, with all that those were
      /// compared with: they have the distances of those, and need not be looked at.
      @inline(__always)
      private mutating func repeatLast(_ number: Int) {
        let more = unsafe spent &+ units &- writes[next &- distance].sum
        let end = next &+ UInt64(truncatingIfNeeded: number)
        unsafe writes.fill(next..<end, from: distance) { [loop] in
          $0.later(by: loop, more: more)
        }
        spent = unsafe writes[end &- 1].sum
        before = unsafe writes[end &- 1 &- distance].sum &+ short
        next = end
      }

      /// How many of a part's writes follow each other as is asked.
      @inline(never)
      private func fitting(
        _ part: Int, _ first: Write, _ source: UInt64, _ gap: UInt64, _ ahead: UInt64,
        _ skipped: Int, _ least: UInt64
      ) -> Int {
        var last = first
        for place in 0..<part {
          let write = unsafe writes[source &+ UInt64(truncatingIfNeeded: place)]
          var steps = StartAndSum.Steps()
          steps.add(write, behind: last, gap: gap, more: units)
          guard steps.areSpaced, steps.areEven || data == Account.endless else { return place }
          if place >= skipped {
            let behind = unsafe writes[ahead &+ UInt64(truncatingIfNeeded: place &- skipped)]
            guard write.start >= behind.start &+ least else { return place }
          }
          last = write
        }
        return part
      }

      /// The start of a write that was taken so many ahead of the next one.
      @inline(__always)
      func start(before number: Int) -> UInt64 {
        unsafe writes[next &- UInt64(truncatingIfNeeded: number)].start
      }

      /// The write that was waited for last, if that was for its data credits.
      @inline(__always)
      fileprivate var holder: UInt64? { short > 0 ? next &- distance &- 1 : nil }
    }

    /// The next writes, where the first one needs credits that were spent before.
    ///
    /// - Parameter units: Data credits of each.
    /// - Returns: nil where there are enough that never were.
    @inline(__always)
    func returns(data units: UInt64) -> Returns? {
      let last = spent &+ min(units, data)
      let isShort = count >= headers
      let header = count &- headers
      guard last > data else {
        return isShort ? Returns(self, for: header, isOfData: false, data: units) : nil
      }
      let wanted = last &- data
      if isShort, unsafe writes[header].sum >= wanted {
        return Returns(self, for: header, isOfData: false, data: units)
      }
      return Returns(self, for: holder(of: wanted, from: oldest), isOfData: true, data: units)
    }

    /// Spends the credits of writes that were taken, one or more.
    @inline(__always)
    mutating func spend(_ returns: Returns) {
      (count, spent) = (returns.next, returns.spent)
      if let holder = returns.holder { first = holder }
    }

    // MARK: Series of one data credit a write

    /// How many windows of a series find their credits without a wait.
    ///
    /// - Parameter series: The starts.
    /// - Returns: Windows, from the first one on.
    func windows(_ series: borrowing StartSeries) -> Int {
      let period = UInt64(truncatingIfNeeded: series.period)
      guard !isEndless else { return series.windows }
      guard period <= room else { return 0 }
      let windows = headerWindows(series)
      return impliesData(behind: period) ? windows : min(windows, dataWindows(series))
    }

    /// Nothing waits.
    private var isEndless: Bool { headers == Self.endless && data == Self.endless }

    private func headerWindows(_ series: borrowing StartSeries) -> Int {
      guard headers != Self.endless else { return series.windows }
      let period = UInt64(truncatingIfNeeded: series.period)
      let limit = limit(of: headers, series)
      func isBack(_ window: Int, by time: UInt64) -> Bool {
        let last = count &+ UInt64(truncatingIfNeeded: window &+ 1) &* period
        return last <= headers || self.isBack(last &- headers &- 1, by: time)
      }
      // Returns do not decrease: mostly the last one is early enough for the first write.
      guard limit.found > 0, !isBack(limit.found &- 1, by: series[0] &+ series.shift(0)) else {
        return limit.windows
      }
      var window = 0
      while window < limit.found, isBack(window, by: series[0] &+ series.shift(window)) {
        window &+= 1
      }
      return window < limit.found ? window : limit.windows
    }

    private func dataWindows(_ series: borrowing StartSeries) -> Int {
      guard data != Self.endless else { return series.windows }
      let period = UInt64(truncatingIfNeeded: series.period)
      let limit = limit(of: data, series)
      var write = oldest
      for window in 0..<limit.found {
        let last = spent &+ UInt64(truncatingIfNeeded: window &+ 1) &* period
        guard last > data else { continue }
        // A window's last one is to be early enough for its first write.
        write = holder(of: last &- data, from: write)
        guard isBack(write, by: series[0] &+ series.shift(window)) else { return window }
      }
      return limit.windows
    }

    /// Windows that do not wait for credits which the series itself spends, and how many do not if
    /// those find theirs: all, where a round of them takes the loop.
    private func limit(
      of credits: UInt64, _ series: borrowing StartSeries
    ) -> (found: Int, windows: Int) {
      let whole = credits / UInt64(truncatingIfNeeded: series.period)
      let found = min(series.windows, Int(truncatingIfNeeded: whole))
      return (found, whole &* series.step >= loop ? series.windows : found)
    }

    /// Whether writes of one data credit find it when they find their header credits, as long as
    /// only such follow: it holds for the last of so many, and for each further one more data
    /// credit is wanted, but one more is back, too.
    private func impliesData(behind more: UInt64) -> Bool {
      guard data != Self.endless, !(data >= headers && count == spent) else { return true }
      let last = count &+ more
      guard last > headers, more <= headers else { return false }
      return unsafe writes[last &- headers &- 1].sum &+ data >= spent &+ more
    }

    /// Spends the credits of a series.
    mutating func spend(_ series: borrowing StartSeries) {
      guard series.windows > 0 else { return }
      guard !isEndless else {
        count &+= UInt64(truncatingIfNeeded: series.windows &* series.period)
        return
      }
      let (through, step) = (spent &+ 1, series.step)
      let period = UInt64(truncatingIfNeeded: series.period)
      unsafe series.fill(writes, from: count, room: room) { start, ahead in
        Write(start: start, sum: through &+ ahead)
      } next: {
        $0.later(by: step, more: period)
      }
      let made = UInt64(truncatingIfNeeded: series.windows &* series.period)
      spent &+= made
      count &+= made
    }
  }

  /// - Parameters:
  ///   - pool: Credits; 0 is infinite.
  ///   - loop: From a start to the return of its credits, in ps.
  ///   - most: Credits of a clock that may take the state of this one.
  init(_ pool: FlowControl.Pool, loop: UInt64, most: FlowControl.Pool) {
    // A write has a data credit or more, and one beyond those that are out is waited for.
    let room = max(pool.headers, pool.data, most.headers, most.data) + 2
    writes = Ring(repeating: Write(), count: room)
    account = unsafe Account(pool, loop: loop, room: room, writes.view)
  }

  /// Takes the state of others, on which nothing has waited where the credits differ.
  ///
  /// - Parameter other: With no more credits and no shorter loop, and room for as many as here.
  mutating func take(_ other: borrowing PostedCredits) {
    writes.assign(other.writes)
    account = unsafe Account(other.account, of: account, writes.view)
  }
}
