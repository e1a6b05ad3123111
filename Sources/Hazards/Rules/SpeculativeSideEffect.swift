import Results

/// ORD005: a register with side effects is read through Normal memory.
struct SpeculativeSideEffect: HazardRule {
  let code = "ORD005"
  let meaning = "a register with side effects is read through Normal memory"
  let severity = Finding.Severity.warning
  let rule =
    "Only Device types forbid reads that the program does not make, and those that do not gather "
    + "require one read for each load (Arm ARM DDI 0487 B2.10.2)"
  let advice =
    "Map registers whose reads have side effects Device (ioremap), in a page of their own"

  private var loads = RegionTally<Void>()
  private var neighbours = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.sideEffectLoad] {
      if incident.second == 0 {
        loads.add(incident, count: incident.first, detail: ())
      } else {
        neighbours.add(incident, count: incident.first, detail: ())
      }
    }
  }

  var tallyCount: Int { loads.rows.count + neighbours.rows.count }

  func tallies() -> [HazardTally] {
    rows(
      loads,
      "loads of a register with side effects through Normal memory: the core may read it more "
        + "often than the program, less often, or ahead of time")
      + rows(
        neighbours,
        "Normal loads beside a register with side effects: a core that reads whole lines "
          + "(cpu.nc_load=line) reads it too")
  }

  private func rows(_ tally: RegionTally<Void>, _ message: String) -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(row, message: message)
    }
  }
}
