/// Normal memory may be read without an instruction asking for it, or more often than it asks.
struct Speculation: Permission {
  static let id = "arm.speculation"
  let info = RuleInfo(
    Speculation.id, "Normal-NC may be read speculatively, and a read may be repeated",
    source: "Arm ARM DDI 0487, B2.10.2 and B2.11: only Device types forbid it", effect: .permits)
}
