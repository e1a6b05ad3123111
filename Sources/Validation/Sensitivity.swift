// How far a prediction moves over the ranges of the assumed settings.

import Profiles
import Results
import TraceCore

/// A prediction, what it hangs on, and its range.
struct Sensitivity {
  /// A setting that moves the prediction by less than this share does not count.
  static let threshold = 0.01
  /// Settings whose ends are combined at most; beyond, each is moved alone.
  static let combinedLimit = 8

  var predicted: Double
  var low: Double
  var high: Double
  var hangsOn: [String] = []
  /// All combinations were tried.
  var coversCombinations = true

  /// Moves every assumed setting with a range to its ends, one at a time, then those that matter
  /// together.
  ///
  /// A setting that matters only where another one has moved is not found.
  init(_ measurement: Measurement, _ predictor: Predictor) throws(TraceError) {
    let settings = try predictor.settings(measurement.scenario)
    predicted = try predictor.prediction(measurement, settings)
    (low, high) = (predicted, predicted)
    var choices: [[String]] = []
    for setting in settings.values where setting.status == .assumed {
      let ends = setting.range.filter { $0 != setting.value }.map { setting.key + "=" + $0.text }
      var isFelt = false
      for end in ends {
        let value = try Self.prediction(measurement, predictor, [end]) ?? predicted
        guard abs(value - predicted) > Self.threshold * predicted else { continue }
        isFelt = true
        include(value)
      }
      guard isFelt else { continue }
      hangsOn.append(setting.key)
      // A number of the profile lies between its ends; a word is one more to be tried.
      choices.append(setting.value.isNumber && ends.count == 2 ? ends : [""] + ends)
    }
    coversCombinations = choices.count <= Self.combinedLimit
    if coversCombinations, choices.count > 1 {
      try combine(choices, measurement, predictor)
    }
  }

  private mutating func include(_ value: Double) {
    low = min(low, value)
    high = max(high, value)
  }

  /// Tries every combination of ends.
  private mutating func combine(
    _ choices: [[String]], _ measurement: Measurement, _ predictor: Predictor
  ) throws(TraceError) {
    var picks = Array(repeating: 0, count: choices.count)
    while true {
      let changes = zip(choices, picks).map { $0[$1] }.filter { !$0.isEmpty }
      if let value = try Self.prediction(measurement, predictor, changes) { include(value) }
      var place = 0
      while place < picks.count, picks[place] == choices[place].count - 1 {
        picks[place] = 0
        place += 1
      }
      guard place < picks.count else { return }
      picks[place] += 1
    }
  }

  /// nil where the values do not fit together, as few credits and large payloads.
  private static func prediction(
    _ measurement: Measurement, _ predictor: Predictor, _ changes: [String]
  ) throws(TraceError) -> Double? {
    let settings: ModelSettings
    do {
      settings = try predictor.settings(measurement.scenario, changes: changes)
    } catch {
      guard error.code == .configuration else { throw error }
      return nil
    }
    return try predictor.prediction(measurement, settings)
  }
}

extension Setting.Value {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .number: true
    case .flag, .text: false
    }
  }
}
