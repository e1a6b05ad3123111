import Results

/// RST010: a function in use is caught in the reset of another one.
struct CaughtInReset: HazardRule {
  let code = "RST010"
  let meaning = "a function in use is caught in the reset of another one"
  let severity = Finding.Severity.error
  let rule =
    "A reset at a bridge takes every function below it, one of a device its other functions, and "
    + "FLR of a physical function its virtual ones (PCI Express Base Specification 5.0, 6.6.1, "
    + "6.6.2 and 9.2.1.2)"
  let advice =
    "Stop every function in the reset's scope first, clear its Command.MEM, and restore it after"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    tally.add(each: log[.caughtInReset], detail: ())
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "the function is in use, with Command.MEM on, when another one's reset takes it "
          + "along")
    }
  }
}
