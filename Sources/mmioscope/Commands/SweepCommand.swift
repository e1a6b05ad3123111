import ArgumentParser
import TraceCore

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
        mmioscope sweep trace.mmt --matrix grid.yaml --json sweep.json
        mmioscope sweep nic.mmt --set cpu.buffers=1,4 --region "bar 0"

      A point's numbers are those of compare (or analyze, with --policy) with the same --set, but \
      findings, latencies, stalls and link use, which only those have. A value that has a range is \
      taken as it is used: a point is one value, and a range is refused. A value given twice is an \
      error, and so are more than 10000 points. The CSV has a column for each --set, then those of \
      summary.csv: a row for each point, scenario and region. A matrix has lines such as \
      "cpu.buffers: [1, 2, 4]".
      """)

  @OptionGroup var trace: FilteredTraceOptions
  @OptionGroup var sweep: SweepOptions
  @OptionGroup var cores: CoreOptions
  @OptionGroup var output: SweepOutputOptions

  func run() throws {
    let plan = try sweep.plan()
    let run = try replay(trace.open(threads: cores.usable), plan.scenarios, threads: cores.usable)
    try output.finish(plan.result(run))
  }
}
