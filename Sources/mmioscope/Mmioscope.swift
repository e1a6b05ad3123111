import ArgumentParser
import Results
import YAMLInput

/// The command: `mmioscope VERB ...`.
struct Mmioscope: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mmioscope",
    abstract: "What happens on the PCIe link when a BAR is mapped Normal-NC, not Device-nGnRE.",
    discussion: """
      mmioscope demo                                  the whole job on a capture that comes along
      mmioscope import qemu.log -o trace.mmt          a capture to the native trace
      mmioscope compare trace.mmt -o report           both mappings side by side

      Every verb takes the options below, ahead of it or behind it.

      Exit status: 0 done, 1 a gate or an expectation failed, 2 could not do the job.
      """,
    version: Product.version,
    subcommands: [
      DemoCommand.self, ImportCommand.self, InfoCommand.self, DumpCommand.self,
      ConvertCommand.self, SliceCommand.self, CatCommand.self, AnonymizeCommand.self,
      AnalyzeCommand.self, CompareCommand.self, DiffCommand.self, WhyCommand.self,
      PacketsCommand.self, MatchCommand.self, TimelineCommand.self,
      SweepCommand.self,
      MemattrCommand.self, TLPCommand.self,
      LinkCommand.self, LitmusCommand.self, ResetCommand.self, ContainCommand.self,
      ExplainCommand.self, ProfilesCommand.self, ValidateCommand.self, DoctorCommand.self,
    ])

  @OptionGroup(title: "With every verb") var console: ConsoleOptions
}

extension Mmioscope {
  /// The command that arguments name, with its options.
  ///
  /// A verb's own parser needs a fraction of the time of one that knows all of them. It is asked
  /// first; what it does not take, whether help or a mistake, is said by the whole one.
  ///
  /// Options that every verb takes are left to ``Console``.
  ///
  /// - Parameter arguments: Without the program's name.
  /// - Returns: A verb, or what prints help.
  /// - Throws: What ArgumentParser says of arguments that it does not take, and of an option of one
  ///   value that is given twice.
  static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
    _ = try ConsoleOptions.given(arguments)
    let arguments = try ConsoleOptions.parted(arguments).others
    let verbs = configuration.subcommands
    let verb = verbs.first { $0._commandName == arguments.first }
    if verb == nil, let word = arguments.first, !word.hasPrefix("-"), word != "help" {
      let names = verbs.map { $0._commandName }
      throw ValidationError("there is no verb '\(word)'" + didYouMean(word, among: names))
    }
    if let verb, let command = try? verb.parseAsRoot(Array(arguments.dropFirst())),
      type(of: command) == verb
    {
      try RepeatedOptions.refuse(arguments.dropFirst(), of: verb)
      return command
    }
    return try parseAsRoot(arguments)
  }
}
