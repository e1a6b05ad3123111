import PCIeModel
import TestSupport
import Testing

@testable import Replay

/// Credits by spending, against a list with one entry a credit.
@Suite struct CreditPoolTests {
  /// Each credit spent, in order, and when it comes back.
  private struct Credits {
    let count: Int
    let scale: Int
    var returns: [UInt64] = []

    /// PCIe Base 6.0, 3.4.2: with a scale, credits come back a whole group at a time.
    func wait(_ time: UInt64, _ needed: Int) -> UInt64 {
      let whole = count / scale * scale
      guard whole > 0, needed > 0 else { return time }
      // The last one needed is the one that was spent `whole` credits before it.
      let last = returns.count + min(needed, whole) - 1 - whole
      guard last >= 0 else { return time }
      let group = last / scale * scale + scale - 1
      return max(time, returns[min(group, returns.count - 1)])
    }

    mutating func spend(_ needed: Int, _ time: UInt64) {
      let whole = count / scale * scale
      guard whole > 0 else { return }
      returns += [UInt64](repeating: time, count: min(needed, whole))
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `a TLP starts when its last credit is back`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let scale = random.pick([1, 1, 4])
    let (headers, data) = (random.pick([0, 1, 3, 32, 127]), random.pick([0, 4, 9, 300]))
    var control = FlowControl.unlimited
    control.headerScale = scale
    control.dataScale = scale
    var expected = (
      Credits(count: headers, scale: scale), Credits(count: data, scale: scale)
    )
    var time: UInt64 = 0
    let loop = UInt64(random.pick([1, 50, 4000]))
    control.loopPs = loop
    var pool = CreditPool(.init(headers: headers, data: data), control)
    // TLPs of one credit each, as most registers are, and then any.
    let simple = random.pick([0, 40, 300])
    for step in 0..<600 {
      time += UInt64(random.pick([0, 0, 3, 200]))
      let (needed, units) =
        step < simple ? (1, 1) : (random.pick([1, 1, 2]), random.pick([0, 1, 1, 4, 8, 500]))
      let start = pool.wait(at: time, headers: needed, data: units)
      let wanted = expected.1.wait(expected.0.wait(time, needed), units)
      #expect(start == wanted, "spending \(step)")
      time = start
      pool.spend(headers: needed, data: units, at: start)
      expected.0.spend(needed, start + loop)
      expected.1.spend(units, start + loop)
    }
  }

  /// The same credits, one header a write, as the structure keeps them that memory writes have.
  @Test(arguments: 0..<80 as Range<UInt64>)
  func `a memory write starts when its last credit is back`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (headers, data) = (random.pick([0, 1, 3, 32, 127]), random.pick([0, 4, 9, 70, 300]))
    let loop = UInt64(random.pick([1, 50, 4000]))
    let pool = FlowControl.Pool(headers: headers, data: data)
    var credits = PostedCredits(pool, loop: loop, most: pool)
    var expected = (Credits(count: headers, scale: 1), Credits(count: data, scale: 1))
    var time: UInt64 = 0
    var step = 0
    while step < 900 {
      time += UInt64(random.pick([0, 0, 3, 200]))
      // Some equal ones in a row, each as soon as it may, mostly of one data credit.
      let units = random.pick([1, 1, 1, 4, 8, 500])
      let writes = random.pick([1, 1, 8, 40])
      let data = UInt64(units)
      let isFree = credits.account.hasData(for: writes, data: data, from: time)
      for _ in 0..<writes {
        let start =
          isFree
          ? credits.account.waitForHeader(at: time) : credits.account.wait(at: time, data: data)
        let wanted = expected.1.wait(expected.0.wait(time, 1), units)
        #expect(start == wanted, "write \(step)")
        time = wanted
        credits.account.spend(data: data, at: time)
        expected.0.spend(1, time + loop)
        expected.1.spend(units, time + loop)
        step += 1
      }
    }
  }

