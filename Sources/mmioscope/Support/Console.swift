import Reporting
import SystemPackage
import TraceCore
import TraceIO

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the command says to people: words to standard error, data to standard output.
enum Console {
  static let isErrorTerminal = isatty(STDERR_FILENO) == 1
  static let isOutputTerminal = isatty(STDOUT_FILENO) == 1

  /// What the user said to every verb; a mistake in it ends the program before anything is said.
  private static let said = try? ConsoleOptions.given(CommandLine.arguments.dropFirst())

  /// Whether progress is shown.
  static var progress: ConsoleOptions.When {
    said?.quiet == true ? .never : said?.progress ?? .auto
  }

  /// Colour on standard output: as the user said, else by the usual conventions (NO_COLOR,
  /// CLICOLOR_FORCE, TERM=dumb).
  static var usesColor: Bool {
    switch said?.color ?? .auto {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if let value = variable("NO_COLOR"), !value.isEmpty { return false }
    if let value = variable("CLICOLOR_FORCE"), !value.isEmpty, value != "0" { return true }
    return isOutputTerminal && variable("TERM") != "dumb"
  }

  /// Columns of standard output: what COLUMNS says, else the terminal's; without limit where there is
  /// neither, so that a file or a pipe gets everything.
  static var width: Int {
    if let columns = variable("COLUMNS").flatMap({ Int($0) }), columns > 0 {
      return min(max(40, columns), unlimitedWidth)
    }
    guard isOutputTerminal else { return unlimitedWidth }
    var size = winsize()
    let known = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return known && size.ws_col >= 40 ? Int(size.ws_col) : 100
  }

  /// Where programs are looked for.
  static var searchPath: String { variable("PATH") ?? "" }

  /// What is not wrong but good to know: nothing where the user wants quiet.
  static func note(_ text: String) {
    if said?.quiet != true { error(text) }
  }

  /// A line of words, or several; names in it, from a trace or the command line, may hold anything.
  static func error(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    errorText(lines.map { printable(String($0)) + "\n" }.joined())
  }

  /// Reasons that are told at most.
  private static let told = 10

  /// Why a gate does not pass: the first reasons, and how many more there are.
  ///
  /// - Parameters:
  ///   - condition: What was asked for: `--fail-on error`.
  ///   - reasons: A line each.
  static func failed(_ condition: String, _ reasons: [String]) {
    for reason in reasons.prefix(told) { error("\(condition): \(reason)") }
    if reasons.count > told { error("\(condition): \(reasons.count - told) more") }
  }

  /// Words without a line end; that they cannot be written is nobody's business.
  static func errorText(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }

  /// Text to standard output.
  ///
  /// - Throws: ``TraceError`` where it cannot be written; a closed pipe is told apart.
  static func output(_ text: String) throws(TraceError) {
    let file = try OutputFile(path: "-")
    try file.write(text)
    try file.commit()
  }

  /// Text to standard output, its long lines folded where the columns are known.
  ///
  /// - Throws: As ``output(_:)``.
  static func folded(_ text: String) throws(TraceError) {
    try output(Reporting.folded(text, width: width))
  }

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
