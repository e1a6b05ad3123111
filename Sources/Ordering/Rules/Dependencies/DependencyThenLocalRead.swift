/// A store whose address or data is not known yet cannot serve a load.
struct DependencyThenLocalRead: DependencyRule {
  let info = RuleInfo(
    "arm.dob.local-read",
    "A load is ordered before a load of what a store that depends on it has stored",
    source: "Arm ARM DDI 0487, B2.3 Dependency-ordered-before; aarch64.cat (herdtools7) dob "
      + "(addr | data);lrs")

  func orders(_ pair: Pair) -> Bool {
    guard !pair.second.isStore, let place = pair.localStore,
      case .access(let store) = pair.between[place]
    else { return false }
    return pair.depends(on: store.addressDependencies + store.dataDependencies, usedAt: place)
  }
}

extension Pair {
  /// Place of the last store between to bytes of the second, with the same attributes.
  fileprivate var localStore: Int? {
    guard second.access >= 0 else { return nil }
    let own = scene.site(of: second)
    return between.indices.last { place in
      guard case .access(let access) = between[place], access.direction == .store else {
        return false
      }
      let site = scene.layout.sites[scene.layout.siteOf[second.agent][place]]
      return site.location.peripheral == second.peripheral && site.faultStage == nil
        && site.attributes == own.attributes && site.addresses.overlaps(second.addresses)
    }
  }
}
