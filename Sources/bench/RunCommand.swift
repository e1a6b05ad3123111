import ArgumentParser
import Foundation
import Measurements

/// `bench run`: measures, and writes the raw rows and the tables made of them.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Measure, and write raw.csv and README.md.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Folder that gets a folder DATE-MACHINE; a page README.md in it gets the tables.")
  var into: String?

  @Option(help: "The very folder to write to.")
  var output: String?

  func validate() throws {
    if into != nil, output != nil { throw ValidationError("--into or --output, not both") }
  }

  func run() throws {
    // Tools of the system then do not decode text.
    _ = unsafe setenv("LC_ALL", "C", 1)
    let machine = Machine.current()
    let folder = output ?? (into ?? "Reports/benchmarks") + "/" + machine.folderName
    let scratch = try ScratchFolder(options.scratch)
    defer { scratch.remove() }
    let laboratory = Laboratory(options, machine, scratch.path)
    var runner = Runner(options: options, table: RawTable(facts: machine.facts))
    try runner.run(commandCases(laboratory) + besideCases(laboratory) + stageCases(laboratory))
    try runner.run(startCases(laboratory))
    try runner.runOnce(memoryCases(laboratory))
    try runner.runOnce(instructionCases(laboratory))
    runner.table.facts.append(("load at the end", Machine.load()))
    // The tables are those of the rows as they are kept, which are rounded.
    let kept = try RawTable(text: runner.table.text, file: folder + "/raw.csv")
    try write(kept, to: folder)
    try fillPage(kept, beside: folder)
    print(BenchTables(kept).summary)
    say("kept in \(folder)")
  }

  private func write(_ table: RawTable, to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try replace(folder + "/raw.csv", table.text)
    try replace(folder + "/README.md", BenchTables(table).summary)
  }

  private func fillPage(_ table: RawTable, beside folder: String) throws {
    guard let into, let page = try? String(contentsOfFile: into + "/README.md", encoding: .utf8)
    else { return }
    let name = URL(fileURLWithPath: folder).lastPathComponent
    let filled = try BenchTables(table).page(page, file: into + "/README.md", folder: name)
    try replace(into + "/README.md", filled)
  }
}

/// `bench tables`: the tables of a run that is kept.
struct TablesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tables", abstract: "Write README.md again from raw.csv, without measuring.")

  @Argument(help: "Folder of a run.")
  var folder: String

  @Option(help: "A page whose blocks get this run's tables.")
  var page: String?

  func run() throws {
    let path = folder + "/raw.csv"
    let table = try RawTable(text: String(contentsOfFile: path, encoding: .utf8), file: path)
    let tables = BenchTables(table)
    try replace(folder + "/README.md", tables.summary)
    guard let page else { return }
    let text = try String(contentsOfFile: page, encoding: .utf8)
    let name = URL(fileURLWithPath: folder).lastPathComponent
    try replace(page, tables.page(text, file: page, folder: name))
  }
}

/// Writes a file whole or not at all.
func replace(_ path: String, _ text: String) throws {
  try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
}

/// A line on standard error.
func say(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
