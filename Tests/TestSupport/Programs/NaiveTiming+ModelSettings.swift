import ArmMemory
import PCIeModel
public import Profiles

extension NaiveTiming {
  /// Puts the values where the engine reads them.
  public func apply(to settings: inout ModelSettings) {
    settings.link.lanes = lanes
    settings.cpu.storeIssuePs = UInt64(issue)
    settings.cpu.deviceAckPs = UInt64(ack)
    settings.cpu.deviceWritesInFlight = writesInFlight
    settings.cpu.deviceLoadsInFlight = deviceLoads
    settings.cpu.normalLoadsInFlight = normalLoads
    settings.device = DeviceProfile(
      readLatencyPs: UInt64(readLatency), configLatencyPs: UInt64(configLatency))
    settings.link.flowControl = FlowControl(
      posted: .init(headers: ph, data: pd), nonPosted: .init(headers: nph, data: npd),
      completion: .init(headers: cplh, data: cpld), loopPs: UInt64(creditLoop))
    settings.link.dataLink = DataLink(
      ackLatencyPs: UInt64(ackLatency), replayBufferBytes: replayBuffer, replayEvery: replayEvery,
      replayPs: UInt64(replayWait))
  }

  public var described: String {
    "time: lanes \(lanes), issue \(issue), ack \(ack), writes in flight \(writesInFlight), loads "
      + "\(deviceLoads)/\(normalLoads), latency \(readLatency)/\(configLatency), "
      + "ph \(ph), pd \(pd), nph \(nph), npd \(npd), cplh \(cplh), cpld \(cpld), loop \(creditLoop), "
      + "replay every \(replayEvery) after \(replayWait), buffer \(replayBuffer), Ack \(ackLatency)"
  }
}
