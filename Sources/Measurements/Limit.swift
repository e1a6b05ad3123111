/// What a measurement has to keep to.
///
/// Rates are those of the minimum over all runs. The project set these limits itself, before the
/// program was written.
public struct Limit: Sendable, Equatable {
  public enum Quantity: String, Sendable {
    case millionRecords = "M records/s"
    case megabytes = "MB/s"
    case milliseconds = "ms"
    case peakMiB = "MiB"
    /// Seconds of one point of a sweep as a share of a single run's.
    case shareOfSingleRun = "of a single run"

    /// More is better.
    var isRate: Bool { self == .millionRecords || self == .megabytes }
  }

  /// Cores that the limit is for.
  public enum Cores: Sendable, Equatable {
    case one
    /// All that the machine has, which must be so many at least.
    case atLeast(Int)
  }

  public var part: RawRow.Part
  public var command: String
  public var input: String
  public var cores: Cores
  public var quantity: Quantity
  /// What must be reached.
  public var floor: Double
  /// What is hoped for.
  public var aim: Double?
}

extension Limit {
  /// Every limit, in the order of the page.
  public static let all: [Limit] = {
    var limits: [Limit] = []
    for input in ["bursts", "registers", "capture"] {
      // The aim is for write-combining traffic, which comes in runs.
      let isBursts = input == "bursts"
      for command in ["compare --ranges off", "compare"] {
        limits.append(
          .init(.command, command, input, .one, .millionRecords, 40, isBursts ? 100 : nil))
        limits.append(
          .init(.command, command, input, .atLeast(4), .millionRecords, 100, isBursts ? 300 : nil))
      }
    }
    for (input, floor, aim) in [("csv", 15.0, 25.0), ("qemu-log", 5, 10)] {
      limits.append(.init(.command, "import", input, .one, .millionRecords, floor, aim))
      limits.append(.init(.command, "import", input, .one, .megabytes, 300, nil))
      limits.append(.init(.command, "import", input, .one, .peakMiB, memory, nil))
    }
    for input in ["vfio-log", "mmiotrace", "rwmmio", "kvm-mmio", "m1n1", "plugin"] {
      limits.append(.init(.command, "import", input, .one, .megabytes, 300, nil))
    }
    limits.append(.init(.command, sweep, "bursts", .one, .shareOfSingleRun, 1, nil))
    // One MiB more for each point and thread.
    let wide = memory + Double(sweepPoints) + 1
    limits.append(.init(.command, sweep, "bursts", .one, .peakMiB, wide, nil))
    limits.append(.init(.start, "--version", "-", .one, .milliseconds, 10, nil))
    limits.append(.init(.start, "info", "long", .one, .milliseconds, 20, nil))
    limits.append(.init(.memory, "compare", "bursts", .one, .peakMiB, memory, nil))
    return limits
  }()

  /// Peak resident set in MiB, whatever the length of a trace.
  private static let memory = 64.0
  /// Points of the sweep that is measured.
  public static let sweepPoints = 12

  /// What the rows of a sweep are called, and those of the single run beside it.
  public static let sweep = "sweep"
  public static let single = "compare --ranges off"

  private init(
    _ part: RawRow.Part, _ command: String, _ input: String, _ cores: Cores,
    _ quantity: Quantity, _ floor: Double, _ aim: Double?
  ) {
    self.part = part
    self.command = command
    self.input = input
    self.cores = cores
    self.quantity = quantity
    self.floor = floor
    self.aim = aim
  }
}

/// A limit and the measurement that it is held against.
public struct Judgement: Sendable, Equatable {
  public enum Verdict: String, Sendable {
    case aim = "aim reached"
    case kept
    case missed
    case notMeasured = "not measured"
  }

  public var limit: Limit
  /// What was measured: rows of a memory limit differ in their number of records.
  public var measured: Measured?
  /// In the limit's unit.
  public var value: Double?

  public var verdict: Verdict {
    guard let value else { return .notMeasured }
    let isRate = limit.quantity.isRate
    if let aim = limit.aim, isRate ? value >= aim : value <= aim { return .aim }
    return (isRate ? value >= limit.floor : value <= limit.floor) ? .kept : .missed
  }
}

extension RawTable {
  /// Every limit beside what was measured; one without a measurement is there, too.
  public var judgements: [Judgement] {
    let measured = measured
    return Limit.all.flatMap { limit in
      let found = measured.filter { $0.wasRun && limit.concerns($0) }
      guard !found.isEmpty else { return [Judgement(limit: limit)] }
      return found.map { one in
        Judgement(limit: limit, measured: one, value: limit.value(of: one, among: measured))
      }
    }
  }
}

extension Limit {
  fileprivate func concerns(_ measured: Measured) -> Bool {
    guard measured.part == part, measured.command == command, measured.input == input else {
      return false
    }
    // Memory and start-up do not hang on the cores.
    guard part == .command else { return true }
    return switch cores {
    case .one: measured.cores == 1
    case .atLeast(let count): measured.cores >= count
    }
  }

  fileprivate func value(of measured: Measured, among all: [Measured]) -> Double? {
    switch quantity {
    case .millionRecords: return measured.millionRecords
    case .megabytes: return measured.megabytes
    case .milliseconds: return measured.minimum * 1e3
    case .peakMiB: return Double(measured.peakKiB) / 1024
    case .shareOfSingleRun: return measured.shareOfSingleRun(among: all)
    }
  }
}

extension Measured {
  /// Seconds of one point as a share of a single run on the same trace and cores.
  func shareOfSingleRun(among all: [Measured]) -> Double? {
    let single = all.first {
      $0.wasRun && $0.part == part && $0.command == Limit.single && $0.input == input
        && $0.cores == cores && $0.records == records
    }
    guard let single, single.minimum > 0, points > 0 else { return nil }
    return minimum / Double(points) / single.minimum
  }
}
