/// Finds out what a machine can capture; needs no rights and changes nothing.
public struct CaptureProbe {
  private let machine: Machine

  /// - Parameter machine: The machine to ask.
  public init(_ machine: Machine) { self.machine = machine }

  /// Asks for everything.
  public func report() -> CaptureReport {
    let tracing = Tracing(machine)
    var sources = [tracing.source, tracing.rwmmio, tracing.kvmMMIO, tracing.mmiotrace]
    sources += [vfio, kvm]
    sources += QEMUProbe(machine).sources
    return CaptureReport(sources: sources)
  }

  private var kvm: CaptureSource {
    let device = "/dev/kvm"
    let exists = machine.exists(device)
    return CaptureSource(
      name: "kvm", answer: exists ? (machine.isReadable(device) ? .yes : .unknown) : .no,
      reason: exists
        ? "\(device) " + (machine.isReadable(device) ? "can be opened" : "is not yours to open")
        : "there is no \(device): guests are emulated here, and times are an emulator's",
      holds: "guests at full speed; what they do is seen by kvm_mmio or by QEMU", capture: [],
      importing: nil)
  }

  private var vfio: CaptureSource {
    let groups = machine.list("/sys/kernel/iommu_groups") ?? []
    let bound = (machine.list("/sys/bus/pci/drivers/vfio-pci") ?? []).filter { $0.contains(":") }
    let hasDevice = machine.exists("/dev/vfio/vfio") || machine.exists("/dev/vfio/devices")
    let answer: CaptureSource.Answer
    let reason: String
    if !hasDevice {
      answer = groups.isEmpty ? .no : .unknown
      reason =
        groups.isEmpty
        ? "no /dev/vfio/vfio and no IOMMU group in /sys/kernel/iommu_groups"
        : "\(groups.count) IOMMU groups, but no /dev/vfio/vfio: is the module vfio-pci loaded?"
    } else if groups.isEmpty {
      answer = .no
      reason = "/dev/vfio is there, but no IOMMU group in /sys/kernel/iommu_groups"
    } else {
      answer = .yes
      reason =
        "\(groups.count) IOMMU groups; bound to vfio-pci: "
        + (bound.isEmpty ? "no device yet" : bound.joined(separator: " "))
    }
    let device = bound.first ?? "0000:01:00.0"
    var capture: [String] = []
    if bound.isEmpty {
      capture = [
        "echo vfio-pci > /sys/bus/pci/devices/\(device)/driver_override   # as root",
        "echo \(device) > /sys/bus/pci/devices/\(device)/driver/unbind    # if it has a driver",
        "echo \(device) > /sys/bus/pci/drivers_probe",
      ]
    }
    capture.append(
      "qemu-system-aarch64 ... -device vfio-pci,host=\(device),x-no-mmap=on"
        + " -trace 'vfio_region_*' -trace 'vfio_pci_*' -msg timestamp=on -D qemu.log")
    return CaptureSource(
      name: "vfio", answer: answer, reason: reason,
      holds: "a real device's BARs and config space, trapped by QEMU (x-no-mmap=on)",
      capture: answer == .no ? [] : capture,
      importing: answer == .no ? nil : "mmioscope import qemu.log -o nic.mmt")
  }
}
