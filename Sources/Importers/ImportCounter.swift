import TraceCore

/// What importers count: everything they left out, repaired or assumed.
enum ImportCounter: Int, CaseIterable {
  case unknownLine, continuationLine, blankLine, cutLastLine, unterminatedLastLine, badRecord
  case interruptMessage, deviceAccess, portAccess, subpageAccess, ramDeviceAccess
  case configMirror, configWithoutDecoded, configSizeAssumed, configBusAssumed
  case wideValue, resetAttempt, failedHotReset
  case foldedBarrier, orderedElsewhere, otherInstruction, single64InPieces, ecamAssumed
  case unresolvedAccess, noEndLine
  case lowBAR, surplusBAR, otherWindow, threadRenumbered, unusedMapRegion

  /// Stable name, severity and sentence for the report.
  private var row: (name: String, severity: TraceCounter.Severity, meaning: String) {
    switch self {
    case .unknownLine:
      ("unknown_line", .info, "lines that are no event of the format")
    case .continuationLine:
      ("continuation_line", .info, "indented lines that continue an event")
    case .blankLine:
      ("blank_line", .info, "empty lines")
    case .cutLastLine:
      (
        "cut_last_line", .dataLoss,
        "the last line has no line end and is no whole record: the capture was cut off in it"
      )
    case .unterminatedLastLine:
      (
        "unterminated_last_line", .info,
        "the last line has no line end; it was read as if it were whole"
      )
    case .badRecord:
      ("bad_record_skipped", .dataLoss, "records that break their grammar, skipped as asked")
    case .interruptMessage:
      (
        "interrupt_message_dropped", .info,
        "accesses to the interrupt controller's message window and the local APIC, left out"
      )
    case .deviceAccess:
      (
        "device_access_dropped", .info,
        "accesses by devices or the main loop (cpu -1), not by the guest, left out"
      )
    case .portAccess:
      ("port_access_dropped", .info, "port I/O (addresses below 64 KiB), left out")
    case .subpageAccess:
      (
        "subpage_access_dropped", .info,
        "memory_region_subpage_* events, which repeat an access of memory_region_ops_*"
      )
    case .ramDeviceAccess:
      (
        "ram_device_access_dropped", .info,
        "memory_region_ram_device_* events, which repeat an access of memory_region_ops_*"
      )
    case .configMirror:
      (
        "config_access_paired", .info,
        "config accesses logged twice and taken once: decoded, and as access to a window or port"
      )
    case .configWithoutDecoded:
      (
        "config_access_decoded_here", .info,
        "config accesses without a pci_cfg_* event (absent function, or event not enabled), "
          + "decoded from their address"
      )
    case .configSizeAssumed:
      (
        "config_size_assumed", .info,
        "config accesses whose size is not logged: assumed the largest aligned one"
      )
    case .configBusAssumed:
      ("config_bus_assumed", .info, "config accesses whose bus is not logged: assumed bus 0")
    case .wideValue:
      ("wide_value", .info, "values wider than their access, truncated to it")
    case .resetAttempt:
      (
        "reset_attempt", .info,
        "resets that VFIO began; one that took place has an event, and a record, of its own"
      )
    case .failedHotReset:
      ("hot_reset_failed", .info, "hot resets that failed; no reset took place")
    case .foldedBarrier:
      (
        "barrier_folded", .info,
        "barriers that the capture counts with another of their kind, between the same two accesses"
      )
    case .orderedElsewhere:
      (
        "ordered_access_elsewhere", .info,
        "loads with acquire and stores with release to memory that is not recorded, left out"
      )
    case .otherInstruction:
      (
        "other_instruction", .info,
        "speculation barriers, maintenance and exception instructions, left out"
      )
    case .single64InPieces:
      (
        "single64_in_pieces", .info,
        "accesses of ST64B or LD64B that are recorded in pieces, and so not as one of 64 bytes"
      )
    case .ecamAssumed:
      (
        "ecam_window_assumed", .info,
        "windows of config space whose place was taken from QEMU's machine virt"
      )
    case .unresolvedAccess:
      (
        "unresolved_access", .dataLoss,
        "accesses for which QEMU had no address any more; those to RAM among them"
      )
    case .noEndLine:
      ("no_end_line", .dataLoss, "the stream has no #end line: QEMU was ended by force")
    case .lowBAR:
      (
        "low_bar_ignored", .info,
        "BAR mappings below 64 KiB (I/O ports, or not programmed yet), not taken as windows"
      )
    case .surplusBAR:
      ("bar_window_ignored", .dataLoss, "BAR windows beyond the number that is kept")
    case .otherWindow:
      (
        "access_in_region_other", .dataLoss,
        "accesses beyond the number of regions kept, put in region 'other'"
      )
    case .threadRenumbered:
      (
        "thread_renumbered", .info,
        "threads that turned out to be another vCPU than their first records say"
      )
    case .unusedMapRegion:
      (
        "map_region_unused", .info,
        "regions of the map without a base that name nothing in the capture"
      )
    }
  }

  /// Adds an amount to the trace's table.
  func add(_ amount: UInt64, to context: TraceContext) {
    let row = self.row
    context.counters.add(row.name, amount, severity: row.severity, meaning: row.meaning)
  }
}

/// The counters of one import, cheap to add to; ``flush(into:)`` brings them to the context.
struct ImportCounters {
  private var amounts = [UInt64](repeating: 0, count: ImportCounter.allCases.count)

  subscript(counter: ImportCounter) -> UInt64 {
    @inline(__always) get { amounts[counter.rawValue] }
    @inline(__always) set { amounts[counter.rawValue] = newValue }
  }

  /// Moves the amounts to the trace's table.
  mutating func flush(into context: TraceContext) {
    for counter in ImportCounter.allCases where self[counter] > 0 {
      counter.add(self[counter], to: context)
      self[counter] = 0
    }
  }
}
