import ArgumentParser
import ArmMemory
import Profiles
import Replay
import Reporting
import SystemPackage
import TraceCore
import TraceIO

/// `demo`: the main job on a capture that comes with the program.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the whole job on a real capture that comes along, and write its report.")

  @Option(
    name: [.short, .customLong("output")], help: "Folder for the report.", transform: outputPath)
  var output: String = "demo-report"

  func validate() throws {
    if output == "-" { throw ValidationError("-o names a folder") }
  }

  func run() throws {
    let trace = try DemoTrace.find()
    let library = ProfileLibrary()
    let settings = try library.resolve()
    let configurations = [KVMPolicy.kvmDevice, .kvmNormalNC].map {
      ScenarioConfiguration(
        name: $0.rawValue, policy: $0, fwb: false, accessors: nil, clocks: .both,
        settings: settings)
    }
    let result = try replayRanges(configurations, threads: CoreOptions.all) {
      hashes throws(TraceError) in
      try NativeTraceReader(openInput(path: trace, hashes: hashes))
    }
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(folder: output, reportFiles(of: result))
    }
    try Console.output(
      terminalSummary(
        result, width: Console.width, color: Console.usesColor,
        hints: [
          "report: \(output)/report.md",
          "next:   \(shellWord(CommandLine.arguments[0])) compare \(shellWord(trace))"
            + " --cpu neoverse-v2 --link gen5x16",
        ]))
  }
}

/// Where the demo's capture lies: in the repository, or beside an installed command.
enum DemoTrace {
  static let name = "fb-wc.mmt"

  /// - Returns: The path of the capture.
  /// - Throws: ``TraceError`` that lists where it was looked for.
  static func find() throws(TraceError) -> String {
    var places = ["Traces/" + name]
    if let executable = try? FilePath("/proc/self/exe").resolvingLink() {
      var folder = executable.removingLastComponent()
      places.append(
        folder.removingLastComponent().appending("share/mmioscope/" + name).string)
      // .build/release/mmioscope, .build/<triple>/release/mmioscope
      for _ in 0..<4 {
        folder = folder.removingLastComponent()
        places.append(folder.appending("Traces/" + name).string)
      }
    }
    for place in places where exists(place) { return place }
    var looked: [String] = []
    for place in places where !looked.contains(place) { looked.append(place) }
    throw TraceError(
      .io,
      "the demo's capture is in none of: " + looked.joined(separator: ", ")
        + "; run it in the repository, or after `make install`", file: name)
  }

  private static func exists(_ path: String) -> Bool {
    guard let file = try? unsafe FileDescriptor.open(path, .readOnly) else { return false }
    try? file.close()
    return true
  }
}
