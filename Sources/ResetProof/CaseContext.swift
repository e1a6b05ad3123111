import ConfigSpace
import Resets
import TraceCore

/// What a proof needs of its case besides what decides the order: records, times, states.
struct CaseContext {
  let access: MMIOAccess
  private let reset: ResetCase
  private let role: ResetPair.Role
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
      case .readBack, .pushed: before.readBack ?? before.ordered
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
    guard after.access.timeNs < end else {
      return ProofRow(
        .device, .yes, .window, "it comes after the recovery time", notExpressible: why)
    }
    return ProofRow(
      .device, .no, .window,
      "it comes \(end - after.access.timeNs) ns before the recovery time is over: discarded, "
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
    let rows = rowsOfTime
    if order == .no || rows.contains(where: { $0.answer == .no }) { return .no }
    if order == .hostDependent { return .hostDependent }
    return rows.contains { $0.answer == .notShown } ? .notShown : order
  }
}
