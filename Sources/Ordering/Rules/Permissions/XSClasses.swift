/// FEAT_XS: Device accesses with different XS are not ordered.
struct XSClasses: Permission {
  static let id = "arm.xs"
  let info = RuleInfo(
    XSClasses.id, "nGnRE and nGnRnE accesses with different XS may arrive in either order",
    source: "Arm ARM DDI 0487, B2.4.1 Peripheral arrival order (FEAT_XS)", effect: .permits)
}
