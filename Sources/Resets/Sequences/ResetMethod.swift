public import ConfigSpace

/// A known way to reset a function: the steps that its code takes, in order.
public struct ResetMethod: Sendable, Equatable {
  /// Who tells of the event.
  public enum Origin: Sendable, Equatable { case access, notice, either }

  public var id: String
  /// As reports write it: `pci_reset_function, method flr`.
  public var name: String
  /// Source file and functions.
  public var source: String
  /// Events that it resets by.
  public var events: Set<ConfigEvent.Kind>
  public var origin: Origin
  /// Steps without which it is not this method.
  public var marks: Set<SequenceStep>
  /// Steps before the reset that rule it out.
  public var excludes: Set<SequenceStep> = []
  /// Steps that its code takes, in order.
  public var steps: [SequenceStep]
}

extension ResetMethod {
  private static let linux = "Linux 6.18 drivers/pci/pci.c "
  private static let prologue: [SequenceStep] = [.save, .commandOff]
  private static let epilogue: [SequenceStep] = [.readyPoll, .restore, .memoryOn]
  private static let bridge: [SequenceStep] = [.controlRead, .reset, .release, .linkWait, .wait]

  /// Every method, the more special first: the first whose marks were seen is taken.
  public static let all: [ResetMethod] = [
    ResetMethod(
      id: "linux-flr", name: "pci_reset_function, method flr",
      source: linux + "pci_reset_function, pci_dev_save_and_disable, pcie_flr, pci_dev_wait",
      events: [.functionLevelReset], origin: .access, marks: [.save, .commandOff],
      steps: prologue + [.pendingPoll, .controlRead, .reset, .wait] + epilogue),
    ResetMethod(
      id: "linux-af-flr", name: "pci_reset_function, method af_flr",
      source: linux + "pci_af_flr", events: [.advancedFeaturesReset], origin: .access,
      marks: [.save, .commandOff],
      steps: prologue + [.pendingPoll, .reset, .wait] + epilogue),
    ResetMethod(
      id: "linux-pm", name: "pci_reset_function, method pm", source: linux + "pci_pm_reset",
      events: [.pmResetStart], origin: .access, marks: [.save, .commandOff],
      steps: prologue + [.controlRead, .reset, .release, .wait] + epilogue),
    ResetMethod(
      id: "linux-cxl-bus", name: "pci_reset_function, method cxl_bus",
      source: linux + "cxl_reset_bus_function", events: [.busResetAssert], origin: .access,
      marks: [.save, .commandOff, .unmask], steps: prologue + [.unmask] + bridge + epilogue),
    ResetMethod(
      id: "linux-bus", name: "pci_reset_function, method bus",
      source: linux + "pci_reset_bus_function, pci_reset_secondary_bus, "
        + "pci_bridge_wait_for_secondary_bus; drivers/pci/hotplug/pciehp_hpc.c pciehp_reset_slot",
      events: [.busResetAssert], origin: .access, marks: [.save, .commandOff],
      steps: prologue + bridge + epilogue),
    ResetMethod(
      id: "vfio-close-flr", name: "VFIO: close of the device, method flr",
      source: "Linux 6.18 drivers/vfio/pci/vfio_pci_core.c vfio_pci_core_disable; "
        + "drivers/pci/pci.c __pci_reset_function_locked",
      events: [.functionLevelReset, .advancedFeaturesReset], origin: .access,
      marks: [.commandOff], excludes: [.save],
      steps: [.busMasterOff, .commandOff, .pendingPoll, .controlRead, .reset, .wait] + epilogue),
    ResetMethod(
      id: "vfio-close-pm", name: "VFIO: close of the device, method pm",
      source: "Linux 6.18 drivers/vfio/pci/vfio_pci_core.c vfio_pci_core_disable",
      events: [.pmResetStart], origin: .access, marks: [.commandOff], excludes: [.save],
      steps: [.busMasterOff, .commandOff, .controlRead, .reset, .release, .wait] + epilogue),
    ResetMethod(
      id: "vfio-close-bus", name: "VFIO: close of the device, method bus",
      source: "Linux 6.18 drivers/vfio/pci/vfio_pci_core.c vfio_pci_core_disable; "
        + "drivers/pci/pci.c __pci_reset_function_locked",
      events: [.busResetAssert], origin: .access, marks: [.commandOff], excludes: [.save],
      steps: [.busMasterOff, .commandOff] + bridge + epilogue),
    ResetMethod(
      id: "linux-dpc", name: "DPC recovery",
      source: "Linux 6.18 drivers/pci/pcie/dpc.c dpc_reset_link", events: [.dpcTrigger],
      origin: .access, marks: [], steps: [.reset, .release, .linkWait, .wait] + epilogue),
    ResetMethod(
      id: "qemu-vm-reset", name: "VFIO: QEMU VM reset",
      source: "QEMU hw/vfio/pci.c vfio_pci_pre_reset, vfio_pci_reset, vfio_pci_post_reset",
      events: [.functionLevelReset, .pmReset, .hotReset, .unknownReset, .advancedFeaturesReset],
      origin: .notice, marks: [.commandClear],
      steps: [.commandClear, .reset, .restore, .memoryOn]),
    ResetMethod(
      id: "vfio-hot-reset", name: "VFIO: hot reset of the device set",
      source: "Linux 6.18 drivers/vfio/pci/vfio_pci_core.c vfio_pci_ioctl_pci_hot_reset",
      events: [.hotReset], origin: .notice, marks: [], steps: [.reset, .restore, .memoryOn]),
    ResetMethod(
      id: "vfio-device-reset", name: "VFIO: device reset",
      source: "Linux 6.18 drivers/vfio/pci/vfio_pci_core.c vfio_pci_ioctl_reset",
      events: [.functionLevelReset, .pmReset, .advancedFeaturesReset, .cxlReset, .unknownReset],
      origin: .notice, marks: [], steps: [.reset, .restore, .memoryOn]),
    ResetMethod(
      id: "link-disable", name: "Link Disable at the port",
      source: "Linux 6.18 drivers/pci/hotplug/pciehp_hpc.c pciehp_link_disable",
      events: [.linkDisable], origin: .access, marks: [],
      steps: [.reset, .release, .linkWait, .wait] + epilogue),
    ResetMethod(
      id: "slot-power", name: "slot power off and on",
      source: "Linux 6.18 drivers/pci/hotplug/pciehp_hpc.c pciehp_power_off_slot",
      events: [.slotPowerOff], origin: .access, marks: [],
      steps: [.reset, .release, .linkWait, .wait] + epilogue),
    ResetMethod(
      id: "power-state", name: "D3hot and back, which resets where No_Soft_Reset is 0",
      source: "Linux 6.18 drivers/pci/pci.c pci_set_low_power_state, pci_power_up; "
        + "drivers/vfio/pci/vfio_pci_core.c vfio_pci_set_power_state",
      events: [.pmResetStart], origin: .access, marks: [],
      steps: [.reset, .release, .wait, .restore, .memoryOn]),
    ResetMethod(
      id: "cxl-reset", name: "CXL reset", source: "CXL 3.0, section 8.1.3.7",
      events: [.cxlReset], origin: .access, marks: [], steps: [.reset, .wait] + epilogue),
    bare,
  ]

  /// What is left: a register written without any of a method's steps.
  public static let bare = ResetMethod(
    id: "bare-write", name: "bare config write (setpci, or a driver of its own)",
    source: "none of the methods' steps was seen", events: Set(ConfigEvent.Kind.allCases),
    origin: .either, marks: [], steps: [.pendingPoll, .reset, .wait] + epilogue)

  /// BAR sizing of a probe: no reset, but MMIO must stay away.
  public static let barSizing = ResetMethod(
    id: "bar-sizing", name: "BAR sizing of a probe",
    source: "Linux 6.18 drivers/pci/probe.c pci_read_bases, __pci_read_base",
    events: [.barSizing], origin: .access, marks: [.sizing], steps: [.sizing])

  /// The method of an event, by what came before it.
  static func of(
    _ kind: ConfigEvent.Kind, isNotice: Bool, seen: Set<SequenceStep>
  ) -> ResetMethod {
    all.first { method in
      method.events.contains(kind) && method.origin != (isNotice ? .access : .notice)
        && method.marks.isSubset(of: seen) && method.excludes.isDisjoint(with: seen)
    } ?? bare
  }
}
