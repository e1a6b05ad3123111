import Results

/// A decoded value, exact.
enum ProfileValue: Sendable, Equatable {
  case integer(Int)
  case flag(Bool)
  case word(String)
  /// A time in ps.
  case picoseconds(UInt64)
  /// The time that never comes.
  case never
}

extension ProfileValue {
  /// The value as reports show it; times in ns, whole where they are.
  var shown: Setting.Value {
    switch self {
    case .integer(let number): .integer(Int64(number))
    case .flag(let flag): .flag(flag)
    case .word(let word): .text(word)
    case .never: .text("never")
    case .picoseconds(let time) where time % 1000 == 0: .integer(Int64(time / 1000))
    case .picoseconds(let time): .number(Double(time) / 1000)
    }
  }

  /// The value as it is written in a profile.
  var text: String { shown.text }
}
