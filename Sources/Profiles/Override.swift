import Results
import TraceCore
import YAMLInput

/// One `--set`: a value, or what a value may be.
struct Override {
  /// As written.
  var text: String
  var key: SettingKey
  /// One value; the two ends of `LOW..HIGH`; the alternatives of `a|b`.
  var values: [ProfileValue]

  /// Parses `KEY=VALUE`, `KEY=LOW..HIGH` (numbers and times) or `KEY=a|b` (anything else).
  ///
  /// - Parameter text: What follows `--set`.
  /// - Throws: ``TraceError`` with the text and what is allowed instead.
  init(_ text: String) throws(TraceError) {
    guard let equals = text.firstIndex(of: "=") else {
      throw Self.error(text, "expected KEY=VALUE")
    }
    let name = String(text[..<equals])
    guard let key = SettingKey.named(name) else {
      let isProfile = ["cpu", "rc", "device", "link"].contains(name)
      let hint =
        isProfile
        ? ", which is no single value: --\(name) names all of it"
        : didYouMean(name, among: SettingKey.all.map(\.name))
      throw Self.error(text, "unknown key '\(name)'\(hint)")
    }
    self.text = text
    self.key = key
    values = []
    for part in Self.parts(text[text.index(after: equals)...], ordered: key.type.isOrdered) {
      guard let value = key.type.parse(part) else {
        throw Self.error(text, "'\(part)' is not allowed: \(key.allowed)\(key.hint(part))")
      }
      values.append(value)
    }
  }

  private static func parts(_ text: Substring, ordered: Bool) -> [String] {
    guard ordered else {
      return text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    }
    guard let dots = text.firstRange(of: "..") else { return [String(text)] }
    return [String(text[..<dots.lowerBound]), String(text[dots.upperBound...])]
  }

  /// The value that replaces an earlier one.
  ///
  /// - Parameter own: The value so far, which is kept where the new range holds it.
  /// - Returns: The value with its range; one value has none.
  /// - Throws: ``TraceError`` where the range is none.
  func replacing(_ own: ProfileValue?) throws(TraceError) -> SourcedValue {
    var new = SourcedValue(
      key: key.name, value: values[0], unit: key.unit, source: "--set", status: .user)
    guard values.count > 1 else { return new }
    do throws(RangeFault) {
      new.range = try key.checkedRange(values, around: values[0])
    } catch {
      throw Self.error(text, error.message)
    }
    let isOwn = own.map { (try? key.checkedRange(values, around: $0)) != nil } ?? false
    if isOwn, let own {
      new.value = own
      new.source = "--set gives the range; the value is the profile's"
    } else {
      let place = nearest(own)
      new.value = values[place.index]
      new.source =
        "--set gives the range; the value is its \(place.name)"
        + (own.map { ", because the profile's \($0.text) is \(place.reason)" } ?? "")
    }
    return new
  }

  /// Which of ``values`` is nearest to one that is not among or between them.
  private func nearest(_ own: ProfileValue?) -> (index: Int, name: String, reason: String) {
    guard key.type.isOrdered else { return (0, "first", "not in it") }
    guard let own, let high = values[1].magnitude else { return (0, "low end", "not in it") }
    // Never, infinite and none have no magnitude, and are beyond any.
    let number = own.magnitude ?? .max
    let isAbove = number > high || key.hasSpecialZero && number == 0
    return isAbove ? (1, "high end", "above it") : (0, "low end", "below it")
  }

  private static func error(_ text: String, _ message: String) -> TraceError {
    TraceError(.configuration, "--set \(text): \(message)")
  }
}

extension [SourcedValue] {
  /// Applies `--set` options, each key once.
  ///
  /// - Parameters:
  ///   - texts: `KEY=VALUE`, `KEY=LOW..HIGH` or `KEY=a|b`.
  ///   - kinds: Whose keys may be set.
  /// - Returns: The keys that were set.
  /// - Throws: ``TraceError`` for a wrong option, or one key set twice.
  mutating func apply(
    _ texts: [String], to kinds: Set<ProfileKind>
  ) throws(TraceError) -> Set<String> {
    var keys: Set<String> = []
    for text in texts {
      let change = try Override(text)
      guard kinds.contains(change.key.kind) else {
        let place = change.key.kind == .platform ? "contain" : "a replay"
        throw TraceError(
          .configuration, "--set \(text): '\(change.key.name)' means something to \(place) only")
      }
      guard keys.insert(change.key.name).inserted else {
        throw TraceError(.configuration, "--set \(text): '\(change.key.name)' is set twice")
      }
      let own = first { $0.key == change.key.name }?.value
      put(try change.replacing(own))
    }
    return keys
  }
}
