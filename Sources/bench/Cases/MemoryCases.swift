import Measurements

/// Peak memory of `compare` over the length of a trace.
func memoryCases(_ laboratory: Laboratory) throws -> [Case] {
  guard laboratory.options.wants(.memory, "compare", "bursts") else { return [] }
  var cases: [Case] = []
  if let nothing = Tool.path("true") {
    cases.append(Case(.memory, BenchTables.emptyCommand, .none, [nothing]))
  }
  for var trace in [try laboratory.trace(.bursts), try laboratory.longTrace()] {
    trace.name = "bursts"
    let arguments = [laboratory.mmioscope, "compare", trace.path, "--json", "/dev/null"]
    cases.append(Case(.memory, "compare", trace, cores: laboratory.machine.cores, arguments))
  }
  let billion = 1_000_000_000
  let stream = Input(name: "bursts", path: "-", records: billion, bytes: 0)
  var one = Case(
    .memory, "compare", stream, cores: laboratory.machine.cores,
    [laboratory.mmioscope, "compare", "-", "--json", "/dev/null"])
  one.producer = [Tool.bench, "generate", "bursts", "--records", "\(billion)"]
  one.missing = laboratory.options.billion ? nil : "only with BENCH_BILLION=1"
  return cases + [one]
}
