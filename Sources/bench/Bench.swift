import Foundation

/// Times whole commands on generated traces and prints raw CSV.
///
/// `bench --mmioscope PATH [--records N] [--runs N] [--folder DIR]`
@main
enum Bench {
  static func main() throws {
    let options = Options(CommandLine.arguments)
    if let path = options.generate {
      try Workload.writeNative(options.mix, records: options.records, path: path)
      return
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("mmioscope-bench-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var table = Table()
    try compare(options, folder.path, &table)
    try importText(options, folder.path, &table)
    try memory(options, folder.path, &table)
    print(table.text, terminator: "")
  }

  /// `compare` on native traces of both mixes, on one core.
  private static func compare(_ options: Options, _ folder: String, _ table: inout Table) throws {
    for mix in [Workload.Mix.bursts, .registers] {
      let trace = "\(folder)/\(mix).mmt"
      try Workload.writeNative(mix, records: options.records, path: trace)
      let command = [options.mmioscope, "compare", trace, "--json", "/dev/null"]
      for run in 1...options.runs {
        table.add("compare", "\(mix)", run, options.records, try Child.run(command))
      }
    }
  }

  /// `import` of a QEMU log and of canonical CSV, beside what text tools do to the same file.
  private static func importText(
    _ options: Options, _ folder: String, _ table: inout Table
  ) throws {
    let lines = options.records / 10
    for form in [Workload.Text.qemuLog, .csv] {
      let text = "\(folder)/\(form).txt"
      try Workload.writeText(form, records: lines, path: text)
      let command = [options.mmioscope, "import", text, "-o", "\(folder)/\(form).mmt"]
      for run in 1...options.runs {
        table.add("import", "\(form)", run, lines, try Child.run(command))
        table.add(
          "wc -l", "\(form)", run, lines, try Child.run(["/usr/bin/env", "wc", "-l", text]))
      }
    }
  }

  /// Peak memory of `compare` for a trace and for one ten times as long.
  private static func memory(_ options: Options, _ folder: String, _ table: inout Table) throws {
    for factor in [1, 10] {
      let trace = "\(folder)/memory-\(factor).mmt"
      let records = options.records / 2 * factor
      try Workload.writeNative(.bursts, records: records, path: trace)
      let command = [options.mmioscope, "compare", trace, "--json", "/dev/null"]
      table.add("compare memory", "bursts", 1, records, try Child.run(command))
      try FileManager.default.removeItem(atPath: trace)
    }
  }
}

/// The command line.
struct Options {
  var mmioscope = ".build/release/mmioscope"
  var records = 20_000_000
  var runs = 5
  /// Only write a native trace of a mix, for profilers.
  var generate: String?
  var mix = Workload.Mix.bursts

  init(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let key = rest.popFirst(), let value = rest.popFirst() {
      switch key {
      case "--mmioscope": mmioscope = value
      case "--records": records = Int(value) ?? records
      case "--generate": generate = value
      case "--mix": mix = value == "registers" ? .registers : .bursts
      case "--runs": runs = Int(value) ?? runs
      default: print("unknown option \(key)")
      }
    }
  }
}

/// Raw results, one row a run.
struct Table {
  private(set) var text =
    "command,input,run,records,wall_s,cpu_s,peak_kib,million_records_per_cpu_s\n"

  mutating func add(
    _ command: String, _ input: String, _ run: Int, _ records: Int, _ usage: Child.Usage
  ) {
    let rate = Double(records) / usage.cpu / 1e6
    text += "\(command),\(input),\(run),\(records),"
    text += "\(fixed(usage.wall, 4)),\(fixed(usage.cpu, 4)),\(usage.peakKiB),\(fixed(rate, 2))\n"
  }

  private func fixed(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
  }
}
