/// The events of QEMU's trace that become records, or change what records mean.
///
/// Names and formats: `trace-events` files of QEMU 5.2 to 10.2 (system or softmmu, hw/pci,
/// hw/vfio).
enum QEMUEvent: Int, CaseIterable {
  case opsRead, opsWrite, subpageRead, subpageWrite, ramDeviceRead, ramDeviceWrite
  case regionRead, regionWrite, vfioConfigRead, vfioConfigWrite
  case configRead, configWrite, mappingsAdd, mappingsDelete
  case regionSetup, reset, hotReset, resetFLR, resetPM, hotResetResult

  var name: StaticString {
    switch self {
    case .opsRead: "memory_region_ops_read"
    case .opsWrite: "memory_region_ops_write"
    case .subpageRead: "memory_region_subpage_read"
    case .subpageWrite: "memory_region_subpage_write"
    case .ramDeviceRead: "memory_region_ram_device_read"
    case .ramDeviceWrite: "memory_region_ram_device_write"
    case .regionRead: "vfio_region_read"
    case .regionWrite: "vfio_region_write"
    case .vfioConfigRead: "vfio_pci_read_config"
    case .vfioConfigWrite: "vfio_pci_write_config"
    case .configRead: "pci_cfg_read"
    case .configWrite: "pci_cfg_write"
    case .mappingsAdd: "pci_update_mappings_add"
    case .mappingsDelete: "pci_update_mappings_del"
    case .regionSetup: "vfio_region_setup"
    case .reset: "vfio_pci_reset"
    case .hotReset: "vfio_pci_hot_reset"
    case .resetFLR: "vfio_pci_reset_flr"
    case .resetPM: "vfio_pci_reset_pm"
    case .hotResetResult: "vfio_pci_hot_reset_result"
    }
  }
}

/// Finds event names, and counts the events that are no concern of ours by name.
struct QEMUEventTable {
  private let names = NameTable(QEMUEvent.allCases.map(\.name))
  var others = OtherEvents(meaning: "events that are no access, config access, mapping or reset")

  /// The event of a name; nil for another one.
  @inline(__always)
  func event(_ range: Range<Int>, _ bytes: Span<UInt8>) -> QEMUEvent? {
    names.known(range, in: bytes).flatMap(QEMUEvent.init(rawValue:))
  }
}
