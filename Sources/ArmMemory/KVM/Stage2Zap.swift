/// How a BAR's mapping leaves stage 2, and what a later access meets.
///
/// vfio-pci zaps the BARs of a function when the guest clears Command.MEM and before a reset (Linux
/// drivers/vfio/pci/vfio_pci_config.c and vfio_pci_core.c).
public enum Stage2Zap {
  /// One step; the order is that of ``steps``.
  public struct Step: Sendable, Equatable {
    /// Who does it.
    public var actor: String
    public var action: String
    /// What is known to hold afterwards; empty where nothing new is.
    public var effect: String
  }

  /// From the guest's config write to the device's reset.
  ///
  /// The end of the fourth step is the last guarantee about the guest's stores: they have reached a
  /// serialisation point, and which one that is the architecture leaves open (C. Marinas, 13 October
  /// 2023, thread of message-id 20230907181459.18145-1-ankita@nvidia.com).
  public static let steps = [
    Step(
      actor: "vfio-pci", action: "take the memory lock for writing",
      effect: "no new host mapping of a BAR"),
    Step(
      actor: "vfio-pci", action: "unmap the VMAs of the BARs",
      effect: "host user space has no mapping; KVM's MMU notifier runs"),
    Step(
      actor: "KVM", action: "clear the stage-2 entries, DSB ISHST, TLBI by IPA",
      effect: "no new access uses the entries"),
    Step(
      actor: "KVM", action: "DSB ISH",
      effect: "accesses of every CPU that used the entries are complete"),
    Step(
      actor: "vfio-pci", action: "write Command or reset the function",
      effect: "a posted write still on its way meets a device without memory decoding"),
    Step(actor: "vfio-pci", action: "release the memory lock", effect: "waiting faults go on"),
  ]

  /// The function's state when the guest touches a zapped BAR.
  public enum State: String, Sendable, CaseIterable {
    /// The memory lock is held.
    case resetRunning = "reset-running"
    /// Command.MEM is clear.
    case memoryDisabled = "memory-disabled"
    /// Command.MEM is set again.
    case memoryEnabled = "memory-enabled"
  }

  /// What a guest's access meets.
  ///
  /// - Parameters:
  ///   - state: The function's state.
  ///   - fault: The access and its mapping.
  /// - Returns: The fault path's decision where the memory is enabled.
  public static func decide(_ state: State, _ fault: Stage2Fault) -> Stage2Decision {
    switch state {
    case .resetRunning: Stage2Decision(rule: .resetRunning, outcome: .waits)
    case .memoryDisabled: Stage2Decision(rule: .memoryDisabled, outcome: .refused(.noPage))
    case .memoryEnabled: fault.decide()
    }
  }
}
