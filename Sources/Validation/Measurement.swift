// A published measurement as data: what was measured, by whom, and the workload that stands for it.

public import Results

/// A published value that the model can be asked for.
public struct Measurement: Sendable, Equatable {
  public var id: String
  public var what: String
  public var source: String
  public var setup: String
  public var quantity: Quantity
  public var unit: Unit
  /// Ends of the published interval in ``unit``, equal for a single value; `high` is infinite
  /// where it is open.
  public var low: Double
  public var high: Double
  public var status: MeasurementStatus
  public var limit: MeasurementLimit
  public var bound: PredictionBound?
  public var scenario: Scenario
  public var workload: Workload
  /// Settings whose value the profile takes from this measurement.
  public var informs: [String]
  public var note: String?
}

extension Measurement {
  /// The profiles that stand for the measured machine.
  public struct Scenario: Sendable, Equatable {
    public var cpu: String
    public var rootComplex: String
    public var link: String
    public var device: String
    public var overrides: [Override]
  }

  /// A setting that is not the profile's.
  public struct Override: Sendable, Equatable {
    /// Dotted name.
    public var key: String
    public var value: String
    public var reason: String
    /// Chosen so that a measurement is met, not stated by the source.
    public var isFitted: Bool

    /// `KEY=VALUE`.
    public var assignment: String { key + "=" + value }
  }

  /// What is asked of a workload.
  public enum Quantity: String, Sendable, CaseIterable {
    /// Data bytes per time.
    case goodput
    /// Time until the vCPU goes on.
    case cpuTime = "cpu_time"
    /// The whole time, and the same per access.
    case time
    case timePerAccess = "time_per_access"
    /// Data bytes of a memory write TLP.
    case tlpBytes = "tlp_bytes"
    /// Memory write TLPs.
    case tlps
    /// Wire bytes of a TLP besides its data.
    case overhead
    /// Data bytes per byte of TLP in the busier direction.
    case efficiency
    /// Bytes of whole TLPs per time in the busier direction.
    case tlpRate = "tlp_rate"
    /// Goodput over that of the same stores to Device memory.
    case gain
  }

  /// Units of published values.
  public enum Unit: String, Sendable, CaseIterable {
    case gigabytesPerSecond = "GB/s"
    case megabytesPerSecond = "MB/s"
    case mebibytesPerSecond = "MiB/s"
    case gigabitsPerSecond = "Gb/s"
    case nanoseconds = "ns"
    case microseconds = "us"
    case bytes
    case tlps = "TLP"
    case percent = "%"
    case ratio = "x"

    /// Bits per second, seconds, bytes, a fraction or a number, in this unit.
    ///
    /// - Parameter value: In SI units: bit/s, s, bytes, or a pure number.
    /// - Returns: The same in this unit.
    func converted(_ value: Double) -> Double {
      switch self {
      case .gigabytesPerSecond: value / 8e9
      case .megabytesPerSecond: value / 8e6
      case .mebibytesPerSecond: value / Double(8 << 20)
      case .gigabitsPerSecond: value / 1e9
      case .nanoseconds: value * 1e9
      case .microseconds: value * 1e6
      case .percent: value * 100
      case .bytes, .tlps, .ratio: value
      }
    }
  }
}

extension Measurement.Quantity {
  /// The units that a published value may have.
  var units: [Measurement.Unit] {
    switch self {
    case .goodput, .tlpRate:
      [.gigabytesPerSecond, .megabytesPerSecond, .mebibytesPerSecond, .gigabitsPerSecond]
    case .cpuTime, .time, .timePerAccess: [.nanoseconds, .microseconds]
    case .tlpBytes, .overhead: [.bytes]
    case .tlps: [.tlps]
    case .efficiency: [.percent]
    case .gain: [.ratio]
    }
  }
}

/// The smallest load on the model that stands for what was measured.
public enum Workload: Sendable, Equatable {
  /// A vCPU stores to consecutive addresses from the start of a page, above 4 GiB.
  case copy(Copy)
  /// A vCPU loads from consecutive addresses from the start of a page, above 4 GiB.
  case loads(Loads)
  /// The device writes to the host, as fast as the link takes it.
  case deviceWrite(Transfer)
  /// The device reads from the host, with as many requests outstanding as the link can use.
  case deviceRead(Transfer)
  /// The device reads from the host once, behind a write of so many bytes (0: none).
  case deviceReadLatency(Transfer, behindWrite: Int)

  /// Stores of one vCPU.
  public struct Copy: Sendable, Equatable {
    public var bytes: Int
    public var storeBytes: Int
    public var memory: Memory
    /// A DSB ST follows, as an SFENCE of x86: the vCPU goes on when all writes are accepted.
    public var fence: Bool
  }

  /// Loads of one vCPU.
  public struct Loads: Sendable, Equatable {
    public var bytes: Int
    public var loadBytes: Int
    public var memory: Memory
  }

  /// One direct memory access, cut by Max_Payload_Size and Max_Read_Request_Size.
  public struct Transfer: Sendable, Equatable {
    public var bytes: Int
    /// 3 or 4.
    public var headerDwords: Int
  }

  /// The memory type of the mapping.
  public enum Memory: String, Sendable, CaseIterable {
    /// Write-combining.
    case normalNC = "normal-nc"
    /// Device-nGnRE; on x86 uncached.
    case device

    /// MAIR attribute byte (Arm ARM DDI 0487, MAIR_EL1).
    var attribute: UInt8 { self == .normalNC ? 0x44 : 0x04 }
  }
}

extension Workload {
  /// The quantities that it can be asked for.
  var quantities: [Measurement.Quantity] {
    switch self {
    case .copy: [.goodput, .cpuTime, .timePerAccess, .tlpBytes, .tlps, .gain]
    case .loads: [.goodput, .time, .timePerAccess]
    case .deviceWrite: [.goodput, .overhead, .efficiency, .tlpRate]
    case .deviceRead: [.goodput, .efficiency, .tlpRate]
    case .deviceReadLatency: [.time]
    }
  }
}
