import TraceCore

/// Of trace-cmd's file.
extension ImportCounter {
  static let otherBuffer = ImportCounter(
    "other_buffer", .dataLoss,
    "buffers (instances) beside the main one in a trace.dat file, not read")

  static let vcpuNotice = ImportCounter(
    "vcpu_notice", .info,
    "kvm_entry and kvm_exit events, which tell a thread's vCPU and where its guest was")
}
