import ArgumentParser
import Reporting
import Results
import SystemPackage
import TraceCore
import TraceIO

/// Where results go; with none of these, a summary on the terminal.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Folder for the report and all its files.", transform: outputPath)
  var directory: String?

  @Option(help: "The run as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(help: "The summary table as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(help: "The report as Markdown; - is standard output.", transform: outputPath)
  var markdown: String?

  func validate() throws {
    if directory == "-" {
      throw ValidationError(
        "-o names a folder; for standard output there are --json -, --csv - and --markdown -")
    }
    let toOutput = [json, csv, markdown].filter { $0 == "-" }
    guard toOutput.count <= 1 else {
      throw ValidationError("only one of --json, --csv and --markdown can be -")
    }
  }

  /// One of them goes to standard output.
  var usesStandardOutput: Bool { [json, csv, markdown].contains("-") }

  var isNone: Bool {
    directory == nil && json == nil && csv == nil && markdown == nil
  }

  /// Writes one output where it was asked for.
  func write(_ path: String?, _ text: () -> String) throws(TraceError) {
    guard let path else { return }
    let output = try OutputFile(path: path)
    try output.write(text())
    try output.commit()
  }

  /// Writes everything asked for.
  ///
  /// - Parameters:
  ///   - run: The results.
  ///   - isAlone: Nothing else goes to standard output, where the summary would be in its way.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(_ run: RunResult, isAlone: Bool = true) throws(TraceError) {
    if let directory {
      try ReportFolder(directory).write(run)
      Console.error("report: \(directory)/report.md")
    }
    try write(json) { runJSON(run) }
    try write(csv) { summaryCSV(run) }
    try write(markdown) { markdownReport(run, companions: false) }
    if !isNone { reportLosses(run.trace.counters) }
    if isNone, isAlone {
      try Console.output(
        terminalSummary(run, width: Console.width, color: Console.usesColor))
    }
  }
}

/// A folder of report files.
struct ReportFolder {
  let path: String

  init(_ path: String) { self.path = path }

  /// Makes the folder where it is missing and writes every report file.
  ///
  /// - Parameter run: The results.
  /// - Throws: ``TraceError`` where the folder or a file cannot be written.
  func write(_ run: RunResult) throws(TraceError) {
    try write(ReportFile.all.lazy.map { ($0.name, $0.contents(run)) })
  }

  /// Makes the folder where it is missing and writes files into it.
  ///
  /// - Parameter files: Their names and texts. The first one speaks of the others, and appears last.
  /// - Throws: ``TraceError`` where the folder or a file cannot be written.
  func write(_ files: some Sequence<(name: String, text: String)>) throws(TraceError) {
    try fill { () throws(TraceError) in
      var outputs: [OutputFile] = []
      for file in files {
        outputs.append(try .filled(path + "/" + file.name, file.text))
      }
      return outputs
    }
  }

  /// Makes the folder where it is missing, and names the files in it.
  ///
  /// None appears before all are complete; then each gets its name. Should that fail for one, those
  /// before it stay, but not the first one, by which a report is told. Where none stays, no folder
  /// that was made does.
  ///
  /// - Parameter outputs: Complete files in the folder, the one that speaks of the others first.
  /// - Throws: ``TraceError`` where the folder or a file cannot be written.
  func fill(_ outputs: () throws(TraceError) -> [OutputFile]) throws(TraceError) {
    var made: [String] = []
    do throws(TraceError) {
      try make { made.append($0) }
      for output in try outputs().reversed() { try output.commit() }
    } catch {
      for folder in made.reversed() { FileDescriptor.removeEmptyDirectory(folder) }
      throw error
    }
  }

  /// Makes the folder, and those that it lies in, where they are missing.
  private func make(_ body: (String) -> Void) throws(TraceError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += part + "/"
      do {
        if try FileDescriptor.makeDirectory(prefix) { body(prefix) }
      } catch let error {
        throw TraceError(.io, "cannot make the folder: \(error)", file: path)
      }
    }
  }
}
