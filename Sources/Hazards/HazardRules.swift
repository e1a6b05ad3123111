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
      PostedAtReset(),
      AccessBeforeConfigCompletion(),
      UnflushedAtBridge(),
      AccessDuringRecovery(),
      PendingTransactions(),
      AllOnesAfterReset(),
      OutstandingAtReset(),
      MovedWithBytesPending(),
      CaughtInReset(),
      MismatchedAlias(),
      DeniedNormalMapping(),
      FaultingAccess(),
      PartialLines(),
    ]
  }
}
