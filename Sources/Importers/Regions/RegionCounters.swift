import TraceCore

/// What goes wrong where regions are looked up or mapped.
extension ImportCounter {
  static let lowBAR = ImportCounter(
    "low_bar_ignored", .info,
    "BAR mappings below 64 KiB (I/O ports, or not programmed yet), not taken as windows")

  static let surplusBAR = ImportCounter(
    "bar_window_ignored", .dataLoss, "windows beyond the number that is kept")

  static let otherWindow = ImportCounter(
    "access_in_region_other", .dataLoss,
    "accesses beyond the number of regions kept, put in region 'other'")

  static let acrossWindows = ImportCounter(
    "access_across_windows", .dataLoss,
    "accesses across a whole MiB of a VFIO region whose size is not known, put in region 'other'")

  static let unusedMapRegion = ImportCounter(
    "map_region_unused", .info,
    "regions of the map without a base that name nothing in the capture")

  static let repairedName = ImportCounter(
    "name_repaired", .info,
    "names that are no UTF-8: what is none shows as U+FFFD, and different ones may look alike")
}
