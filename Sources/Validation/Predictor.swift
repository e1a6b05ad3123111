// A measurement's prediction under a set of settings.

import Profiles
import TraceCore

/// Asks the model for what was measured.
struct Predictor {
  let library: ProfileLibrary

  /// The settings that stand for the measured machine.
  ///
  /// - Parameters:
  ///   - scenario: Profiles and overrides.
  ///   - changes: Further `KEY=VALUE`, of keys that the scenario does not override.
  /// - Returns: The models' configuration.
  /// - Throws: `TraceError.configuration` where profiles or values do not exist or fit together.
  func settings(
    _ scenario: Measurement.Scenario, changes: [String] = []
  ) throws(TraceError) -> ModelSettings {
    try library.resolve(
      cpu: scenario.cpu, rc: scenario.rootComplex, link: scenario.link, device: scenario.device,
      overrides: scenario.overrides.map(\.assignment) + changes)
  }

  /// The predicted value in the measurement's unit.
  func prediction(
    _ measurement: Measurement, _ settings: ModelSettings
  ) throws(TraceError) -> Double {
    let value = try Self.value(measurement.quantity, measurement.workload, settings)
    return measurement.unit.converted(value)
  }

  /// bit/s, s, bytes, or a number.
  private static func value(
    _ quantity: Measurement.Quantity, _ workload: Workload, _ settings: ModelSettings
  ) throws(TraceError) -> Double {
    switch workload {
    case .copy(let copy):
      return try value(quantity, copy, settings)
    case .loads(let loads):
      let run = try Replayed(loads, settings)
      switch quantity {
      case .goodput: return run.goodput(fenced: false)
      case .timePerAccess: return run.seconds / Double(run.accesses)
      default: return run.seconds
      }
    case .deviceWrite(let transfer):
      return value(quantity, DeviceTransfer(writing: transfer, settings))
    case .deviceRead(let transfer):
      return value(quantity, DeviceTransfer(reading: transfer, settings))
    case .deviceReadLatency(let transfer, let written):
      return DeviceTransfer.readLatency(transfer, behindWrite: written, settings)
    }
  }

  private static func value(
    _ quantity: Measurement.Quantity, _ copy: Workload.Copy, _ settings: ModelSettings
  ) throws(TraceError) -> Double {
    let run = try Replayed(copy, settings)
    switch quantity {
    case .goodput: return run.goodput(fenced: copy.fence)
    case .timePerAccess: return run.cpuSeconds / Double(run.accesses)
    case .tlpBytes: return Double(run.payloadBytes) / Double(run.tlps)
    case .tlps: return Double(run.tlps)
    case .gain:
      var other = copy
      other.memory = .device
      let base = try Replayed(other, settings)
      return run.goodput(fenced: copy.fence) / base.goodput(fenced: copy.fence)
    default: return run.cpuSeconds
    }
  }

  private static func value(
    _ quantity: Measurement.Quantity, _ transfer: DeviceTransfer
  ) -> Double {
    switch quantity {
    case .overhead: transfer.overhead
    case .efficiency: transfer.efficiency
    case .tlpRate: transfer.tlpBitsPerSecond
    default: transfer.goodput
    }
  }
}
