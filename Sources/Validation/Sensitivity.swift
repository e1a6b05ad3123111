// How far a prediction moves over the ranges of the assumed settings.

import Profiles
import Results
import TraceCore

/// A prediction, what it hangs on, and its range.
struct Sensitivity {
  /// A setting that moves the prediction, or an end of its range, by less than this share of it
  /// does not count.
  static let threshold = 0.01
  /// Settings whose ends are combined at most; beyond, each is moved alone.
  static let combinedLimit = 8

  let predicted: Double
  private(set) var low: Double
  private(set) var high: Double
  /// All combinations were tried.
  private(set) var coversCombinations = true
  private var felt: [Choice] = []
  /// The settings that gave ``low`` and ``high``.
  private var lowChanges: [String] = []
  private var highChanges: [String] = []

  /// Dotted names of the settings that matter, sorted.
  var hangsOn: [String] { felt.map(\.key).sorted() }

  /// Settings that were moved.
  private let tried: Set<String>

  /// The prediction hangs on a setting, or nobody knows, as it has no range to be moved over.
  func mayHangOn(_ key: String) -> Bool {
    !tried.contains(key) || felt.contains { $0.key == key }
  }

  /// A setting and what else it may be.
  private struct Choice {
    var key: String
    /// `KEY=VALUE`, without the profile's own value.
    var others: [String]
    /// What is combined with other settings' values: the ends of a range of numbers, between which
    /// the profile's own value lies; else that value, as an empty text, and the others.
    var combined: [String]

    init?(_ setting: Setting) {
      others = setting.range.filter { $0 != setting.value }.map { setting.key + "=" + $0.text }
      guard setting.status == .assumed, !others.isEmpty else { return nil }
      key = setting.key
      combined = setting.value.isNumber && others.count == 2 ? others : [""] + others
    }
  }

  /// Moves every assumed setting with a range to its ends: one at a time; then those that matter
  /// together; then the others one at a time where the prediction is lowest and highest, because
  /// a long credit loop matters only where credits are few.
  init(_ measurement: Measurement, _ predictor: Predictor) throws(TraceError) {
    let settings = try predictor.settings(measurement.scenario)
    predicted = try predictor.prediction(measurement, settings)
    (low, high) = (predicted, predicted)
    let model = Model(measurement: measurement, predictor: predictor)
    var rest = settings.values.compactMap(Choice.init)
    tried = Set(rest.map(\.key))
    var isGrowing = true
    while isGrowing, coversCombinations {
      isGrowing = try takeFelt(from: &rest, model)
      coversCombinations = felt.count <= Self.combinedLimit
      if isGrowing, coversCombinations { try combine(model) }
    }
  }

  /// Asks for a prediction with some settings changed.
  private struct Model {
    var measurement: Measurement
    var predictor: Predictor

    /// nil where the values do not fit together, as few credits and large payloads.
    func prediction(_ changes: [String]) throws(TraceError) -> Double? {
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

  /// Moves the settings that matter at an end of the present range from `rest` to ``felt``.
  ///
  /// - Returns: There was one.
  private mutating func takeFelt(
    from rest: inout [Choice], _ model: Model
  ) throws(TraceError) -> Bool {
    var kept: [Choice] = []
    let (least, most) = (low, high)
    let margin = Self.threshold * predicted
    let bases = lowChanges == highChanges ? [lowChanges] : [lowChanges, highChanges]
    for choice in rest {
      var isFelt = false
      for changes in bases.flatMap({ base in choice.others.map { base + [$0] } }) {
        guard let value = try model.prediction(changes) else { continue }
        guard value < least - margin || value > most + margin else { continue }
        isFelt = true
        include(value, changes)
      }
      if isFelt { felt.append(choice) } else { kept.append(choice) }
    }
    defer { rest = kept }
    return kept.count < rest.count
  }

  private mutating func include(_ value: Double, _ changes: [String]) {
    if value < low { (low, lowChanges) = (value, changes) }
    if value > high { (high, highChanges) = (value, changes) }
  }

  /// Tries every combination of the values of what matters.
  private mutating func combine(_ model: Model) throws(TraceError) {
    var picks = Array(repeating: 0, count: felt.count)
    while true {
      let changes = zip(felt, picks).map { $0.combined[$1] }.filter { !$0.isEmpty }
      if let value = try model.prediction(changes) { include(value, changes) }
      var place = 0
      while place < picks.count, picks[place] == felt[place].combined.count - 1 {
        picks[place] = 0
        place += 1
      }
      guard place < picks.count else { return }
      picks[place] += 1
    }
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
