import ArmMemory

/// A nGnRnE write completes at the endpoint, where the endpoint acknowledges.
///
/// Config writes do; PCIe's posted memory writes do not, so that nE on a BAR does not mean "reached
/// the device".
struct EndpointAcknowledgement: Rule {
  static let id = "arm.completion.endpoint"
  let info = RuleInfo(
    EndpointAcknowledgement.id,
    "A nGnRnE write completes when its endpoint has it, where that acknowledges writes",
    source: "Arm ARM DDI 0487, B2.10.2.3 Early Write Acknowledgement, B2.4.1")
}
