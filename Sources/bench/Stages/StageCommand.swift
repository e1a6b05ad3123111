import ArgumentParser
import Foundation

/// `bench stage`: a part of a command alone, for profilers and for the summary's shares.
struct StageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stage", abstract: "Run one stage on a trace or text, and write nothing.",
    discussion: Stage.allCases.map { "\($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))

  @Argument(help: "The stage.")
  var stage: Stage

  @Argument(help: "A native trace; for parse a text.")
  var path: String

  func run() throws {
    let records = try stage.run(path)
    FileHandle.standardOutput.write(Data("\(records)\n".utf8))
  }
}

extension Stage: ExpressibleByArgument {}
