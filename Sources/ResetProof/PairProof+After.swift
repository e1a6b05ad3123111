import ArmMemory
import Resets

extension PairProof {
  /// An access after the reset: must not arrive before it takes effect.
  func after() -> [ProofRow] {
    if let rule = completion {
      return [
        ProofRow(.cpuBuffer, .yes, rule, "it began when the config write had completed"),
        ProofRow(.interconnect, .yes, rule, "the config write had its completion"),
        ProofRow(.rootComplex, .yes, rule, "the config write had its completion"),
        ProofRow(.link, .yes, rule, linkReason),
        ProofRow(.device, .yes, .takesInOrder, "the reset has begun when its completion is back"),
      ]
    }
    return [afterInCPU, afterInInterconnect, afterInRootComplex, afterOnLink, afterAtDevice]
  }

  private var linkReason: String {
    pair.isAtBridge
      ? "the port has taken the config write: no such TLP is on the link below"
      : "the completion has come back over it"
  }

  /// What shows that the config write had taken effect before the access began.
  private var completion: ProofRule? {
    switch pair.evidence {
    case .synchronized where !isPosted: .catalogue("arm.completion.dsb")
    case .returned where !isPosted: .catalogue("practice.trap-returns")
    case .expired where !isPosted: .isOver
    case .readBack where isPosted && !pair.isAtBridge: .catalogue("pcie.B2a")
    case .readBack where !isPosted && host.serialisesConfig: .serialConfig
    default: nil
    }
  }

  private var isBehind: Bool { pair.evidence == .synchronized || pair.evidence == .returned }

  private var afterInCPU: ProofRow {
    if isBehind {
      let rule = pair.evidence == .returned ? "practice.trap-returns" : "arm.completion.dsb"
      return ProofRow(
        .cpuBuffer, .yes, .catalogue(rule), "it began when the config write was out of the CPU")
    }
    if pair.evidence == .readBack {
      return ProofRow(
        .cpuBuffer, .yes, .catalogue("arm.completion.dsb"), "it began when a config read was back")
    }
    if sharesRegion, keepsOrder {
      return ProofRow(
        .cpuBuffer, .yes, .catalogue("arm.arrival.A"), "two nGnR accesses leave in program order")
    }
    return ProofRow(
      .cpuBuffer, .no, .nothing, "nothing waits for the completion of the config write")
  }

  private var afterInInterconnect: ProofRow {
    if pair.evidence == .readBack {
      return ProofRow(
        .interconnect, .yes, .catalogue("arm.arrival.A"),
        "the config read behind the config write keeps its order to it")
    }
    if sharesRegion, keepsOrder || pair.evidence == .synchronized {
      return ProofRow(
        .interconnect, .yes,
        .catalogue(pair.evidence == .synchronized ? "arm.arrival.C" : "arm.arrival.A"),
        "the BARs and ECAM are one region here, in arrival order")
    }
    if isBehind, isAtRootComplex {
      return ProofRow(
        .interconnect, .yes, .catalogue("arm.completion.dsb"),
        "serialised at the root complex: the config write is there already")
    }
    return ProofRow(
      .interconnect, .no, .nothing,
      isBehind
        ? "a posted config write is complete at the interconnect, on another way than the access"
        : "BARs and ECAM are different regions: no arrival order between them")
  }

  private var afterInRootComplex: ProofRow {
    if host.configOvertakes {
      return ProofRow(
        .rootComplex, .no, .nothing, "the bridge keeps no order between config and memory writes")
    }
    return ProofRow(
      .rootComplex, .yes, .keepsOrder, "the bridge sends on in the order in which it takes")
  }

  private var afterOnLink: ProofRow {
    if isPosted {
      guard !pair.isAtBridge else {
        return ProofRow(
          .link, .no, .nothing, "posted, and consumed by the port: nothing shows that it is done")
      }
      return ProofRow(
        .link, .yes, .catalogue(pair.isStore ? "pcie.A2a" : "pcie.B2a"),
        "\(pair.isStore ? "a memory write" : "a read") does not pass a posted config write")
    }
    if pair.evidence == .readBack {
      return ProofRow(
        .link, .no, .catalogue("pcie.B4"), "the config read may have passed the config write")
    }
    let code = pair.isStore ? "pcie.A4" : "pcie.B4"
    return ProofRow(
      .link, .no, .catalogue(code),
      "\(pair.isStore ? "a memory write" : "a read") may pass a config write without completion")
  }

  private var afterAtDevice: ProofRow {
    let kept = isPosted && !pair.isAtBridge
    return ProofRow(
      .device, kept ? .yes : .no, kept ? .takesInOrder : .nothing,
      kept
        ? "the function takes the reset before the access behind it"
        : "the access may hit the device before the reset, or be killed by it")
  }
}
