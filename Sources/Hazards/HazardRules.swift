/// Every rule that a replay is held against, in the order of the findings.
public enum HazardRules {
  public static func all() -> [any HazardRule] {
    [
      DoorbellOvertakesPayload(),
      FlushReadOvertakesPayload(),
      CollapsedWrite(),
      GatheredAtReset(),
      AccessBeforeConfigCompletion(),
      AccessDuringRecovery(),
      AlignmentFault(),
      PartialLines(),
    ]
  }
}
