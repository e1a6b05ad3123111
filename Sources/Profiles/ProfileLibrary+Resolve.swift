import ArmMemory
import PCIeModel
import Results
public import TraceCore
import YAMLInput

extension ProfileLibrary {
  /// Everything a scenario runs under.
  ///
  /// - Parameters:
  ///   - cpu: Name or file of a CPU profile.
  ///   - rc: Name or file of a root complex profile.
  ///   - link: `genGxL[,mps=…,mrrs=…,rcb=…,ph=…,pd=…]`; nil where the user named none.
  ///   - device: Name or file of a device profile.
  ///   - overrides: `KEY=VALUE`, `KEY=LOW..HIGH` (a number or time in that range) or `KEY=a|b` by
  ///     dotted key, each key once; they win over all else, and one value ends a range.
  /// - Returns: The models' configuration and every effective value with its source.
  /// - Throws: ``TraceError`` with code `configuration`, or `io` for a file.
  public func resolve(
    cpu: String = defaultCPU, rc: String = defaultRootComplex, link: String? = nil,
    device: String = defaultDevice, overrides: [String] = []
  ) throws(TraceError) -> ModelSettings {
    let cpuProfile = try load(.cpu, nameOrFile: cpu)
    let rcProfile = try load(.rc, nameOrFile: rc)
    let deviceProfile = try load(.device, nameOrFile: device)
    let linkName = try LinkName(link ?? Self.defaultLink)
    var values = cpuProfile.values + rcProfile.values + deviceProfile.values
    if let link {
      values += try linkValues(linkName, written: link)
    } else {
      // The generic profile's own values: nobody's choice but ours.
      values += try load(.link, nameOrFile: "generic").values
    }
    let changed = try values.apply(overrides, to: [.cpu, .rc, .link, .device])
    if !changed.contains("link.flit") { implyFlit(&values) }

    var settings = ModelSettings.blank
    for value in values { SettingKey.named(value.key)?.store(&settings, value.value) }
    try settings.checkTogether()
    try settings.narrowRanges(&values)
    settings.cpuName = cpuProfile.name
    settings.rootComplexName = rcProfile.name
    settings.deviceName = deviceProfile.name
    settings.values = values.map(\.setting).sorted { $0.key < $1.key }
    settings.nameSources()
    settings.linkName = linkName.text { key in
      settings.values.first { $0.key == key }?.value.text ?? ""
    }
    return settings
  }

  /// The values of a link by name: those of the generic profile, with what the name says.
  ///
  /// - Parameter link: As for ``resolve(cpu:rc:link:device:overrides:)``.
  /// - Returns: A profile of that name.
  /// - Throws: ``TraceError`` where the name is wrong.
  public func link(named link: String) throws(TraceError) -> Profile {
    var values = try linkValues(LinkName(link), written: link)
    implyFlit(&values)
    return Profile(
      kind: .link, name: link, summary: "A link by name", extends: "generic", values: values)
  }

  private func linkValues(
    _ name: LinkName, written: String
  ) throws(TraceError) -> [SourcedValue] {
    var values = try load(.link, nameOrFile: "generic").values
    for (key, value) in name.values {
      let unit = SettingKey.named(key)?.unit ?? ""
      values.put(
        SourcedValue(
          key: key, value: value, unit: unit, source: "--link \(written)", status: .user))
    }
    return values
  }

  /// Generations 6 and 7 have no other mode; a `--set` against it is left to the check.
  private func implyFlit(_ values: inout [SourcedValue]) {
    guard case .integer(let generation)? = values.first(where: { $0.key == "link.gen" })?.value,
      generation >= 6
    else { return }
    let required =
      "PCI Express Base Specification 6.0: flit mode is required at 64.0 GT/s and above"
    values.put(
      SourcedValue(
        key: "link.flit", value: .flag(true), unit: "",
        source: generation == 6
          ? required : required + "; that a flit of 7.0 has the same layout is taken for granted",
        status: generation == 6 ? .specified : .assumed))
  }
}
