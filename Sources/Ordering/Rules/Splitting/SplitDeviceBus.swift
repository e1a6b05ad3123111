import ArmMemory

/// Device accesses are at most as wide as the bus.
struct SplitDeviceBus: SplitRule {
  let info = RuleInfo(
    "practice.split.bus", "A Device access wider than the bus becomes several, in any order",
    source: "Implementation: width of the interconnect's Device path", status: .assumed,
    effect: .permits)

  func pieces(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> [Int]? {
    guard attributes.memoryType.isDevice, !access.isSingle64,
      access.size > scene.options.deviceBusBytes
    else { return nil }
    return cut(access.size, into: scene.options.deviceBusBytes)
  }
}
