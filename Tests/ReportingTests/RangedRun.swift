import Results
import TraceCore

/// The sample comparison with other values tried, built by hand.
enum RangedRun {
  static func setting(
    _ key: String, _ value: Setting.Value, _ range: [Setting.Value] = [], unit: String = ""
  ) -> Setting {
    var setting = Setting(key: key, value: value, unit: unit, source: "", status: .assumed)
    setting.range = range
    return setting
  }

  static let ack = setting("cpu.device_ack_ns", .integer(300), unit: "ns")
  static let loop = setting("link.credit_loop_ns", .integer(1000), unit: "ns")
  static let credits = setting("link.ph", .integer(32), unit: "credits")
  static let buffers = setting("cpu.buffers", .integer(2), unit: "lines")

  /// What a variation does to `bar2`: goodput in 10^9 bytes/s and memory writes, of 800 stores.
  struct Change {
    var before: Double = 0.8
    var after: Double = 2
    var writes: UInt64 = 105
  }

  /// The sample's scenarios with `bar2` changed, and the totals changed alike.
  static func variation(_ changes: [Setting], _ change: Change) -> Variation {
    var scenarios = [SampleRun.before, SampleRun.after]
    for index in scenarios.indices {
      let rate = UInt64((index == 0 ? change.before : change.after) * 1e9)
      scenarios[index].clocks = "saturated"
      scenarios[index].totals.saturated.goodputBytesPerSecond = rate
      for region in scenarios[index].regions.indices
      where scenarios[index].regions[region].region.name == "bar2" {
        scenarios[index].regions[region].metrics.saturated.goodputBytesPerSecond = rate
        if index == 1 { scenarios[1].regions[region].metrics.mwr = change.writes }
      }
    }
    return Variation(changes: changes, scenarios: scenarios)
  }

  static func run(_ variations: [Variation]) -> RunResult {
    var run = SampleRun.compare
    run.variations = variations
    return run
  }

  /// 1.52 / 0.8 = 1.9; 2.0 / 0.5 = 4.0.
  static let holding = run([
    variation([loop, credits], Change(after: 1.52)), variation([ack], Change(before: 0.5)),
  ])

  /// As many writes as before and the same goodput at the long loop, with or without more.
  static let flipping: RunResult = {
    var result = run([
      variation([ack, loop], Change(after: 0.8, writes: 800)),
      variation([ack], Change(before: 0.5)),
      variation([loop], Change(after: 0.8, writes: 800)),
    ])
    for index in result.scenarios.indices {
      result.scenarios[index].settings += [
        setting("cpu.device_ack_ns", .integer(50), [.integer(50), .integer(300)], unit: "ns"),
        setting("link.credit_loop_ns", .integer(300), [.integer(100), .integer(1000)], unit: "ns"),
        setting("rc.split", .text("runs"), [.text("runs"), .text("aligned")]),
      ]
    }
    return result
  }()
}
