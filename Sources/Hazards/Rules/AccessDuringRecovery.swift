import Results

/// RST005: MMIO inside a reset's recovery window, or with Command.MEM off.
struct AccessDuringRecovery: HazardRule {
  let code = "RST005"
  let meaning = "MMIO inside a reset's recovery window, or with Command.MEM off"
  let severity = Finding.Severity.error
  let rule =
    "A function in reset may discard requests; with Memory Space Enable clear it answers "
    + "Unsupported Request (PCI Express Base Specification 5.0, 6.6.2 and 7.5.1.1.3)"
  let advice =
    "Wait for the reset's time and for the device to be ready, restore BARs and Command.MEM first"

  private static let power = HazardKind(
    "MMIO while the function is in D3hot, or too soon after it",
    rule: "A function in D3hot takes config requests and messages alone, and for 10 ms after it "
      + "nothing (PCI Express Base Specification 5.0, 5.3.1.4.1 and 5.9)",
    advice: "Put the function into D0 and wait 10 ms before its first MMIO")

  private static let absent = HazardKind(
    "MMIO to a virtual function that is not there yet",
    rule: "Virtual functions are there while VF Enable is set, and may be asked 100 ms after "
      + "(PCI Express Base Specification 5.0, 9.3.3.3.1)",
    advice: "Set VF Enable and wait 100 ms before the first MMIO to a virtual function")

  var others: [HazardKind] { [Self.power, Self.absent] }

  private var windows = RegionTally<UInt64>()
  private var lowPower = RegionTally<UInt64>()
  private var virtual = RegionTally<UInt64>()
  private var disabled = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.insideWindow] {
      windows.add(incident, count: incident.first, detail: 0) { $0 = max($0, incident.second) }
    }
    for incident in log[.lowPower] {
      lowPower.add(incident, count: incident.first, detail: 0) { $0 = max($0, incident.second) }
    }
    for incident in log[.virtualAbsent] {
      virtual.add(incident, count: incident.first, detail: 0) { $0 = max($0, incident.second) }
    }
    for incident in log[.memoryDisabled] {
      disabled.add(incident, count: incident.first, detail: ())
    }
  }

  var tallyCount: Int {
    windows.rows.count + lowPower.rows.count + virtual.rows.count + disabled.rows.count
  }

  func tallies() -> [HazardTally] {
    let inside = windows.sorted().map { row in
      HazardTally(
        row,
        message: row.detail == .max
          ? "MMIO while the reset is still asserted"
          : "MMIO inside a reset's recovery window, up to \(Self.duration(row.detail)) early",
        of: HazardKind("MMIO inside a reset's recovery window"))
    }
    let power = lowPower.sorted().map { row in
      HazardTally(
        row,
        message: row.detail == .max
          ? "MMIO while the function is in D3hot"
          : "MMIO inside the recovery time after D3hot, up to \(Self.duration(row.detail)) early",
        of: Self.power)
    }
    let absent = virtual.sorted().map { row in
      HazardTally(
        row,
        message: row.detail == .max
          ? "MMIO to a virtual function while VF Enable is 0"
          : "MMIO to a virtual function too soon after VF Enable was set, up to "
            + "\(Self.duration(row.detail)) early",
        of: Self.absent)
    }
    let off = disabled.sorted().map { row in
      let message = "MMIO while the function's Command.MEM is off"
      return HazardTally(row, message: message, of: HazardKind(message))
    }
    return inside + power + absent + off
  }

  /// In the largest unit of which there is one.
  private static func duration(_ nanoseconds: UInt64) -> String {
    switch nanoseconds {
    case 1_000_000...: "\(nanoseconds / 1_000_000) ms"
    case 1_000...: "\(nanoseconds / 1_000) us"
    default: "\(nanoseconds) ns"
    }
  }
}
