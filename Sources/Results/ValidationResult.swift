/// The model's predictions beside published measurements.
public struct ValidationResult: Sendable, Equatable {
  /// In the order of the data.
  public var rows: [ValidationRow]
  /// Published measurements that the model cannot speak about.
  public var unmodelled: [UnmodelledMeasurement]

  public init(rows: [ValidationRow], unmodelled: [UnmodelledMeasurement]) {
    self.rows = rows
    self.unmodelled = unmodelled
  }
}

/// What kept a measured system from being faster.
public enum MeasurementLimit: String, Sendable, CaseIterable {
  /// Bytes on the link.
  case wire
  /// Flow control credits.
  case credit
  /// A round trip.
  case latency
  /// The CPU's stores.
  case cpu
  /// The device's own engine, of which the model has nothing.
  case device
  /// Nothing was measured: a vendor calculated or assumed the value, or it repeats another row.
  case calculated
}

/// How a published value came about.
public enum MeasurementStatus: String, Sendable, CaseIterable {
  case measured
  /// A vendor's calculation or statement.
  case vendor
  /// Quoted from memory, or from somebody's notes; to be checked.
  case recalled
}

/// The prediction is a bound on the measurement, not an estimate of it.
public enum PredictionBound: String, Sendable, CaseIterable {
  /// The model leaves out something that makes the real system's value smaller.
  case upper
  /// The model leaves out something that makes the real system's value larger.
  case lower
}

/// One published measurement and its prediction.
public struct ValidationRow: Sendable, Equatable {
  /// A value of an assumed setting that was chosen so that a measurement is met.
  public struct Fit: Sendable, Equatable {
    /// Dotted name and value, as `device.read_latency_ns=582`.
    public var assignment: String
    public var reason: String

    public init(assignment: String, reason: String) {
      self.assignment = assignment
      self.reason = reason
    }
  }

  public var id: String
  public var what: String
  /// Document, repository or data set.
  public var source: String
  /// The machine, in words.
  public var setup: String
  public var limit: MeasurementLimit
  public var status: MeasurementStatus
  /// Unit of all values: `GB/s`, `ns`, ...
  public var unit: String
  /// Ends of the published interval, equal for a single value; `high` is infinite where it is open.
  public var publishedLow: Double
  public var publishedHigh: Double
  public var predicted: Double
  /// Ends of the prediction over the ranges of the assumed settings that it hangs on.
  public var rangeLow: Double
  public var rangeHigh: Double
  /// The range is over all combinations of the settings' ends, not over one setting at a time.
  public var coversCombinations: Bool
  /// Dotted names of the assumed settings that move the prediction, or an end of its range, by
  /// more than 1 %.
  public var hangsOn: [String]
  /// Settings whose value or range the profile takes from this very measurement: those of
  /// ``hangsOn``, and those that have no range.
  public var informed: [String]
  public var fits: [Fit]
  public var bound: PredictionBound?
  /// Why it is represented so, or why the prediction is off.
  public var note: String?

  public init(
    id: String, what: String, source: String, setup: String, limit: MeasurementLimit,
    status: MeasurementStatus, unit: String, published: (low: Double, high: Double),
    predicted: Double, range: (low: Double, high: Double), coversCombinations: Bool,
    hangsOn: [String], informed: [String] = [], fits: [Fit] = [], bound: PredictionBound? = nil,
    note: String? = nil
  ) {
    self.id = id
    self.what = what
    self.source = source
    self.setup = setup
    self.limit = limit
    self.status = status
    self.unit = unit
    (publishedLow, publishedHigh) = published
    self.predicted = predicted
    (rangeLow, rangeHigh) = range
    self.coversCombinations = coversCombinations
    self.hangsOn = hangsOn
    self.informed = informed
    self.fits = fits
    self.bound = bound
    self.note = note
  }
}

extension ValidationRow {
  /// Largest error of a wire-limited prediction that meets the aim.
  public static let aim = 0.1

  /// (predicted - published) / published, against the nearer end of a published interval; 0 inside.
  public var error: Double {
    if predicted < publishedLow { return predicted / publishedLow - 1 }
    if predicted > publishedHigh { return predicted / publishedHigh - 1 }
    return 0
  }

  /// Some choice of the assumed values meets the published interval; of a bound, keeps it.
  public var isInside: Bool {
    let reachesUp = rangeHigh >= publishedLow
    let reachesDown = rangeLow <= publishedHigh
    switch bound {
    case .upper: return reachesUp
    case .lower: return reachesDown
    case nil: return reachesUp && reachesDown
    }
  }

  /// Some assumed setting moves the prediction.
  public var hasRange: Bool { rangeLow < rangeHigh }

  /// A wire-limited, calculated or fitted row within ``aim``, any other row inside its range.
  ///
  /// A fit leaves nothing to vary: what remains is how far it carries.
  public var meetsAim: Bool {
    let isExact = limit == .wire || limit == .calculated || !fits.isEmpty
    return isExact ? abs(error) <= Self.aim : isInside
  }
}

/// A published measurement that the model has nothing to say about.
public struct UnmodelledMeasurement: Sendable, Equatable {
  public var id: String
  public var what: String
  public var source: String
  /// The published values, in words.
  public var published: String
  /// What the model lacks.
  public var reason: String

  public init(id: String, what: String, source: String, published: String, reason: String) {
    self.id = id
    self.what = what
    self.source = source
    self.published = published
    self.reason = reason
  }
}
