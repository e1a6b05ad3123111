public import TraceCore

/// What the tracking met and went on without; counted, never guessed at.
public enum ConfigOddity: Int, Sendable, CaseIterable {
  case unknownCapability, unknownHeaderType, unknownPortType, unknownNoSoftReset
  case unknownDPCStatus, unknownValue, unknownBusRange, unknownResetNotice
  case maskedBusReset, deviceReplaced, allOnesRead
  case capabilityLoop, capabilityInHeader, capabilityAllOnes
  case malformedAccess, functionLimit

  /// Name of the counter.
  public var name: String {
    switch self {
    case .unknownCapability: "config_unknown_capability"
    case .unknownHeaderType: "config_unknown_header_type"
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
    }
  }

  /// One sentence for the report.
  public var meaning: String {
    switch self {
    case .unknownCapability:
      "Config writes to a capability that the capture does not show; no reset was read into them."
    case .unknownHeaderType:
      "Config writes whose meaning depends on a header type that the capture does not show."
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
