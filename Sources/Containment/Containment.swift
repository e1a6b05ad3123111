public import Results

/// From a failed access to its outcome, stage by stage.
public enum Containment {
  /// Every rule, by stage, in the order in which they are asked.
  static let rules: [any ContainmentRule] = [
    DeviceStatus(), DevicePosted(), DeviceSilent(), DevicePoison(), DeviceGone(), DeviceBusError(),
    PortContains(), LinkLost(), MessageOnly(),
    AnswerBus(), AnswerPoison(), AnswerTimeout(), AnswerLinkDown(), AnswerRead(), AnswerWrite(),
    NoException(), SpeculativeError(), LoadError(), EvictionError(), StrictStoreError(),
    StoreError(),
    NoClass(), ReportedClass(),
    HostNothing(), FirmwareException(), HostInterrupt(), HostSynchronous(), HostSErrorInGuest(),
    HostSErrorInHost(),
    NoMessage(), FirmwareMessage(), MessageIgnored(), VFIOError(),
  ]

  private static let stages: [[any ContainmentRule]] = ContainmentStage.allCases.map { stage in
    rules.filter { $0.stage == stage }
  }

  /// Every way that a failed access may go under a platform's own values.
  ///
  /// - Parameters:
  ///   - failed: The access.
  ///   - platform: Every value chosen.
  /// - Returns: One chain or more; several where the architecture leaves a choice, because any error
  ///   may be reported in a worse class. None where the platform has no such failed access.
  public static func chains(_ failed: FaultCase, on platform: Platform) -> [ContainmentChain] {
    var asked: Set<String> = []
    return chains(failed, on: platform, asked: &asked)
  }

  /// The outcomes of ``chains(_:on:)``, without their steps.
  public static func outcomes(
    _ failed: FaultCase, on platform: Platform
  ) -> Set<ContainmentOutcome> {
    Set(chains(failed, on: platform).map(\.outcome))
  }

  /// The same, with the platform's values that were looked at.
  static func chains(
    _ failed: FaultCase, on platform: Platform, asked: inout Set<String>
  ) -> [ContainmentChain] {
    asked.insert("attachment")
    guard failed.impossible(on: platform) == nil else { return [] }
    var open: [(steps: [ContainmentStep], state: ChainState)] = [([], ChainState())]
    for rules in stages {
      var following: [(steps: [ContainmentStep], state: ChainState)] = []
      for (steps, state) in open {
        for (step, state) in next(rules, failed, platform, state, &asked) {
          following.append((steps + [step], state))
        }
      }
      open = following
    }
    return open.map { ContainmentChain(steps: $0.steps, outcome: $0.state.outcome) }
  }

  private static func next(
    _ rules: [any ContainmentRule], _ failed: FaultCase, _ platform: Platform, _ state: ChainState,
    _ asked: inout Set<String>
  ) -> [(ContainmentStep, ChainState)] {
    for rule in rules {
      // A rule that has nothing to say may have looked at a value to find out.
      asked.formUnion(rule.reads)
      guard let branches = rule.branches(failed, platform, state) else { continue }
      return branches.map { branch in
        let step = ContainmentStep(
          stage: rule.stage, rule: rule.stage.rawValue + "." + rule.name, text: branch.text,
          source: rule.source)
        return (step, branch.state)
      }
    }
    preconditionFailure("a stage without a rule for \(failed)")
  }
}
