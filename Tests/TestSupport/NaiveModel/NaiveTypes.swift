/// The stage-1 type of an access: option, map, recorded attribute, or the kind of its region.
func naiveStage1(
  _ event: NaiveEvent, _ region: NaiveRegion, _ settings: NaiveSettings
) -> String {
  if let option = settings.stage1[region.name] ?? settings.stage1["all"] { return option }
  if let byte = region.stage1 ?? event.attribute { return naiveType(ofAttribute: byte) }
  switch region.kind {
  case "bar": return "normal-nc"
  case "platform": return "device-ngnre"
  case "ecam": return "device-ngnrne"
  default: preconditionFailure("unknown kind of region: \(region.kind)")
  }
}

/// The type under a policy.
func naiveEffective(
  _ stage1: String, _ region: NaiveRegion, _ settings: NaiveSettings
) -> String {
  switch settings.policy {
  case "none": return stage1
  case "kvm-device": return naiveCombine(stage1, 1, fwb: settings.fwb)
  case "kvm-normal-nc": return naiveCombine(stage1, region.vfio ? 5 : 1, fwb: settings.fwb)
  default: preconditionFailure("unknown policy: \(settings.policy)")
  }
}

extension NaiveProgram {
  /// The effective type of an access, and the first stage that made it Device.
  ///
  /// - Parameter event: A store or load in a region.
  /// - Returns: One of ``naiveTypes``; no stage for Normal types.
  public func naiveType(of event: NaiveEvent) -> (type: String, stage: Int?) {
    guard let index = regionIndex(of: event) else {
      preconditionFailure("address in no region: \(event.address)")
    }
    let stage1 = naiveStage1(event, regions[index], settings)
    let type = naiveEffective(stage1, regions[index], settings)
    return (type, naiveIsDevice(type) ? (naiveIsDevice(stage1) ? 1 : 2) : nil)
  }
}
