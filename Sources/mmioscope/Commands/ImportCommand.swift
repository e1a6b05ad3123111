import ArgumentParser
import Reporting
import TraceCore
import TraceIO

/// `import`: any capture to the native trace.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn a capture into a native trace, which is small and fast to replay.",
    discussion: """
      mmioscope import qemu.log.zst -o trace.mmt
      mmioscope import mmio.csv --map board.yaml -o trace.mmt
      zcat qemu.log.gz | mmioscope import - -o trace.mmt
      """)

  @Argument(help: "Captures, read one after the other as one trace; - is standard input.")
  var inputs: [String]

  @Option(
    name: [.short, .customLong("output")], help: "The native trace to write; - is standard output.",
    transform: outputPath)
  var output: String

  @OptionGroup var input: InputOptions
  @OptionGroup var cores: CoreOptions

  func run() throws {
    let source = try InputChain.open(inputs, input, threads: cores.usable)
    var progress = Progress()
    defer { progress.finish() }
    let block = Block()
    let file = try OutputFile(path: output)
    let writer = try NativeTraceWriter(to: file, context: source.context, level: 1)
    while try source.next(into: block) {
      try writer.take(block)
      progress.update(records: writer.records, source: source)
    }
    try writer.finish()
    try file.commit()
    progress.finish()
    report(writer.records, source.context)
  }

  private func report(_ records: UInt64, _ context: TraceContext) {
    Console.note(
      "\(output): \(counted(records, "record")) from \(context.format), "
        + counted(UInt64(context.regions.count), "region"))
    for row in context.counters.rows {
      Console.note("  \(row.name): \(row.count) (\(row.meaning))")
    }
  }
}
