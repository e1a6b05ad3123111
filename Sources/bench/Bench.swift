import ArgumentParser

/// `make bench`: what the command, its stages and other programs cost on the same inputs.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure mmioscope's commands, their stages and other programs on the same inputs.",
    discussion: """
      bench run --into Reports/benchmarks
      bench run --only import --records 1000000 --into /tmp/speed
      bench generate bursts --records 1000000000 | mmioscope compare -
      bench tables Reports/benchmarks/2026-11-28-amd-epyc-2core
      """,
    subcommands: [RunCommand.self, GenerateCommand.self, StageCommand.self, TablesCommand.self],
    defaultSubcommand: RunCommand.self)
}
