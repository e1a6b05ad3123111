public import TraceCore

/// What the tracking met and went on without; counted, never guessed at.
public enum ConfigOddity: Int, Sendable, CaseIterable {
  case unknownCapability, unknownHeaderType, assumedBridge, unknownPortType
  case unknownNoSoftReset
  case unknownDPCStatus, unknownValue, unknownBusRange, unknownResetNotice
  case maskedBusReset, deviceReplaced, allOnesRead
  case capabilityLoop, capabilityInHeader, capabilityAllOnes
  case malformedAccess, functionLimit
  case resetWhileResetting, linkNeverSeen, unknownLinkSpeed, busRenumbered
  case unknownVirtualFunctions, retryRead, shortBusReset, releaseWhileBusy, slowToBeReady
  case unseenRelease, cutOffWrite

  /// Name of the counter.
  public var name: String {
    switch self {
    case .unknownCapability: "config_unknown_capability"
    case .unknownHeaderType: "config_unknown_header_type"
    case .assumedBridge: "config_assumed_bridge"
    case .unknownPortType: "config_unknown_port_type"
    case .unknownNoSoftReset: "config_unknown_no_soft_reset"
    case .unknownDPCStatus: "config_unknown_dpc_status"
    case .unknownValue: "config_unknown_value"
    case .unknownBusRange: "config_unknown_bus_range"
    case .unknownResetNotice: "config_unknown_reset_notice"
    case .maskedBusReset: "config_masked_bus_reset"
    case .deviceReplaced: "config_device_replaced"
    case .allOnesRead: "config_all_ones_read"
    case .capabilityLoop: "config_capability_loop"
    case .capabilityInHeader: "config_capability_in_header"
    case .capabilityAllOnes: "config_capability_all_ones"
    case .malformedAccess: "config_malformed_access"
    case .functionLimit: "config_function_limit"
    case .resetWhileResetting: "config_reset_while_resetting"
    case .linkNeverSeen: "config_link_never_seen"
    case .unknownLinkSpeed: "config_unknown_link_speed"
    case .busRenumbered: "config_bus_renumbered"
    case .unknownVirtualFunctions: "config_unknown_virtual_functions"
    case .retryRead: "config_retry_read"
    case .shortBusReset: "config_short_bus_reset"
    case .releaseWhileBusy: "config_dpc_release_busy"
    case .slowToBeReady: "config_slow_to_be_ready"
    case .unseenRelease: "config_unseen_release"
    case .cutOffWrite: "config_cut_off_write"
    }
  }

  /// One sentence for the report.
  public var meaning: String {
    switch self {
    case .unknownCapability:
      "Config writes to a capability that the capture does not show; no reset was read into them."
    case .unknownHeaderType:
      "Config writes whose meaning depends on a header type that the capture does not show."
    case .assumedBridge:
      "Functions of a header type that the capture does not show, taken for bridges: Secondary Bus"
        + " Reset was written where a type 0 header has the read-only Min_Gnt."
    case .unknownPortType:
      "Link or slot control writes to a port whose type the capture does not show."
    case .unknownNoSoftReset:
      "Power state changes without a known No_Soft_Reset bit; taken as no reset."
    case .unknownDPCStatus: "DPC status cleared while its trigger state was unknown."
    case .unknownValue: "Config writes without a value to registers that can reset a function."
    case .unknownBusRange: "Bridge resets whose buses below are unknown."
    case .unknownResetNotice: "Reset notices of a kind that is not known."
    case .maskedBusReset: "Secondary bus resets that a CXL port masks."
    case .deviceReplaced: "Functions whose identity changed; what was known of them was dropped."
    case .allOnesRead: "Config reads that returned all ones; nothing was learnt from them."
    case .capabilityLoop: "Capability lists that run in a circle; cut there."
    case .capabilityInHeader: "Capability lists that point into the header; cut there."
    case .capabilityAllOnes: "Capability entries that are all ones; the list was cut there."
    case .malformedAccess: "Config accesses of an impossible size or beyond 4 KiB; ignored."
    case .functionLimit: "Config accesses to functions beyond the number that is tracked; ignored."
    case .resetWhileResetting:
      "Resets of functions that were still within the recovery window of another one."
    case .linkNeverSeen:
      "Resets under a port above 5 GT/s after which no read shows Data Link Active: the"
        + " window is the least it can be, from the release."
    case .unknownLinkSpeed:
      "Resets under a port whose link speed the capture does not show; the window starts at"
        + " the release."
    case .busRenumbered:
      "Bridges whose secondary bus got another number; functions are told apart by number alone."
    case .unknownVirtualFunctions:
      "Virtual functions reset or disabled whose numbers the capture does not show."
    case .retryRead: "Vendor ID reads that returned 0x0001: the function asked for a retry."
    case .shortBusReset: "Secondary bus resets held for less than the least time."
    case .releaseWhileBusy:
      "DPC triggers cleared although the last status read showed the root port busy."
    case .slowToBeReady:
      "Functions that still asked for a retry, or returned all ones, after the time in which"
        + " a device has to be ready."
    case .unseenRelease:
      "Resets held, and power states, that nothing shows the end of, but a read that they are over,"
        + " a write without a value or lost events: the window is the least it can be."
    case .cutOffWrite:
      "Config writes to functions below a port that held its link down; they reached nobody."
    }
  }

  /// Limits and malformed records lose data; the rest is information.
  public var severity: TraceCounter.Severity {
    switch self {
    case .malformedAccess, .functionLimit: .dataLoss
    default: .info
    }
  }
}
