extension UInt64 {
  /// `48,100,000`: decimal digits in groups of three, as people read them.
  public var digitGroups: String {
    let digits = Array(String(self))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
