import TraceCore

/// Of trace-cmd's file.
extension ImportCounter {
  static let badEvent = ImportCounter(
    "bad_event_dropped", .dataLoss,
    "events of a known kind that are too short for their fields, or hold an impossible size")

  static let otherBuffer = ImportCounter(
    "other_buffer", .dataLoss,
    "buffers (instances) beside the main one in a trace.dat file, not read")

  static let vcpuNotice = ImportCounter(
    "vcpu_notice", .info,
    "kvm_entry and kvm_exit events, which tell a thread's vCPU and where its guest was")
}
