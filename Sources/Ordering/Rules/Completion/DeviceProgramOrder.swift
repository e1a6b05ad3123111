/// A device's own writes leave it in its program order.
struct DeviceProgramOrder: OrderRule {
  static let id = "device.program-order"
  let info = RuleInfo(
    DeviceProgramOrder.id, "A device posts its writes, and changes its registers, in order",
    source: "PCI Express Base Specification 5.0, 2.4.1: producer/consumer model", status: .assumed)

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.first.isByDevice, !pair.isSameInstruction else { return [] }
    let scene = pair.scene
    return [
      Constraint(from: scene.departure(pair.first), to: scene.departure(pair.second))
    ]
  }
}
