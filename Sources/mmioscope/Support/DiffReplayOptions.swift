import ArgumentParser
import ArmMemory
import Differences
import Profiles
import Replay
import Reporting
import Results
import SystemPackage
import TraceCore
import TraceIO

/// How `diff` makes a result of a trace.
struct DiffReplayOptions: ParsableArguments {
  @OptionGroup var input: InputOptions
  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var cores: CoreOptions

  /// An option is given that changes what a replay says.
  var isGiven: Bool { input.isGiven || scenario.isGiven }

  /// The result in a file, or that of replaying a trace.
  ///
  /// - Parameter path: A result, the folder that holds it as `run.json`, or a trace; `-` is standard
  ///   input.
  /// - Returns: The result, and whether it is that of a replay.
  /// - Throws: ``TraceError`` from the file, an option, or the replay.
  func result(_ path: String) throws(TraceError) -> (document: RunDocument, isReplayed: Bool) {
    let file = try openInput(path: isFolder(path) ? path + "/run.json" : path)
    if isJSON(file) {
      return (try RunDocument(json: contents(file), path: file.path), false)
    }
    let run = try replay(
      input.open(file, threads: cores.usable), configurations(), threads: cores.usable)
    reportLosses(run.trace.counters)
    return (try RunDocument(json: Array(runJSON(run).utf8), path: path), true)
  }

  /// The scenarios of `compare`.
  private func configurations() throws(TraceError) -> [ScenarioConfiguration] {
    let policies: [KVMPolicy] = [.kvmDevice, .kvmNormalNC]
    return try policies.map { policy throws(TraceError) in
      try scenario.configuration(policy: policy, name: policy.rawValue)
    }
  }

  /// No capture begins as a JSON document does.
  private func isJSON(_ file: InputFile) -> Bool {
    let spaces = " \t\r\n".utf8
    return !file.isNativeTrace
      && file.head.first { !spaces.contains($0) } == UInt8(ascii: "{")
  }

  private func contents(_ file: InputFile) throws(TraceError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try file.read(into: &chunk, from: 0)
      if count == 0 { return bytes }
      guard bytes.count + count <= RunDocument.sizeLimit else {
        throw TraceError(
          .configuration, "larger than \(RunDocument.sizeLimit) bytes", file: file.path)
      }
      bytes += chunk[..<count]
    }
  }

  private func isFolder(_ path: String) -> Bool {
    path != "-" && (try? Stat(FilePath(path)))?.type == .directory
  }
}

extension ScenarioOptions {
  /// An option is given that differs from what is taken without it.
  fileprivate var isGiven: Bool {
    mapping.isGiven || !overrides.isEmpty || link != nil || (clock ?? .both) != .both
      || cpu != ProfileLibrary.defaultCPU || rc != ProfileLibrary.defaultRootComplex
      || device != ProfileLibrary.defaultDevice
  }
}
