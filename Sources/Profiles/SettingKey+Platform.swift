import Containment

extension SettingKey {
  /// What decides what becomes of an access that its device fails.
  static let platform: [SettingKey] = platformLink + platformCPU

  private static let platformLink: [SettingKey] = [
    .word(
      .platform, "attachment", \.platform.attachment, "What the device hangs on: PCIe or the SoC."),
    .word(
      .platform, "failed_read", \.platform.failedRead,
      "What the CPU gets for a read that is answered with UR or CA, or whose link is down."),
    .word(
      .platform, "timed_out_read", \.platform.timedOutRead,
      "What the CPU gets for a read whose completion never comes."),
    .word(
      .platform, "poisoned_read", \.platform.poisonedRead,
      "What the CPU gets for a completion with poisoned data."),
    .word(
      .platform, "failed_write", \.platform.failedWrite,
      "What the CPU gets for a posted write that is lost."),
    .integer(
      .platform, "completion_timeout_us", "us", .integer(1...64_000_000),
      \.platform.completionTimeoutUs, "After which a read without a completion ends."),
    .word(
      .platform, "aer", \.platform.errorReporting, "Who handles PCIe error messages."),
    .word(
      .platform, "dpc", \.platform.portContainment,
      "From which severity on an error triggers Downstream Port Containment."),
    .word(
      .platform, "firmware_panics", \.platform.firmwarePanics,
      "From which severity on firmware that is first reports an error as fatal."),
  ]

  private static let platformCPU: [SettingKey] = [
    .word(
      .platform, "external_aborts", \.platform.externalAborts,
      "Who takes External aborts and SErrors: the kernel, or firmware (SCR_EL3.EA)."),
    .word(
      .platform, "device_load_abort", \.platform.deviceLoadAbort,
      "How an External abort of a Device load is taken."),
    .word(
      .platform, "normal_load_abort", \.platform.normalLoadAbort,
      "How an External abort of a Normal load is taken."),
    .word(
      .platform, "speculative_abort", \.platform.speculativeAbort,
      "What becomes of a bus error on a speculative read."),
    .word(
      .platform, "store_abort", \.platform.storeAbort,
      "How a bus error of a store is reported."),
    .word(
      .platform, "strict_store_abort", \.platform.strictStoreAbort,
      "How a bus error of a Device-nGnRnE store to a device of the SoC is taken."),
    .flag(.platform, "ras", \.platform.ras, "The CPU has the RAS extension."),
    .word(
      .platform, "error_class", \.platform.errorClass,
      "Class of such an error where it is not reported as a worse one."),
    .word(
      .platform, "serror_taken", \.platform.serrorTaken,
      "What the CPU is in when the SError is taken."),
  ]
}
