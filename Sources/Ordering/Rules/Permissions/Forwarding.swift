/// A load may be served from the buffer of an earlier store of the same agent.
struct Forwarding: Permission {
  let info = RuleInfo(
    "arm.forwarding",
    "A GRE or Normal-NC load may be served from the buffer of an earlier store, no barrier between",
    source: "Arm ARM DDI 0487, B2.10.2.1 Gathering, note", effect: .permits)
}
