public import Results

/// A named set of values of one kind, each with its unit, source and status.
public struct Profile: Sendable, Equatable {
  public var kind: ProfileKind
  public var name: String
  /// One line for people.
  public var summary: String
  /// The built-in profile that values not given here come from.
  public var extends: String?
  /// Every value of the kind, those of ``extends`` included, sorted by key.
  public var settings: [Setting] { values.map(\.setting).sorted { $0.key < $1.key } }
  var values: [SourcedValue]
}

/// A value, exact, and where it comes from.
struct SourcedValue: Sendable, Equatable {
  var key: String
  var value: ProfileValue
  var unit: String
  var source: String
  var status: Setting.Status
  /// Low and high end, or the alternatives; empty where the value is taken as certain.
  var range: [ProfileValue] = []

  var setting: Setting {
    var setting = Setting(
      key: key, value: value.shown, unit: unit, source: source, status: status)
    setting.range = range.map(\.shown)
    return setting
  }
}

extension [SourcedValue] {
  /// Replaces the value of the same key, or adds one.
  mutating func put(_ value: SourcedValue) {
    if let index = firstIndex(where: { $0.key == value.key }) {
      self[index] = value
    } else {
      append(value)
    }
  }
}
