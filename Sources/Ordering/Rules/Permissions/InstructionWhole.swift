/// The parts of one instruction may reach the endpoint as one transaction, on every type.
struct InstructionWhole: Permission {
  static let id = "arm.instruction-whole"
  let info = RuleInfo(
    InstructionWhole.id,
    "The memory system need not see the elements of one instruction apart, even on Device",
    source: "Arm ARM DDI 0487, B2.10.2.4 Multi-register loads and stores", effect: .permits)
}
