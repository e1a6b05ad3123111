import ArmMemory
import PCIeModel

/// One row of the table of everything a profile can hold.
///
/// Decoder, `--set`, the effective values and `profiles` all work from this table, so that a new
/// value is one row of it (and a value in the profiles).
public struct SettingKey: Sendable {
  public let kind: ProfileKind
  /// Without the kind: `buffers`.
  public let shortName: String
  /// `ns`, `bytes`, ...; empty for a pure number, word or flag.
  public let unit: String
  /// One sentence.
  public let meaning: String
  let type: ValueType
  /// What it does to a run when the value gets slower; nil where values have no order.
  public internal(set) var effect: Effect?
  /// TLPs, bytes, flushes or findings depend on it, not only times.
  public internal(set) var changesCounts = false
  /// Whether a profile may say that the value lies in a range.
  public internal(set) var takesRange = true
  /// 0 is no number here but stands for `infinite` or `none`.
  var hasSpecialZero = false
  /// Puts a value of `type` into the models' configuration.
  let store: @Sendable (inout ModelSettings, ProfileValue) -> Void

  /// Puts the value's source beside it, for values that carry one into results.
  var nameSource: (@Sendable (inout ModelSettings, String) -> Void)?

  /// Dotted name: `cpu.buffers`.
  public var name: String { kind.rawValue + "." + shortName }
  /// Every value that is allowed, for people: `1 to 64`.
  public var allowed: String { type.allowed }
}

extension SettingKey {
  /// A field of the models' configuration.
  typealias Field<Value> = any WritableKeyPath<ModelSettings, Value> & Sendable

  /// A row for an integer.
  static func integer(
    _ kind: ProfileKind, _ name: String, _ unit: String, _ type: ValueType,
    _ path: Field<Int>, _ meaning: String
  ) -> Self {
    SettingKey(kind: kind, shortName: name, unit: unit, meaning: meaning, type: type) {
      if case .integer(let number) = $1 { $0[keyPath: path] = number }
    }
  }

  /// A row for a flag.
  static func flag(
    _ kind: ProfileKind, _ name: String, _ path: Field<Bool>,
    _ meaning: String
  ) -> Self {
    SettingKey(kind: kind, shortName: name, unit: "", meaning: meaning, type: .flag) {
      if case .flag(let flag) = $1 { $0[keyPath: path] = flag }
    }
  }

  /// A row for one of an enumeration's words.
  static func word<Word: RawRepresentable<String> & CaseIterable & SendableMetatype>(
    _ kind: ProfileKind, _ name: String,
    _ path: Field<Word>, _ meaning: String
  ) -> Self {
    let words = Word.allCases.map(\.rawValue)
    return SettingKey(
      kind: kind, shortName: name, unit: "", meaning: meaning, type: .word(words)
    ) {
      if case .word(let text) = $1, let word = Word(rawValue: text) { $0[keyPath: path] = word }
    }
  }

  /// A row for a time that the models take in ps.
  static func time(
    _ kind: ProfileKind, _ name: String, atLeast least: UInt64 = 0,
    _ path: Field<UInt64>, _ meaning: String
  ) -> Self {
    // One ms at most: with 10^9 events a run still ends within the 64 bits of its clock.
    SettingKey(
      kind: kind, shortName: name, unit: "ns", meaning: meaning, type: .time(least...1_000_000_000)
    ) {
      if case .picoseconds(let time) = $1 { $0[keyPath: path] = time }
    }
  }
}
