import ArgumentParser

/// What every verb takes about words and colours, ahead of the verb or behind it.
struct ConsoleOptions: ParsableArguments {
  enum When: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  @Flag(name: [.short, .long], help: "Say on standard error only what is wrong.")
  var quiet = false

  @Option(
    help: "Colours: auto is on a terminal, unless NO_COLOR is set, or with CLICOLOR_FORCE.")
  var color: When = .auto

  @Option(
    help: "Progress on standard error: auto is a moving line on a terminal, else one every 30 s.")
  var progress: When = .auto

  /// What a command line says of these options.
  ///
  /// - Parameter arguments: Without the program's name.
  /// - Returns: nil where it has none of them.
  /// - Throws: What ArgumentParser says of a value that is none, and as ``parted(_:)``.
  static func given(_ arguments: some Collection<String>) throws -> ConsoleOptions? {
    let own = try parted(arguments).own
    return own.isEmpty ? nil : try Mmioscope.parse(own).console
  }

  /// Takes these options out of a command line.
  ///
  /// - Parameter arguments: Without the program's name.
  /// - Returns: What is theirs, and everything else in its order.
  /// - Throws: `ValidationError` where an option of one value is given twice.
  static func parted(
    _ arguments: some Collection<String>
  ) throws -> (own: [String], others: [String]) {
    var (own, others): ([String], [String]) = ([], [])
    var rest = Array(arguments)[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        others.append(argument)
        break
      }
      guard names.contains(argument.prefix { $0 != "=" }) else {
        others.append(argument)
        continue
      }
      own.append(argument)
      if ["--color", "--progress"].contains(argument), let value = rest.popFirst() {
        own.append(value)
      }
    }
    for option in ["--color", "--progress"]
    where own.count(where: { $0.prefix { $0 != "=" } == option }) > 1 {
      throw ValidationError("\(option) is given twice; it takes one value")
    }
    return (own, others + rest)
  }

  private static let names: Set<Substring> = ["-q", "--quiet", "--color", "--progress"]
}
