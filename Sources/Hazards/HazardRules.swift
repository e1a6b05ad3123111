/// Every rule that a replay is held against, in the order of the findings.
public enum HazardRules {
  public static func all() -> [any HazardRule] {
    [
      DoorbellOvertakesPayload(),
      FlushReadOvertakesPayload(),
      GatheredOvertakesDevice(),
      CollapsedWrite(),
      SpeculativeSideEffect(),
      GatheredAtReset(),
      AccessBeforeConfigCompletion(),
      AccessDuringRecovery(),
      MismatchedAlias(),
      DeniedNormalMapping(),
      FaultingAccess(),
      PartialLines(),
    ]
  }
}