  /// Writes found to find all their credits wait nowhere, and spend them one by one or at once.
  @Test(arguments: 0..<120 as Range<UInt64>)
  func `memory writes that are known to find their credits do so`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (headers, data) = (random.pick([0, 1, 3, 32, 127]), random.pick([0, 4, 9, 70, 300]))
    let loop = UInt64(random.pick([1, 50, 4000]))
    let pool = FlowControl.Pool(headers: headers, data: data)
    var credits = PostedCredits(pool, loop: loop, most: pool)
    var expected = (Credits(count: headers, scale: 1), Credits(count: data, scale: 1))
    var time: UInt64 = 0
    var found = 0
    for _ in 0..<200 {
      time += UInt64(random.pick([0, 3, 200, 5000]))
      let units = random.pick([1, 1, 4, 8, 500])
      let writes = random.pick([1, 2, 8, 40])
      let step = UInt64(random.pick([0, 1, 30]))
      let isFree = credits.account.hasCredits(for: writes, data: UInt64(units), from: time)
      let first = time
      for write in 0..<writes {
        let start = expected.1.wait(expected.0.wait(time, 1), units)
        if isFree { #expect(start == time, "write \(write) of \(writes)") }
        time = start
        expected.0.spend(1, time + loop)
        expected.1.spend(units, time + loop)
        if !isFree {
          #expect(credits.account.wait(at: time, data: UInt64(units)) == time)
          credits.account.spend(data: UInt64(units), at: time)
        }
        time += step
      }
      if isFree { credits.account.spend(writes, data: UInt64(units), from: first, every: step) }
      found += isFree ? 1 : 0
    }
    #expect(found > 0)
  }

