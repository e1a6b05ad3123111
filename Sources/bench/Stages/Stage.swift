import ArmMemory
import Importers
import Profiles
import Replay
import TraceCore
import TraceIO

/// Parts of `compare` and `import`, each containing what it builds on.
enum Stage: String, CaseIterable {
  case decode
  case digest = "decode-sha256"
  case device = "replay-device"
  case normalNC = "replay-normal-nc"
  case paced = "replay-paced"
  case measured = "replay-measured"
  case parse

  /// What it does, in the order in which they are listed.
  var meaning: String {
    switch self {
    case .decode: "all blocks of a native trace, without columns that compare does not read"
    case .digest: "the same, and the SHA-256 of the file, which every report states"
    case .device: "decode, and one scenario, kvm-device, with the saturated clock"
    case .normalNC: "decode, and one scenario, kvm-normal-nc, with the saturated clock"
    case .paced: "the same with both clocks"
    case .measured: "the same with findings, latencies, stalls and link use"
    case .parse: "the records of a text capture, which are thrown away"
    }
  }

  static let ofTraces: [Stage] = [.decode, .digest, .device, .normalNC, .paced, .measured]

  /// Runs it.
  ///
  /// - Returns: Records seen.
  /// - Throws: ``TraceError`` from the input or the replay.
  func run(_ path: String) throws(TraceError) -> UInt64 {
    let input = try openInput(path: path, hashes: self == .digest)
    switch self {
    case .decode, .digest: return try Self.drain(NativeTraceReader(input))
    case .parse:
      let format = try ImportFormat.recognize(input.head, path: path)
      return try Self.drain(format.open(input, name: input.name))
    case .device, .normalNC, .paced, .measured:
      let driver = ReplayDriver(try NativeTraceReader(input), [try scenario()])
      var records: UInt64 = 0
      driver.onBlock = { records = $0 }
      _ = try driver.run()
      return records
    }
  }

  private func scenario() throws(TraceError) -> ScenarioConfiguration {
    var scenario = ScenarioConfiguration(
      name: rawValue, policy: self == .device ? .kvmDevice : .kvmNormalNC, fwb: false,
      accessors: nil, clocks: self == .paced || self == .measured ? .both : .saturated,
      settings: try ProfileLibrary().resolve())
    scenario.measures = self == .measured
    return scenario
  }

  private static func drain(_ source: any BlockSource) throws(TraceError) -> UInt64 {
    let block = Block()
    var records: UInt64 = 0
    while try source.next(into: block) { records += UInt64(block.count) }
    return records
  }
}
