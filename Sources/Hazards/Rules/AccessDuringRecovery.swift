import Results

/// RST005: MMIO inside a reset's recovery window, or with Command.MEM off.
struct AccessDuringRecovery: HazardRule {
  let code = "RST005"
  let severity = Finding.Severity.error
  let rule =
    "A function in reset may discard requests; with Memory Space Enable clear it answers "
    + "Unsupported Request (PCI Express Base Specification 5.0, 6.6.2 and 7.5.1.1.3)"
  let advice =
    "Wait for the reset's time and for the device to be ready, restore BARs and Command.MEM first"

  private var windows = RegionTally<UInt64>()
  private var disabled = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.insideWindow] {
      windows.add(incident, count: incident.first, detail: 0) { $0 = max($0, incident.second) }
    }
    for incident in log[.memoryDisabled] {
      disabled.add(incident, count: incident.first, detail: ())
    }
  }

  var tallyCount: Int { windows.rows.count + disabled.rows.count }

  func tallies() -> [HazardTally] {
    let inside = windows.sorted().map { row in
      HazardTally(
        row,
        message: row.detail == .max
          ? "MMIO while the reset is still asserted"
          : "MMIO inside a reset's recovery window, up to \(row.detail / 1_000_000) ms early")
    }
    let off = disabled.sorted().map { row in
      HazardTally(row, message: "MMIO while the function's Command.MEM is off")
    }
    return inside + off
  }
}
