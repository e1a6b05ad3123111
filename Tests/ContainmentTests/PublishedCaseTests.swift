import ArmMemory
import Profiles
import Results
import Testing

@testable import Containment

/// The chain of each published case, by hand from its source.
@Suite struct PublishedCaseTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// Who says so.
    var source: String
    var platform: String
    var changes: [String] = []
    var failed: FaultCase
    var outcomes: Set<ContainmentOutcome>
    /// Rules that must be on some way.
    var rules: [String]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "Raspberry Pi CM4 panics",
      source: "Linux bug 217276, linux-pci 2023-04-24: panic, Asynchronous SError Interrupt",
      platform: "rpi-cm4", failed: FaultCase(.unsupportedRequest, .read, .deviceNGnRnE),
      outcomes: [.hostDown],
      rules: ["answer.failed-read", "exception.load", "host.serror-in-host"]),
    Case(
      name: "reads of devices that are not there end in SError after a timeout",
      source: "raspberrypi/linux issue 4914", platform: "rpi-cm4",
      failed: FaultCase(.completionTimeout, .read, .deviceNGnRE), outcomes: [.hostDown],
      rules: ["device.silent", "answer.timed-out-read", "host.serror-in-host"]),
    Case(
      name: "the bridge does not generate errors",
      source: "linux-arm-kernel 2023-10-13, 2023-12-05: PCIe is safe", platform: "pcie-server",
      failed: FaultCase(.unsupportedRequest, .read, .deviceNGnRE), outcomes: [.contained],
      rules: ["device.status", "answer.failed-read", "exception.none", "host.none"]),
    Case(
      name: "the same through Normal-NC", source: "as before: the seed's claim",
      platform: "pcie-server", failed: FaultCase(.unsupportedRequest, .read, .normalNC),
      outcomes: [.contained], rules: ["exception.none"]),
    Case(
      name: "OKAY with all ones on a timeout", source: "AMD PG344", platform: "pcie-server",
      failed: FaultCase(.completionTimeout, .read, .normalNC), outcomes: [.contained],
      rules: ["answer.timed-out-read", "recovery.aer"]),
    Case(
      name: "SLVERR on a timeout", source: "AMD PG194 (bridge)", platform: "pcie-server",
      changes: ["platform.timed_out_read=slave-error", "platform.ras=false"],
      failed: FaultCase(.completionTimeout, .read, .deviceNGnRE), outcomes: [.hostDown],
      rules: ["exception.load", "host.serror-in-host"]),
    Case(
      name: "zeros on a timeout", source: "AMD PG194 (DMA)", platform: "pcie-server",
      changes: ["platform.timed_out_read=zeros"],
      failed: FaultCase(.completionTimeout, .read, .deviceNGnRE), outcomes: [.contained],
      rules: ["exception.none"]),
    Case(
      name: "a discarded write is an error message, no completion",
      source: "PCI Express Base Specification 5.0, 2.3.1", platform: "pcie-server",
      failed: FaultCase(.unsupportedRequest, .write, .normalNC), outcomes: [.contained],
      rules: ["device.posted", "answer.failed-write", "exception.none", "recovery.aer"]),
    Case(
      name: "some systems go down for a discarded write",
      source: "Linux commit abafbc551fdd (vfio-pci)", platform: "firmware-first",
      changes: ["platform.firmware_panics=nonfatal"],
      failed: FaultCase(.unsupportedRequest, .write, .deviceNGnRE), outcomes: [.hostDown],
      rules: ["recovery.firmware"]),
    Case(
      name: "DPC as Linux enables it takes the link down for ERR_FATAL",
      source: "Linux drivers/pci/pcie/dpc.c", platform: "pcie-server-dpc",
      failed: FaultCase(.linkDown, .read, .normalNC), outcomes: [.deviceLost],
      rules: ["device.gone", "link.dpc"]),
    Case(
      name: "and not for a non-fatal error", source: "Linux drivers/pci/pcie/dpc.c",
      platform: "pcie-server-dpc", failed: FaultCase(.completionTimeout, .read, .normalNC),
      outcomes: [.contained], rules: ["link.message"]),
    Case(
      name: "DPC on ERR_NONFATAL", source: "PCI Express Base Specification 5.0, 6.2.10",
      platform: "pcie-server-dpc", changes: ["platform.dpc=nonfatal"],
      failed: FaultCase(.completerAbort, .write, .normalNC), outcomes: [.deviceLost],
      rules: ["link.dpc"]),
    Case(
      name: "an advisory error triggers no DPC",
      source: "PCI Express Base Specification 5.0, 6.2.3.2.4.1", platform: "pcie-server-dpc",
      changes: ["platform.dpc=nonfatal"], failed: FaultCase(.completerAbort, .read, .normalNC),
      outcomes: [.contained], rules: ["link.message"]),
    Case(
      name: "KVM injects on a synchronous abort, whatever its class",
      source: "Linux arch/arm64/kvm/mmu.c, kvm_handle_guest_sea", platform: "pcie-server",
      changes: ["platform.failed_read=slave-error", "platform.error_class=uc"],
      failed: FaultCase(.unsupportedRequest, .read, .normalNC), outcomes: [.contained],
      rules: ["exception.load", "severity.class", "host.sea"]),
    Case(
      name:
        "KVM injects a recoverable SError; any error may be called uncontainable, then it panics",
      source: "Linux kvm_handle_guest_serror, arm64_is_fatal_ras_serror; Arm RAS Extension, 2.2",
      platform: "pcie-server",
      changes: [
        "platform.failed_read=slave-error", "platform.error_class=uer",
        "platform.serror_taken=guest",
      ], failed: FaultCase(.unsupportedRequest, .read, .deviceNGnRE),
      outcomes: [.contained, .hostDown], rules: ["host.serror-in-guest"]),
    Case(
      name: "without RAS KVM injects every SError of the guest",
      source: "Linux kvm_handle_guest_serror: !arm64_is_ras_serror", platform: "rpi-cm4",
      changes: ["platform.serror_taken=guest"],
      failed: FaultCase(.unsupportedRequest, .read, .deviceNGnRE), outcomes: [.contained],
      rules: ["severity.none", "host.serror-in-guest"]),
    Case(
      name: "non-RAS errors are not containable in the host",
      source: "Linux arch/arm64/kernel/traps.c, do_serror", platform: "rpi-cm4",
      changes: ["platform.failed_write=slave-error"],
      failed: FaultCase(.unsupportedRequest, .write, .deviceNGnRE), outcomes: [.hostDown],
      rules: ["exception.store", "severity.none", "host.serror-in-host"]),
    Case(
      name: "a platform device's store takes the host down",
      source: "linux-arm-kernel 2023-12-05: keep them away from VFIO", platform: "soc-device",
      failed: FaultCase(.slaveError, .write, .deviceNGnRE), outcomes: [.hostDown],
      rules: ["device.bus-error", "answer.bus", "exception.store", "host.serror-in-host"]),
    Case(
      name: "through Normal-NC too", source: "the same: whatever the type", platform: "soc-device",
      failed: FaultCase(.slaveError, .write, .normalNC), outcomes: [.hostDown],
      rules: ["exception.store"]),
    Case(
      name: "a Device load cannot be cancelled, a Normal-NC load can",
      source: "linux-arm-kernel 2023-10-13", platform: "soc-device",
      failed: FaultCase(.slaveError, .read, .normalNC), outcomes: [.contained],
      rules: ["exception.load", "host.sea"]),
    Case(
      name: "firmware first: an uncontainable error is fatal",
      source: "Linux drivers/acpi/apei/ghes.c, __ghes_panic", platform: "firmware-first",
      changes: [
        "platform.failed_read=slave-error", "platform.error_class=uc",
        "platform.firmware_panics=fatal",
      ], failed: FaultCase(.unsupportedRequest, .read, .normalNC), outcomes: [.hostDown],
      rules: ["host.firmware"]),
    Case(
      name: "a write's error may be an interrupt", source: "Arm RAS Extension, 2.2",
      platform: "soc-device", changes: ["platform.store_abort=interrupt"],
      failed: FaultCase(.slaveError, .write, .normalNC), outcomes: [.contained],
      rules: ["host.interrupt"]),
  ]

  @Test(arguments: cases)
  func `a published case comes out as published`(_ published: Case) throws {
    let settings = try ProfileLibrary().platform(published.platform, overrides: published.changes)
    let chains = Containment.chains(published.failed, on: settings.platform)
    #expect(Set(chains.map(\.outcome)) == published.outcomes, "\(published.source)")
    let rules = Set(chains.flatMap { $0.steps.map(\.rule) })
    for rule in published.rules { #expect(rules.contains(rule), "\(rule) is not in \(rules)") }
  }

  /// Why there is no such failure, one row a reason.
  @Test(arguments: [
    (FaultCase(.completionTimeout, .write, .normalNC), "pcie-server", "posted write"),
    (FaultCase(.slaveError, .read, .normalNC), "pcie-server", "no bus response"),
    (FaultCase(.unsupportedRequest, .read, .normalNC), "soc-device", "no completions"),
    (FaultCase(.unsupportedRequest, .speculativeRead, .deviceGRE), "pcie-server", "speculatively"),
  ])
  func `what cannot fail so has no chain and a reason`(
    failed: FaultCase, platform: String, reason: String
  ) throws {
    let platform = try ProfileLibrary().platform(platform).platform
    #expect(failed.impossible(on: platform)?.contains(reason) == true)
    #expect(Containment.chains(failed, on: platform).isEmpty)
  }
}
