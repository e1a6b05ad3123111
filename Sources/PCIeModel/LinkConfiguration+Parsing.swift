public import TraceCore

extension LinkConfiguration {
  /// Widths of the specification.
  public static let widths = [1, 2, 4, 8, 12, 16, 32]

  /// Reads a link as written: `gen4x16`, `gen5x8,mps=512,mrrs=512,rcb=64,ph=64,pd=1024`.
  ///
  /// `genGxL` comes first: generation 1 to 7 and a width. Then, in any order and at most once
  /// each: `mps` and `mrrs`, powers of two from 128 to 4096; `rcb`, 64 or 128; `ph` and `pd`,
  /// posted header and data credits, 0 for infinite; `flit`, `on` or `off`. Flit mode is on in
  /// generations 6 and 7, and off in the others unless asked for.
  ///
  /// - Parameters:
  ///   - text: The link as the user wrote it.
  ///   - defaults: Where what is not written comes from, apart from generation, lanes and flit.
  /// - Throws: `TraceError.configuration` naming the key and what it may be.
  public init(parsing text: String, defaults: LinkConfiguration) throws(TraceError) {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false)[...]
    let (generation, lanes) = try Self.speed(parts.removeFirst(), in: text)
    self = defaults
    self.generation = generation
    self.lanes = lanes
    flit = generation >= 6
    var seen: [Substring] = []
    for part in parts {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else {
        throw Self.error(text, "'\(part)' is not of the form key=value")
      }
      guard !seen.contains(pair[0]) else { throw Self.error(text, "\(pair[0]) is given twice") }
      seen.append(pair[0])
      try set(pair[0], to: pair[1], in: text)
    }
    do { try validate() } catch { throw Self.error(text, error.message) }
  }

  /// Checks every value's range, and that the values fit each other.
  ///
  /// - Throws: `TraceError.configuration` naming the first key that does not fit.
  public func validate() throws(TraceError) {
    guard 1...7 ~= generation else { throw Self.error("the generation must be 1 to 7") }
    guard Self.widths.contains(lanes) else {
      throw Self.error("the width must be one of 1, 2, 4, 8, 12, 16, 32 lanes")
    }
    guard Self.isPayloadSize(maxPayload) else { throw Self.powerOfTwoError("mps") }
    guard Self.isPayloadSize(maxReadRequest) else { throw Self.powerOfTwoError("mrrs") }
    guard readCompletionBoundary == 64 || readCompletionBoundary == 128 else {
      throw Self.error("rcb must be 64 or 128")
    }
    guard flit || generation < 6 else {
      throw Self.error("flit cannot be off in generation \(generation)")
    }
    try validateCredits()
  }

  /// Credits fit their fields, and the largest TLP can be sent at all.
  private func validateCredits() throws(TraceError) {
    guard 0...Self.headerCreditLimit ~= postedHeaderCredits else {
      throw Self.error("ph must be 0 (infinite) to \(Self.headerCreditLimit)")
    }
    let least = maxPayload / 16
    guard
      postedDataCredits == 0 || least...Self.dataCreditLimit ~= postedDataCredits
    else {
      throw Self.error(
        "pd must be 0 (infinite), or \(least) (one TLP of mps=\(maxPayload)) to "
          + "\(Self.dataCreditLimit), in units of 16 bytes; it is \(postedDataCredits)")
    }
  }

  /// 127 and 2047 credits, times the largest scale of scaled flow control.
  private static let headerCreditLimit = 127 * 16
  private static let dataCreditLimit = 2047 * 16

  private static func isPayloadSize(_ bytes: Int) -> Bool {
    128...4096 ~= bytes && bytes & (bytes - 1) == 0
  }

  private static func speed(
    _ part: Substring, in text: String
  ) throws(TraceError) -> (generation: Int, lanes: Int) {
    let numbers = part.dropFirst(3).split(separator: "x", omittingEmptySubsequences: false)
    guard part.hasPrefix("gen"), numbers.count == 2, let generation = number(numbers[0]),
      let lanes = number(numbers[1])
    else { throw error(text, "it must begin with a generation and a width, as in gen4x16") }
    return (generation, lanes)
  }

  private mutating func set(
    _ key: Substring, to value: Substring, in text: String
  ) throws(TraceError) {
    if key == "flit" {
      guard value == "on" || value == "off" else { throw Self.error(text, "flit is on or off") }
      flit = value == "on"
      return
    }
    guard let place = Self.numericKeys.first(where: { $0.key == key })?.place else {
      let keys = Self.numericKeys.map(\.key).joined(separator: ", ")
      throw Self.error(text, "there is no key '\(key)'; the keys are \(keys), flit")
    }
    guard let number = Self.number(value) else {
      throw Self.error(text, "\(key) is '\(value)', which is not a number")
    }
    self[keyPath: place] = number
  }

  private static var numericKeys: [(key: String, place: WritableKeyPath<Self, Int>)] {
    [
      ("mps", \.maxPayload), ("mrrs", \.maxReadRequest), ("rcb", \.readCompletionBoundary),
      ("ph", \.postedHeaderCredits), ("pd", \.postedDataCredits),
    ]
  }

  /// Decimal digits only, no sign; nil where there are others, none, or too many.
  private static func number(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    return Int(text)
  }

  private static func powerOfTwoError(_ key: String) -> TraceError {
    error("\(key) must be a power of two, 128 to 4096")
  }

  private static func error(_ message: String) -> TraceError {
    TraceError(.configuration, message)
  }

  private static func error(_ text: String, _ message: String) -> TraceError {
    TraceError(.configuration, "link '\(text)': \(message)")
  }
}
