// Direct memory access by the device, in closed form.

import PCIeModel
import Profiles

/// Wire bytes of one transfer that the device asks for, in both directions.
///
/// Throughput is bound by the busier direction: of a write its memory writes, of a read its
/// completions, or its requests where they take more (Neugebauer et al., SIGCOMM 2018, section 3).
struct DeviceTransfer {
  var bytes: Int
  /// Wire bytes from the device, and to it.
  var upBytes: Int
  var downBytes: Int
  var tlps: Int
  private let rate: LinkRate

  /// A write of consecutive bytes.
  init(writing transfer: Workload.Transfer, _ settings: ModelSettings) {
    let cost = WireCost(link: settings.link, ecrc: settings.rootComplex.ecrc)
    let write = ContiguousWrite(
      payloadBytes: transfer.bytes, headerDwords: transfer.headerDwords, cost: cost)
    bytes = transfer.bytes
    upBytes = write.wireBytes
    downBytes = 0
    tlps = write.tlps
    rate = LinkRate(settings.link)
  }

  /// A read of consecutive bytes.
  init(reading transfer: Workload.Transfer, _ settings: ModelSettings) {
    let cost = WireCost(link: settings.link, ecrc: settings.rootComplex.ecrc)
    // A page's start, below or above 4 GiB.
    let address: UInt64 = transfer.headerDwords == 3 ? 1 << 20 : 1 << 36
    let read = cost.memoryRead(address: address, bytes: transfer.bytes)
    bytes = transfer.bytes
    upBytes = Int(read.downBytes)
    downBytes = Int(read.upBytes)
    tlps = Int(read.requests)
    rate = LinkRate(settings.link)
  }

  private var busierBytes: Int { max(upBytes, downBytes) }

  /// Data bytes per byte of TLP.
  var efficiency: Double { Double(bytes) / Double(busierBytes) }
  /// Wire bytes besides data, one TLP's share.
  var overhead: Double { Double(busierBytes - bytes) / Double(tlps) }
  /// Bits of TLPs per second.
  var tlpBitsPerSecond: Double { rate.tlpBitsPerSecond }
  /// Data bits per second.
  var goodput: Double { rate.tlpBitsPerSecond * efficiency }

  /// Seconds from the start of a lone read's request to the end of its last completion.
  ///
  /// The host answers `read_latency_ns` after the request's end. A write before the read is sent
  /// first, and the read stays behind it (PCI Express Base Specification 5.0, table 2-40).
  static func readLatency(
    _ transfer: Workload.Transfer, behindWrite written: Int, _ settings: ModelSettings
  ) -> Double {
    let read = DeviceTransfer(reading: transfer, settings)
    var wire = read.upBytes + read.downBytes
    if written > 0 {
      let write = Workload.Transfer(bytes: written, headerDwords: transfer.headerDwords)
      wire += DeviceTransfer(writing: write, settings).upBytes
    }
    let serialisation = Double(8 * wire) / read.rate.tlpBitsPerSecond
    return serialisation + Double(settings.device.readLatencyPs) * 1e-12
  }
}
