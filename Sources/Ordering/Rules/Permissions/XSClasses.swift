/// FEAT_XS: Device accesses with different XS are not ordered.
struct XSClasses: Permission {
  let info = RuleInfo(
    "arm.xs", "nGnRE and nGnRnE accesses with different XS may arrive in either order",
    source: "Arm ARM DDI 0487, B2.4.1 Peripheral arrival order (FEAT_XS)", effect: .permits)
}
