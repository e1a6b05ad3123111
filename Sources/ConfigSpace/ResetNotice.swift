/// What a capture's own words for a reset mean.
public enum ResetNotice {
  /// The name is that of what a bridge does: of a bridge it means the buses below.
  static func isBridges(named name: String) -> Bool {
    ["sbr", "bus_reset", "secondary_bus_reset"].contains(word(name))
  }

  /// The kind of reset, nil for a name that is not known.
  ///
  /// Names of QEMU's trace events, of Linux's `reset_method` and of this program's events; case,
  /// `-` for `_` and a `vfio_` or `pci_` prefix do not matter.
  public static func kind(named name: String) -> ConfigEvent.Kind? {
    switch word(name) {
    case "flr", "function_level_reset": return .functionLevelReset
    case "af_flr": return .advancedFeaturesReset
    case "pm", "pm_reset": return .pmReset
    case "hot", "hot_reset", "bus", "slot", "sbr", "bus_reset", "secondary_bus_reset":
      return .hotReset
    case "cxl_reset", "cxl": return .cxlReset
    // QEMU announces a reset so, before it picks and names the method.
    case "reset": return .resetRequested
    default: return nil
    }
  }

  private static func word(_ name: String) -> String {
    var word = String(
      name.lowercased().map { $0 == "-" ? "_" : $0 })
    for prefix in ["vfio_", "pci_", "reset_"] where word.hasPrefix(prefix) {
      word.removeFirst(prefix.count)
    }
    return word
  }
}
