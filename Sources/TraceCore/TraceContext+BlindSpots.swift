// What several rooms say, or take back, of a capture.
extension TraceContext {
  /// The blind spot of a capture that has a device's config accesses alone.
  public static let hiddenBARs =
    "Config accesses but no BAR access: a BAR that is mapped into the guest never traps, so its "
    + "accesses are not in the log (VFIO: use x-no-mmap=on)."

  /// The blind spot of a capture that knows threads of the host instead of vCPUs.
  public static let threadsAsVCPUs =
    "vfio_* events name no vCPU: numbers stand for host threads in order of first appearance, QEMU's "
    + "own included."
}
