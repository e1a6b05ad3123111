public import Results

/// What is wrong with a range, for people, without its place.
struct RangeFault: Error {
  var message: String
}

extension ValueType {
  /// Numbers and times lie between two ends; anything else is one of a few.
  var isOrdered: Bool {
    switch self {
    case .integer, .time, .wholeTimeOrNever: true
    case .oneOf, .flag, .word: false
    }
  }
}

extension ProfileValue {
  /// A number or a time, to be compared with others of its key; nil for anything else.
  var magnitude: UInt64? {
    switch self {
    case .integer(let number): UInt64(exactly: number)
    case .picoseconds(let time): time
    case .flag, .word, .never: nil
    }
  }
}

extension SettingKey {
  /// What a text of `--set` that is not allowed was meant to be: `; ` and words, or nothing.
  func hint(_ text: String) -> String {
    guard takesRange else {
      return text.contains("|") || text.contains("..") ? "; \(name) takes no range" : ""
    }
    if type.isOrdered, text.contains("|") {
      return "; a range of numbers is LOW..HIGH, '|' is for words, flags and numbers of a list"
    }
    if !type.isOrdered, text.contains("..") {
      return "; alternatives are a|b, LOW..HIGH is for numbers and times between two ends"
    }
    return type.hint(text)
  }

  /// Checks what else a value may be.
  ///
  /// - Parameters:
  ///   - others: Low and high end for a key with an order, else every alternative.
  ///   - value: Lies between the ends, or is one of the alternatives.
  /// - Returns: The same; nothing where only one value is left.
  /// - Throws: ``RangeFault`` that says which rule is broken.
  func checkedRange(
    _ others: [ProfileValue], around value: ProfileValue
  ) throws(RangeFault) -> [ProfileValue] {
    guard takesRange else {
      throw RangeFault(message: "\(name) takes no range: its value is always chosen")
    }
    return type.isOrdered
      ? try checkedEnds(others, around: value) : try checkedAlternatives(others, around: value)
  }

  private func checkedEnds(
    _ ends: [ProfileValue], around value: ProfileValue
  ) throws(RangeFault) -> [ProfileValue] {
    guard ends.count == 2 else {
      throw RangeFault(message: "expected the two ends [LOW, HIGH], found \(ends.count)")
    }
    guard let low = ends[0].magnitude, let high = ends[1].magnitude else {
      throw RangeFault(message: "'never' cannot be the end of a range")
    }
    guard !hasSpecialZero || low != 0 && high != 0 else {
      throw RangeFault(message: "0 cannot be the end of a range of \(name): it is no number there")
    }
    let text = "\(ends[0].text) to \(ends[1].text)"
    guard low <= high else { throw RangeFault(message: "the range \(text) ends before it starts") }
    guard let number = value.magnitude, (low...high).contains(number) else {
      throw RangeFault(message: "the value \(value.text) is outside of its range \(text)")
    }
    return low == high ? [] : ends
  }

  private func checkedAlternatives(
    _ values: [ProfileValue], around value: ProfileValue
  ) throws(RangeFault) -> [ProfileValue] {
    for (index, other) in values.enumerated() where values[..<index].contains(other) {
      throw RangeFault(message: "'\(other.text)' is given twice")
    }
    guard values.contains(value) else {
      let known = values.map(\.text).joined(separator: ", ")
      throw RangeFault(message: "the value \(value.text) is not among its alternatives \(known)")
    }
    return values.count == 1 ? [] : values
  }
}

extension Setting {
  /// The range as `--set` takes it: `2..8`, `runs|aligned`; empty where there is none.
  public var rangeText: String {
    guard let ordered = SettingKey.named(key)?.type.isOrdered else { return "" }
    return range.map(\.text).joined(separator: ordered ? ".." : "|")
  }
}
