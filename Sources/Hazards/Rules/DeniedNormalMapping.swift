import Results

/// MAP002: Normal memory is asked for where KVM keeps Device.
struct DeniedNormalMapping: HazardRule {
  let code = "MAP002"
  let meaning = "Normal memory is asked for where KVM keeps Device"
  let severity = Finding.Severity.note
  let rule =
    "KVM gives Normal-NC only to mappings that carry VM_ALLOW_ANY_UNCACHED, which vfio-pci sets on "
    + "BARs; others stay Device-nGnRE, and an executable mapping of either type is refused with "
    + "-EINVAL (Linux 6.9, KVM series \"allow VM to select normal-NC\" v9, patches 1, 3 and 4)"
  let advice = "Do not expect gathering there; map only BARs of assigned devices write-combining"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.deniedNormal] {
      tally.add(incident, count: incident.first, detail: ())
    }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "accesses ask for Normal memory and stay Device-nGnRE: "
          + Self.reason(MappingDenial(rawValue: row.first.second)))
    }
  }

  private static func reason(_ denial: MappingDenial?) -> String {
    switch denial {
    case .platformWindow: "a platform window is no BAR of an assigned device"
    case .configWindow: "an ECAM window is no BAR of an assigned device"
    case .mapSaysNo: "the map says vfio: false"
    case .notMappable: "vfio-pci does not let the region be mapped"
    case nil: "the region is not eligible"
    }
  }
}
