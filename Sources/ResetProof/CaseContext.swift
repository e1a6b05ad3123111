import ConfigSpace
import Resets
import TraceCore

/// What a proof needs of its case besides what decides the order: records, times, states.
struct CaseContext {
  let access: MMIOAccess
  let role: ResetPair.Role
  private let reset: ResetCase
  private let evidence: UInt64?
  private let isGathered: Bool?

  /// - Precondition: The case has the access of the role.
  init(_ reset: ResetCase, _ role: ResetPair.Role, _ pair: ResetPair) {
    self.reset = reset
    self.role = role
    if let after = reset.firstAfter, role == .firstAfter {
      access = after.access
      evidence = after.completed
      isGathered = nil
      return
    }
    guard let before = reset.before(role) else { preconditionFailure("no such access") }
    access = before.access
    isGathered = before.access.isStore ? before.isGathered : nil
    evidence =
      switch pair.evidence {
      case .readBack, .pushed:
        // A load's own data, or its timeout, is no record but the reset's; a DMB is none of it.
        before.readBack ?? (before.ordered == reset.event.record ? before.ordered : nil)
      case .synchronized: before.synchronized
      case .ordered: before.ordered
      case .none, .returned, .expired: nil
      }
  }

  /// Rules that rest on a record of the capture.
  private static let recorded: Set = [
    "arm.completion.dsb", "arm.observation", "arm.arrival.C", "pcie.B2a",
    "practice.trap-returns", "request.over",
  ]

  /// The row with the record that it rests on.
  func withRecords(_ row: ProofRow) -> ProofRow {
    var row = row
    if let evidence, row.answer == .yes || row.answer == .hostDependent,
      Self.recorded.contains(row.rule.id)
    {
      row.reason += " (record \(evidence))"
    }
    if row.segment == .cpuBuffer, row.answer == .no, let isGathered {
      row.reason +=
        isGathered
        ? " (still gathered in this replay)" : " (this replay had let it go: luck, not a rule)"
    }
    return row
  }

  /// What hangs on the time and the state of the function: its own rows, for the device.
  var rowsOfTime: [ProofRow] {
    guard role == .firstAfter, let after = reset.firstAfter else { return [] }
    return [window(after), memory(after)]
  }

  private func window(_ after: MMIOAfter) -> ProofRow {
    let why = "a program has no time"
    guard let end = after.windowEndNs else {
      return ProofRow(
        .device, .no, .window, "nothing has ended the reset when the access comes",
        notExpressible: why)
    }
    guard end > 0 else {
      return ProofRow(
        .device, .doesNotArise, .window, "this kind of reset has no recovery time",
        notExpressible: why)
    }
    guard after.isTimed else {
      return ProofRow(
        .device, .notShown, .window,
        "the capture has no time stamps to tell whether the recovery time was over",
        notExpressible: why)
    }
    guard after.access.timeNs < end else {
      return ProofRow(
        .device, .yes, .window, "it comes after the recovery time", notExpressible: why)
    }
    return ProofRow(
      .device, .no, .window,
      "it comes \(timeText(end - after.access.timeNs)) before the recovery time is over: discarded, "
        + "unsupported, all ones or a timeout", notExpressible: why)
  }

  private func memory(_ after: MMIOAfter) -> ProofRow {
    let why = "the program ends with the reset"
    switch after.memory {
    case .on:
      return ProofRow(
        .device, .yes, .memorySpace, "Command.MEM is set again", notExpressible: why)
    case .off:
      return ProofRow(
        .device, .no, .memorySpace, "Command.MEM is clear: a store is lost, a load unsupported",
        notExpressible: why)
    case .unknown:
      return ProofRow(
        .device, .notShown, .memorySpace, "the capture does not show Command.MEM",
        notExpressible: why)
    }
  }

  /// The verdict of the order, with the rows that no program asks.
  func verdict(with order: Answer) -> Answer {
    guard role == .firstAfter, let after = reset.firstAfter else { return order }
    if order == .no || after.isEarly || after.memory == .off { return .no }
    if order == .hostDependent { return .hostDependent }
    let isShown = after.memory != .unknown && (after.isTimed || after.windowEndNs == 0)
    return isShown ? order : .notShown
  }
}

/// `85.621 ms`: nanoseconds as the reports write times.
func timeText(_ nanoseconds: UInt64) -> String {
  let units: [(size: UInt64, name: String)] = [
    (1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"),
  ]
  guard let unit = units.first(where: { nanoseconds >= $0.size }) else {
    return "\(nanoseconds).000 ns"
  }
  // Half up, as the reports round.
  let thousandths = (2_000 * UInt128(nanoseconds) + UInt128(unit.size)) / UInt128(2 * unit.size)
  let fraction = String(thousandths % 1_000)
  let digits = Array(String(thousandths / 1_000))
  var whole = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { whole.append(",") }
    whole.append(digit)
  }
  return whole + "." + String(repeating: "0", count: 3 - fraction.count) + fraction + " "
    + unit.name
}
