import ArmMemory
import PCIeModel
import Profiles

/// Settings that change no time until a trace makes use of them.
struct ClockUses: OptionSet, Hashable {
  let rawValue: UInt8

  /// Credits and how long they take to return: something waited for one.
  static let credits = ClockUses(rawValue: 1 << 0)
  static let configLatency = ClockUses(rawValue: 1 << 1)
  static let readLatency = ClockUses(rawValue: 1 << 2)
  static let all: ClockUses = [.credits, .configLatency, .readLatency]
}

/// What a clock depends on: clocks with equal keys show equal times.
struct ClockKey: Hashable {
  private var cpu: InlineCPU
  private var link: LinkConfiguration
  private var device: DeviceProfile

  private struct InlineCPU: Hashable {
    var storeIssuePs: UInt64
    var deviceAckPs: UInt64
    var deviceWritesInFlight: Int
    var deviceLoadsInFlight: Int
    var normalLoadsInFlight: Int
    var buffers: Int
  }

  /// - Parameters:
  ///   - settings: The profiles.
  ///   - gathers: The mapping has gathering lines, so that their number matters.
  ///   - ignored: What is left out.
  init(_ settings: ModelSettings, gathers: Bool, ignoring ignored: ClockUses = []) {
    cpu = InlineCPU(
      storeIssuePs: settings.cpu.storeIssuePs, deviceAckPs: settings.cpu.deviceAckPs,
      deviceWritesInFlight: settings.cpu.deviceWritesInFlight,
      deviceLoadsInFlight: settings.cpu.deviceLoadsInFlight,
      normalLoadsInFlight: settings.cpu.normalLoadsInFlight,
      buffers: gathers ? settings.cpu.buffers : 1)
    link = settings.link
    link.flowControl = settings.link.flowControl.withoutIdleData
    device = settings.device
    if ignored.contains(.credits), link.sharesCredits {
      link.flowControl = FlowControl(
        posted: .infinite, headerScale: link.flowControl.headerScale,
        dataScale: link.flowControl.dataScale, loopPs: 0)
    }
    if ignored.contains(.configLatency) { device.configLatencyPs = 0 }
    if ignored.contains(.readLatency) { device.readLatencyPs = 0 }
  }
}
