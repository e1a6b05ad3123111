import Measurements

/// Whole commands, on one core and on all.
func commandCases(_ laboratory: Laboratory) throws -> [Case] {
  try compareCases(laboratory) + importCases(laboratory) + sweepCases(laboratory)
}

private func compareCases(_ laboratory: Laboratory) throws -> [Case] {
  var cases: [Case] = []
  for mix in Laboratory.Mix.allCases {
    for (name, options) in [("compare", []), (Limit.single, ["--ranges", "off"])]
    where laboratory.options.wants(.command, name, mix.rawValue) {
      let trace = try laboratory.trace(mix)
      let arguments = ["compare", trace.path, "--json", "/dev/null"] + options
      cases += onOneCoreAndAll(laboratory, name, trace, arguments)
    }
  }
  return cases
}

private func importCases(_ laboratory: Laboratory) throws -> [Case] {
  var cases: [Case] = []
  for name in Laboratory.texts
  where laboratory.options.wants(.command, "import", name) {
    guard let text = try laboratory.text(name) else { continue }
    let output = laboratory.path(name + ".mmt")
    cases += onOneCoreAndAll(laboratory, "import", text, ["import", text.path, "-o", output])
  }
  guard laboratory.options.wants(.command, "analyze", "csv") else { return cases }
  let text = try laboratory.csv()
  let arguments = ["analyze", text.path, "--csv", "/dev/null"]
  return cases + [laboratory.onOneCore(.command, "analyze", text, arguments)]
}

/// Four by three points; the single run beside them is among the cases of compare.
private func sweepCases(_ laboratory: Laboratory) throws -> [Case] {
  guard laboratory.options.wants(.command, Limit.sweep, "bursts") else { return [] }
  let trace = try laboratory.trace(.bursts)
  let grid = ["--set", "cpu.buffers=1,2,4,8", "--set", "link=gen3x8,gen4x8,gen5x16"]
  let arguments = ["sweep", trace.path] + grid + ["--csv", "/dev/null"]
  return onOneCoreAndAll(laboratory, Limit.sweep, trace, arguments).map { one in
    var one = one
    one.points = Limit.sweepPoints
    one.missing = laboratory.has("sweep") ? nil : "the command has no sweep"
    return one
  }
}

/// Start-up, and what needs the footer alone.
func startCases(_ laboratory: Laboratory) throws -> [Case] {
  var cases: [Case] = []
  if laboratory.options.wants(.start, "--version", "-") {
    cases.append(laboratory.onOneCore(.start, "--version", .none, ["--version"]))
  }
  if laboratory.options.wants(.start, "info", "long") {
    let trace = try laboratory.longTrace()
    cases.append(laboratory.onOneCore(.start, "info", trace, ["info", trace.path]))
  }
  return cases.map { one in
    var one = one
    // The rates of what is not read would mean nothing.
    one.input.bytes = 0
    one.runs = max(20, laboratory.options.runs)
    return one
  }
}

private func onOneCoreAndAll(
  _ laboratory: Laboratory, _ name: String, _ input: Input, _ arguments: [String]
) -> [Case] {
  let one = laboratory.onOneCore(.command, name, input, arguments)
  guard laboratory.machine.cores > 1 else { return [one] }
  let all = Case(
    .command, name, input, cores: laboratory.machine.cores, [laboratory.mmioscope] + arguments)
  return [one, all]
}

extension Laboratory {
  /// The command under test on one core, also where it would take more by itself.
  func onOneCore(
    _ part: RawRow.Part, _ name: String, _ input: Input, _ arguments: [String]
  ) -> Case {
    Case(part, name, input, pinned([mmioscope] + arguments + singleThread(arguments[0])))
  }

  /// The option that keeps a subcommand to one thread, where it has one.
  func singleThread(_ subcommand: String) -> [String] {
    !subcommand.hasPrefix("-") && has(subcommand, "--threads") ? ["--threads", "1"] : []
  }

  /// Names of the texts: every format, and one of them compressed.
  static let texts = ["csv"] + TextWorkload.allCases.map(\.rawValue) + ["qemu-log.zst"]

  /// A text by its name; nil where it cannot be made.
  func text(_ name: String) throws -> Input? {
    if let format = TextWorkload(rawValue: name) { return try text(format) }
    return try name == "csv" ? csv() : compressedLog()
  }
}
