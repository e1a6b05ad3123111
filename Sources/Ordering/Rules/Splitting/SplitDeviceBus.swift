import ArmMemory

/// Device accesses are at most as wide as the bus.
///
/// One whose instruction is not known, of 12 bytes for example, is cut so as well; what gathers does so
/// line by line.
struct SplitDeviceBus: SplitRule {
  let info = RuleInfo(
    "practice.split.bus", "A Device access wider than the bus becomes several, in any order",
    source: "Implementation: width of the interconnect's Device path", status: .assumed,
    effect: .permits)

  func pieces(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> [Int]? {
    let type = attributes.memoryType
    guard type.isDevice, !access.isSingle64 else { return nil }
    let bus = scene.options.deviceBusBytes
    var pieces: [Int] = []
    var offset = 0
    while offset < access.size {
      var piece = min(bus - offset % bus, access.size - offset)
      if PropertyMatrix.verdict(.gathering, type) != .forbidden {
        let line = UInt64(scene.options.lineBytes)
        piece = min(piece, Int(line - (scene.address + UInt64(offset)) % line))
      }
      pieces.append(piece)
      offset += piece
    }
    return pieces.count > 1 ? pieces : nil
  }
}
