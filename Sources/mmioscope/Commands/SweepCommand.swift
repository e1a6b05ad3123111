import ArgumentParser
import Replay
import Reporting
import Results
import TraceCore
import TraceIO

/// `sweep`: a grid of settings on one pass over the trace.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run every combination of some settings on one pass over a trace.",
    discussion: """
        mmioscope sweep trace.mmt --set cpu.buffers=1,2,4 --set link=gen3x8,gen5x16
        mmioscope sweep trace.mmt --set cpu=neoverse-n1,neoverse-v2 -o grid
        mmioscope sweep trace.mmt --set link.ph=16,32 --csv - --clock saturated
        mmioscope sweep trace.mmt --set link=gen4x8,mps=128,gen4x8,mps=512 --svg -

      A point's numbers are those of compare (or analyze, with --policy) with the same --set, but \
      findings, latencies, stalls and link use, which only those have. A value that has a range is \
      taken as it is used: a point is one value, and a range is refused. A value given twice is an \
      error, and so are more than 10000 points. The CSV has a column for each --set, then those of \
      summary.csv: a row for each point, scenario and region.
      """)

  @OptionGroup var trace: TraceOptions
  @OptionGroup var sweep: SweepOptions
  @OptionGroup var output: SweepOutputOptions

  func run() throws {
    let plan = try sweep.plan()
    let run = try replay(trace.open(), plan.scenarios, threads: sweep.usableThreads)
    try output.write(plan.result(run))
  }
}

/// Where a sweep's results go; with none of these, a table on the terminal.
struct SweepOutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Folder for sweep.md, sweep.csv and sweep.svg.", transform: outputPath)
  var directory: String?

  @Option(
    help: "Every point, scenario and region as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(help: "The points as a Markdown table; - is standard output.", transform: outputPath)
  var markdown: String?

  @Option(help: "The heat map as SVG; - is standard output.", transform: outputPath)
  var svg: String?

  func validate() throws {
    if directory == "-" {
      throw ValidationError(
        "-o names a folder; for standard output there are --csv -, --markdown - and --svg -")
    }
    guard [csv, markdown, svg].filter({ $0 == "-" }).count <= 1 else {
      throw ValidationError("only one of --csv, --markdown and --svg can be -")
    }
  }

  /// Writes everything asked for.
  ///
  /// - Parameter sweep: The results.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(_ sweep: SweepResult) throws(TraceError) {
    if let directory {
      try ReportFolder(directory).write(
        SweepFile.all.map { (name: $0.name, text: $0.contents(sweep)) })
      Console.error("report: \(directory)/sweep.md")
    }
    try write(csv) { sweepCSV(sweep) }
    try write(markdown) { sweepMarkdown(sweep, companions: false) }
    try write(svg) { sweepPicture(sweep) }
    if directory == nil, csv == nil, markdown == nil, svg == nil {
      try Console.output(sweepText(sweep, width: Console.width, color: Console.usesColor))
    }
  }

  private func write(_ path: String?, _ text: () -> String) throws(TraceError) {
    guard let path else { return }
    let file = try OutputFile(path: path)
    try file.write(text())
    try file.commit()
  }
}