  /// Writes that are said to start when credits return do so, and are as far apart as was asked.
  @Test(arguments: 0..<120 as Range<UInt64>)
  func `memory writes start when the credits return that they wait for`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (headers, data) = (random.pick([0, 1, 3, 32, 127]), random.pick([0, 4, 9, 70, 300]))
    let loop = UInt64(random.pick([50, 4000, 100_000]))
    let pool = FlowControl.Pool(headers: headers, data: data)
    var credits = PostedCredits(pool, loop: loop, most: pool)
    var expected = (Credits(count: headers, scale: 1), Credits(count: data, scale: 1))
    var time: UInt64 = 0
    let mostly = random.pick([1, 4])
    for _ in 0..<120 {
      let units = random.pick([mostly, mostly, mostly, mostly, 2, 500])
      let (gap, least) = (UInt64(random.pick([0, 1, 3])), UInt64(random.pick([0, 4, 60])))
      let window = random.pick([1, 2, 4, 16])
      let wanted = random.pick([1, 2, 20, 400])
      let first = expected.1.wait(expected.0.wait(0, 1), units)
      guard var returns = credits.account.returns(data: UInt64(units)) else {
        #expect(first == 0)
        for _ in 0..<random.pick([1, 8, 40]) {
          time += UInt64(random.pick([0, 1, 3, 3, 3, 7]))
          time = credits.account.wait(at: time, data: UInt64(units))
          #expect(time == expected.1.wait(expected.0.wait(time, 1), units))
          credits.account.spend(data: UInt64(units), at: time)
          expected.0.spend(1, time + loop)
          expected.1.spend(units, time + loop)
        }
        continue
      }
      #expect(returns.time(0) == first)
      var starts: [UInt64] = []
      if first >= time {
        for place in 0..<returns.take(wanted, gap: gap, window: window, least: least) {
          let start = expected.1.wait(expected.0.wait(0, 1), units)
          if place > 0 { #expect(start >= starts[place - 1] + gap) }
          if place >= window { #expect(start >= starts[place - window] + least) }
          starts.append(start)
          expected.0.spend(1, start + loop)
          expected.1.spend(units, start + loop)
        }
      }
      for behind in 0..<min(starts.count, window + 1) {
        #expect(returns.start(before: behind + 1) == starts[starts.count - 1 - behind])
      }
      if !starts.isEmpty {
        credits.account.spend(returns)
        time = starts[starts.count - 1]
      }
      // Whoever comes next is as late as it likes.
      time += UInt64(random.pick([0, 1, 3, 3, 200]))
      time = credits.account.wait(at: time, data: 1)
      #expect(time == expected.1.wait(expected.0.wait(time, 1), 1))
      credits.account.spend(data: 1, at: time)
      expected.0.spend(1, time + loop)
      expected.1.spend(1, time + loop)
    }
  }

  /// By hand: four headers that are back 100 ps after their start, spent at 0, 10, 20 and 30 ps.
  @Test(arguments: [
    (gap: 10, window: 1, least: 10, starts: [100, 110, 120, 130, 200, 210], next: 220),
    (gap: 10, window: 2, least: 20, starts: [100, 110, 120, 130, 200, 210], next: 220),
    (gap: 11, window: 1, least: 10, starts: [100], next: 110),
    (gap: 10, window: 1, least: 11, starts: [100], next: 110),
    (gap: 10, window: 3, least: 31, starts: [100, 110, 120], next: 130),
  ])
  func `a round of credits after the other`(
    gap: Int, window: Int, least: Int, starts: [UInt64], next: UInt64
  ) throws {
    let pool = FlowControl.Pool(headers: 4, data: 0)
    var credits = PostedCredits(pool, loop: 100, most: pool)
    for write in 0..<4 {
      #expect(credits.account.returns(data: 1)?.known == nil)
      credits.account.spend(data: 1, at: UInt64(10 * write))
    }
    var returns = try #require(credits.account.returns(data: 1))
    let taken = returns.take(6, gap: UInt64(gap), window: window, least: UInt64(least))
    #expect(taken == starts.count)
    for write in 0..<min(taken, 3) {
      #expect(returns.start(before: write + 1) == starts[starts.count - 1 - write])
    }
    credits.account.spend(returns)
    #expect(credits.account.count == UInt64(4 + taken))
    #expect(credits.account.wait(at: 0, data: 1) == next)
  }

  /// A series found to be free of waits waits nowhere, and its credits are those of its writes.
  @Test(arguments: 0..<120 as Range<UInt64>)
  func `a series of memory writes finds its credits as its writes would`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (headers, data) = (random.pick([0, 1, 3, 32, 127]), random.pick([0, 4, 9, 70, 300]))
    let loop = UInt64(random.pick([0, 1, 50, 4000]))
    let pool = FlowControl.Pool(headers: headers, data: data)
    var credits = PostedCredits(pool, loop: loop, most: pool)
    var expected = (Credits(count: headers, scale: 1), Credits(count: data, scale: 1))
    var time: UInt64 = 0
    func one(_ units: Int) {
      let start = credits.account.wait(at: time, data: UInt64(units))
      #expect(start == expected.1.wait(expected.0.wait(time, 1), units))
      time = start
      credits.account.spend(data: UInt64(units), at: time)
      expected.0.spend(1, time + loop)
      expected.1.spend(units, time + loop)
    }
    for _ in 0..<30 {
      for _ in 0..<random.pick([0, 1, 5, 60]) {
        time += UInt64(random.pick([0, 3, 200]))
        one(random.pick([1, 1, 1, 4]))
      }
      var series = StartSeries(period: random.pick([1, 2, 4, 16]))
      series.windows = random.pick([1, 3, 20, 200])
      series.step = UInt64(random.pick([16, 100, 500]))
      // The window ahead of it.
      var ahead: [UInt64] = []
      for place in 0..<series.period {
        time += UInt64(place == 0 ? 5 : 1)
        one(1)
        ahead.append(time)
      }
      // Where something waited its starts are no window of the series.
      guard ahead.last! - ahead[0] < series.step else { continue }
      for place in 0..<series.period { series[place] = ahead[place] }
      series.windows = credits.account.windows(series)
      for window in 0..<series.windows {
        for place in 0..<series.period {
          let start = series[place] + series.shift(window)
          #expect(expected.1.wait(expected.0.wait(start, 1), 1) == start)
          expected.0.spend(1, start + loop)
          expected.1.spend(1, start + loop)
          time = start
        }
      }
      credits.account.spend(series)
    }
  }
}
