/// Where a QEMU can send its trace events: what `--enable-trace-backends` of its build was.
///
/// No option lists the back ends. What each leaves behind is taken from QEMU 10.0's `trace/control.c`
/// and `util/log.c`: two show in what QEMU prints, of the others one finds a message, or the name of a
/// library or function, in the program's file.
struct TraceBackends {
  /// One for each back end, in QEMU's order.
  let traits: [CaptureTrait]

  /// Back end, the text that only it brings into the program, and what that text is.
  private static let texts: [(name: String, text: String, meaning: String)] = [
    ("simple", "failed to initialize simple tracing backend", "its error message"),
    ("ftrace", "failed to initialize ftrace backend", "its error message"),
    ("syslog", "openlog", "the C library's function, which QEMU calls for it alone"),
    ("ust", "liblttng-ust", "its library"),
  ]
  /// Every system emulator has this command of the monitor; a wrapper around one has it not.
  private static let common = "trace-event"

  /// - Parameters:
  ///   - machine: Where the program is.
  ///   - program: Its path.
  ///   - traceHelp: What `-trace help` prints.
  init(_ machine: Machine, _ program: String, traceHelp: String) {
    var traits = [Self.log(machine.output(program, ["-d", "help"]))]
    let found = machine.holds(program, [Self.common] + Self.texts.map(\.text))
    for (name, text, meaning) in Self.texts {
      var trait = CaptureTrait(
        name: "backend " + name, answer: .unknown, isCertain: false,
        evidence: "\(program) is not QEMU's own file, or cannot be read")
      if let found, found.contains(Self.common) {
        let isThere = found.contains(text)
        trait.answer = isThere ? .yes : .no
        trait.evidence = "\(program) holds \(isThere ? "" : "no ")'\(text)', \(meaning)"
      }
      traits.append(trait)
    }
    traits.append(Self.dtrace(traceHelp))
    self.traits = traits
  }

  subscript(name: String) -> CaptureSource.Answer {
    traits.first { $0.name == "backend " + name }?.answer ?? .unknown
  }

  private static func log(_ help: String?) -> CaptureTrait {
    let isThere = help?.contains("trace:PATTERN") ?? false
    // What prints no list of log items has not been asked.
    let isAsked = help?.contains("guest_errors") ?? false
    return CaptureTrait(
      name: "backend log", answer: isThere ? .yes : isAsked ? .no : .unknown,
      isCertain: isThere || isAsked,
      evidence: isAsked || isThere
        ? "-d help lists \(isThere ? "" : "no ")trace:PATTERN" : "-d help lists nothing")
  }

  private static func dtrace(_ help: String) -> CaptureTrait {
    let isThere = help.contains("DTrace/SystemTap")
    return CaptureTrait(
      name: "backend dtrace", answer: isThere ? .yes : .no, isCertain: isThere,
      evidence: "-trace help names \(isThere ? "" : "no ")DTrace/SystemTap")
  }
}
