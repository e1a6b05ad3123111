import TraceCore

/// What importers count: everything they left out, repaired or assumed.
enum ImportCounter: Int, CaseIterable {
  case unknownLine, continuationLine, blankLine, cutLastLine, unterminatedLastLine, badRecord
  case interruptMessage, deviceAccess, portAccess, subpageAccess, ramDeviceAccess
  case configMirror, configWithoutDecoded, configSizeAssumed, configBusAssumed
  case wideValue, resetAttempt, failedHotReset
  case headerLine, clockBackwards, readWithoutValue, missingPost, lonePost
  case openRead, valueCut, fastMMIO, noSyndrome, emulateNotice
  case cutLastRecord, skippedByte, badEvent, otherBuffer, vcpuNotice
  case undecodedAccess, undecodedCopy, lossPlaceUnknown, scriptLine, widePart
  case foldedBarrier, orderedElsewhere, otherInstruction, single64InPieces, ecamAssumed
  case unresolvedAccess, noEndLine
  case callerDropped
  case lowBAR, surplusBAR, otherWindow, threadRenumbered, unusedMapRegion, vcpuOfOtherMachine

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
    case .headerLine:
      ("header_line", .info, "lines of the capture's heading")
    case .clockBackwards:
      (
        "clock_backwards", .info,
        "events stamped earlier than the one before on their CPU, or in the file where it knows "
          + "no CPU; times are kept as recorded"
      )
    case .readWithoutValue:
      (
        "read_without_value", .info,
        "reads whose rwmmio_post_read event is not in the capture: their value is unknown"
      )
    case .missingPost:
      (
        "write_without_post", .info,
        "writes whose rwmmio_post_write event is not in the capture"
      )
    case .lonePost:
      (
        "post_without_access", .dataLoss,
        "rwmmio_post_* events whose access is not in the capture: its event was lost, or lies "
          + "before the start"
      )
    case .openRead:
      (
        "read_unanswered", .info,
        "unsatisfied reads of kvm_mmio that no read followed in their thread, left out"
      )
    case .valueCut:
      ("value_cut", .info, "accesses beyond 8 bytes, whose value is not held in full: left out")
    case .fastMMIO:
      (
        "fast_mmio_dropped", .dataLoss,
        "kvm_fast_mmio events: writes without length and value, left out"
      )
    case .noSyndrome:
      (
        "no_syndrome_dropped", .dataLoss,
        "kvm_mmio_nisv events: accesses whose size and value KVM could not tell, left out"
      )
    case .emulateNotice:
      ("emulate_notice", .info, "kvm_mmio_emulate events, which hold no access")
    case .cutLastRecord:
      (
        "cut_last_record", .dataLoss,
        "the last record is not there in full: the capture was cut off in it"
      )
    case .skippedByte:
      ("skipped_bytes", .dataLoss, "bytes between a damaged record and the next one that was found")
    case .badEvent:
      (
        "bad_event_dropped", .dataLoss,
        "events of a known kind that are too short for their fields, or hold an impossible size"
      )
    case .otherBuffer:
      (
        "other_buffer", .dataLoss,
        "buffers (instances) beside the main one in a trace.dat file, not read"
      )
    case .vcpuNotice:
      (
        "vcpu_notice", .info,
        "kvm_entry and kvm_exit events, which tell a thread's vCPU and where its guest was"
      )
    case .undecodedAccess:
      (
        "undecoded_access_dropped", .dataLoss,
        "UNKNOWN records: accesses by instructions that mmiotrace cannot decode, without width, "
          + "direction and value, left out"
      )
    case .undecodedCopy:
      (
        "undecoded_copy", .info,
        "of the UNKNOWN records, those of movs: one for each iteration of a copy from or to the "
          + "device"
      )
    case .lossPlaceUnknown:
      (
        "loss_place_unknown", .dataLoss,
        "lost events that only MARK lines tell of: where they were lost is not known; they stand "
          + "at the end"
      )
    case .scriptLine:
      ("script_line", .info, "Python statements that repeat the access of the line before")
    case .widePart:
      (
        "wide_access_part", .info,
        "accesses of 8 bytes that are parts of one wider access; they stand one by one"
      )
    case .foldedBarrier:
      (
        "barrier_folded", .info,
        "barriers that the capture counts with another of their kind, between the same two accesses"
      )
    case .orderedElsewhere:
      (
        "ordered_access_elsewhere", .info,
        "loads with acquire and stores with release to memory that is not recorded, left out: others "
          + "between the same two accesses order as much"
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
    case .callerDropped:
      (
        "caller_dropped", .info,
        "accesses whose caller is not kept: no symbol, one of more than 256 bytes, or one beyond "
          + "the first 65,536"
      )
    case .lowBAR:
      (
        "low_bar_ignored", .info,
        "BAR mappings below 64 KiB (I/O ports, or not programmed yet), not taken as windows"
      )
    case .surplusBAR:
      ("bar_window_ignored", .dataLoss, "windows beyond the number that is kept")
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
    case .vcpuOfOtherMachine:
      (
        "vcpu_of_other_machine", .info,
        "threads that are a vCPU whose number another thread has, as of a second virtual machine;"
          + " they got free numbers"
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
