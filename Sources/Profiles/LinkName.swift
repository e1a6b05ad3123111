import TraceCore
import YAMLInput

/// A link as named on the command line: `gen4x16`, `gen5x8,mps=512,pd=0`.
struct LinkName: Equatable {
  /// What the name sets, in the order in which it was written: `link.gen`, `link.lanes`, options.
  var values: [(key: String, value: ProfileValue)]

  static let grammar = "genGxL[,mps=…,mrrs=…,rcb=…,ph=…,pd=…]"
  private static let options = ["mps", "mrrs", "rcb", "ph", "pd"]

  static func == (left: Self, right: Self) -> Bool {
    left.values.elementsEqual(right.values) { $0 == $1 }
  }

  /// Parses a name.
  ///
  /// - Throws: ``TraceError`` that says what is allowed instead.
  init(_ text: String) throws(TraceError) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    values = []
    try addShape(parts[0], of: text)
    for part in parts.dropFirst() { try addOption(part, of: text) }
  }

  private mutating func addShape(_ shape: String, of text: String) throws(TraceError) {
    let numbers = shape.dropFirst(3).split(separator: "x", omittingEmptySubsequences: false)
    guard shape.hasPrefix("gen"), numbers.count == 2 else {
      throw Self.error(text, "expected \(Self.grammar), for example gen4x16")
    }
    try add("gen", String(numbers[0]), of: text)
    try add("lanes", String(numbers[1]), of: text)
  }

  private mutating func addOption(_ option: String, of text: String) throws(TraceError) {
    guard let equals = option.firstIndex(of: "=") else {
      throw Self.error(text, "'\(option)' is no KEY=VALUE; expected \(Self.grammar)")
    }
    let name = String(option[..<equals])
    guard Self.options.contains(name) else {
      throw Self.error(
        text, "unknown option '\(name)'" + didYouMean(name, among: Self.options))
    }
    try add(name, String(option[option.index(after: equals)...]), of: text)
  }

  private mutating func add(_ name: String, _ value: String, of text: String) throws(TraceError) {
    guard let key = SettingKey.named("link." + name) else { preconditionFailure("no \(name)") }
    guard !values.contains(where: { $0.key == key.name }) else {
      throw Self.error(text, "'\(name)' is given twice")
    }
    // Neither hexadecimal nor underscores: a link has one spelling.
    guard value.isDecimal, let number = key.type.parse(value)
    else { throw Self.error(text, "\(name) '\(value)' is not allowed: \(key.allowed)") }
    values.append((key.name, number))
  }

  private static func error(_ text: String, _ message: String) -> TraceError {
    TraceError(.configuration, "link '\(text)': \(message)")
  }

  /// The name with values that were overridden since: what the link really is.
  ///
  /// - Parameter effective: The final value of a key.
  /// - Returns: A name that this type parses to the final values.
  func text(effective: (String) -> String) -> String {
    let options = values.dropFirst(2).map { "," + $0.key.dropFirst(5) + "=" + effective($0.key) }
    return "gen" + effective("link.gen") + "x" + effective("link.lanes") + options.joined()
  }
}
