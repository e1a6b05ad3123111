import Results

/// Small sweeps, built by hand from ``SampleRun``.
enum SampleSweep {
  /// Speed-ups of 0.5, 1, 2 and 4, 8, 16, by buffers and link.
  ///
  /// Goodput before is 660,000,000 bytes per second everywhere.
  static let compared: SweepResult = sweep(
    [
      SweepResult.Axis(name: "cpu.buffers", values: ["2", "8"]),
      SweepResult.Axis(name: "rc.split", values: ["runs"]),
      SweepResult.Axis(name: "link", values: ["gen3x8", "gen4x8,mps=256", "gen5x16"]),
    ]
  ) { places, scenarios in
    let factor: UInt64 = 330_000_000 << UInt64(3 * places[0] + places[2])
    scenarios[1].totals.saturated.goodputBytesPerSecond = factor
    scenarios[1].settings[0].value = .integer(places[0] == 0 ? 2 : 8)
    for index in scenarios[1].regions.indices {
      scenarios[1].regions[index].metrics.saturated.goodputBytesPerSecond? *= 1 + UInt64(places[2])
    }
  }

  /// One scenario; the second axis makes no difference.
  static let single: SweepResult = {
    var sweep = Self.sweep([
      SweepResult.Axis(name: "link.ph", values: ["1", "2", "4"]),
      SweepResult.Axis(name: "cpu.evict", values: ["lru", "fifo"]),
    ]) { places, scenarios in
      scenarios[1].totals.mwr = 100 << UInt64(places[0])
      scenarios[1].totals.saturated.goodputBytesPerSecond = nil
    }
    for index in sweep.points.indices { sweep.points[index].scenarios.removeFirst() }
    return sweep
  }()

  static let onePoint: SweepResult = sweep([
    SweepResult.Axis(name: SampleRun.awkward, values: [SampleRun.awkward])
  ]) { _, _ in }

  /// Of an empty trace: no region, no time.
  static let empty: SweepResult = {
    var sweep = Self.sweep([SweepResult.Axis(name: "cpu.buffers", values: ["1", "2"])]) { _, _ in }
    for index in sweep.points.indices {
      sweep.points[index].scenarios = SampleRun.empty.scenarios
    }
    sweep.trace = SampleRun.empty.trace
    return sweep
  }()

  /// More points, axes and hostile text than a page has room for.
  static let large: SweepResult = {
    var generator = GeneratedRun(seed: 8)
    let run = generator.run(regions: 3, findings: 0, words: 8)
    // 2 x 2 x 2 x 70 x 3 x 2 = 3360 points.
    let axes = [2, 2, 2, 70, 3, 2, 1].enumerated().map { index, count in
      SweepResult.Axis(
        name: "cpu.key\(index) " + generator.text(words: 9),
        values: (0..<count).map { "\($0)" + generator.text(words: 20) })
    }
    var large = sweep(axes, run.scenarios) { places, scenarios in
      let rate = UInt64(places.reduce(1) { $0 * 3 + $1 }) * 1_000_000_007
      scenarios[1].totals.saturated = ClockMetrics(timePs: 1, goodputBytesPerSecond: rate)
      scenarios[0].totals.saturated = ClockMetrics(timePs: 1, goodputBytesPerSecond: .max / 3)
    }
    large.trace = run.trace
    return large
  }()

  static let all = [compared, single, onePoint, empty, large]

  static func sweep(
    _ axes: [SweepResult.Axis], _ scenarios: [ScenarioResult] = SampleRun.compare.scenarios,
    change: ([Int], inout [ScenarioResult]) -> Void
  ) -> SweepResult {
    let count = axes.reduce(1) { $0 * $1.values.count }
    let points = (0..<count).map { point -> SweepResult.Point in
      var rest = point
      var places: [Int] = []
      for axis in axes.reversed() {
        places.insert(rest % axis.values.count, at: 0)
        rest /= axis.values.count
      }
      var own = scenarios
      change(places, &own)
      return SweepResult.Point(places: places, scenarios: own)
    }
    return SweepResult(trace: SampleRun.compare.trace, axes: axes, points: points)
  }
}
