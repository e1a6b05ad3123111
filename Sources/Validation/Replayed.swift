// Workloads of a CPU, predicted by the replay engine.

import ArmMemory
import Profiles
import Replay
import Results
import TraceCore

/// What a replay says about a workload of one vCPU.
struct Replayed {
  /// Data bytes, and accesses.
  var bytes: Int
  var accesses: Int
  /// From the first issue to the last end of the accesses, in seconds.
  var seconds: Double
  /// From the first issue until the vCPU goes on.
  var cpuSeconds: Double
  /// Memory write TLPs.
  var tlps: UInt64
  var payloadBytes: UInt64

  /// Runs stores.
  init(_ copy: Workload.Copy, _ settings: ModelSettings) throws(TraceError) {
    try self.init(
      .store, bytes: copy.bytes, size: copy.storeBytes, memory: copy.memory, fence: copy.fence,
      settings)
  }

  /// Runs loads.
  init(_ loads: Workload.Loads, _ settings: ModelSettings) throws(TraceError) {
    try self.init(
      .load, bytes: loads.bytes, size: loads.loadBytes, memory: loads.memory, fence: false,
      settings)
  }

  private init(
    _ operation: Operation, bytes: Int, size: Int, memory: Workload.Memory, fence: Bool,
    _ settings: ModelSettings
  ) throws(TraceError) {
    let source = ProgramSource(operation, accesses: bytes / size, size: size, fence: fence)
    // Bare metal: the marker is Normal-NC, so that it does not drain what Device accesses drain.
    let scenario = ScenarioConfiguration(
      name: "workload", policy: .none, fwb: true,
      stage1ByRegion: [
        ProgramSource.copied: memory.attribute,
        ProgramSource.marker: Workload.Memory.normalNC.attribute,
      ], accessors: .recorded, clocks: .saturated, settings: settings)
    let run = try ReplayDriver(source, [scenario]).run()
    guard let result = run.scenarios.first,
      let accessed = result.regions.first(where: { $0.region.name == ProgramSource.copied }),
      let marker = result.regions.first(where: { $0.region.name == ProgramSource.marker })
    else { throw TraceError(.internal, "a workload's regions are missing in its result") }
    self.bytes = bytes
    accesses = bytes / size
    seconds = Double(accessed.metrics.saturated.timePs) * 1e-12
    let whole = result.totals.saturated.timePs
    cpuSeconds = Double(whole - min(whole, marker.metrics.saturated.timePs)) * 1e-12
    tlps = accessed.metrics.mwr
    payloadBytes = accessed.metrics.payloadBytes
  }

  /// Bits per second: until the end on the link, or with a fence until the vCPU goes on.
  func goodput(fenced: Bool) -> Double { Double(8 * bytes) / (fenced ? cpuSeconds : seconds) }
}
