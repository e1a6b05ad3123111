/// A write may count as complete before it has reached the endpoint.
struct EarlyAcknowledgement: Permission {
  static let id = "arm.early-acknowledgement"
  let info = RuleInfo(
    EarlyAcknowledgement.id,
    "A write to Normal-NC or an E type completes when all observers see it, before its endpoint",
    source: "Arm ARM DDI 0487, B2.10.2.3 Early Write Acknowledgement", effect: .permits)
}
