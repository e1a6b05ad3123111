import TraceCore

/// Of QEMU's trace events, whatever their back end.
extension ImportCounter {
  static let continuationLine = ImportCounter(
    "continuation_line", .info, "indented lines that continue an event")

  static let interruptMessage = ImportCounter(
    "interrupt_message_dropped", .info,
    "accesses to the interrupt controller's message window and the local APIC, left out")

  static let deviceAccess = ImportCounter(
    "device_access_dropped", .info,
    "accesses by devices or the main loop (cpu -1), not by the guest, left out")

  static let portAccess = ImportCounter(
    "port_access_dropped", .info, "port I/O (addresses below 64 KiB), left out")

  static let subpageAccess = ImportCounter(
    "subpage_access_dropped", .info,
    "memory_region_subpage_* events, which repeat an access of memory_region_ops_*")

  static let ramDeviceAccess = ImportCounter(
    "ram_device_access_dropped", .info,
    "memory_region_ram_device_* events, which repeat an access of memory_region_ops_*")

  static let configMirror = ImportCounter(
    "config_access_paired", .info,
    "config accesses logged twice and taken once: decoded, and as access to a window or port")

  static let configWithoutDecoded = ImportCounter(
    "config_access_decoded_here", .info,
    """
    config accesses without a pci_cfg_* event (absent function, or event not enabled), decoded \
    from their address
    """)

  static let configWindowDropped = ImportCounter(
    "config_window_access_dropped", .dataLoss,
    """
    accesses to memory-mapped config space that are no config access (of another size than 1, 2 \
    or 4 bytes, or across the end of a function's registers), left out
    """)

  static let configSizeAssumed = ImportCounter(
    "config_size_assumed", .info,
    "config accesses whose size is not logged: assumed the largest aligned one")

  static let configWithoutFunction = ImportCounter(
    "config_access_without_function", .dataLoss,
    "config accesses of VFIO devices whose name is no PCI function (hostdev0, a mediated device), "
      + "left out")

  static let configBusAssumed = ImportCounter(
    "config_bus_assumed", .info, "config accesses whose bus is not logged: assumed bus 0")

  static let resetAttempt = ImportCounter(
    "reset_attempt", .info,
    "resets that VFIO began; one that took place has an event, and a record, of its own")

  static let failedHotReset = ImportCounter(
    "hot_reset_failed", .info, "hot resets that failed; no reset took place")

  static let accessTwice = ImportCounter(
    "access_logged_twice", .dataLoss,
    """
    accesses of a VFIO device that look like those of a memory_region_ops_* event next to \
    them, and count twice: import a log with one of the two
    """)
}
