import Testing
import TraceCore

@testable import Importers

/// Config accesses that QEMU logs twice.
///
/// Expected records are put together by hand from the two
/// lines: function and register from `pci_cfg_*`, size from the access.
struct ConfigPairingTests {
  private func window(
    _ thread: Int, _ direction: String, _ address: String, _ value: String, _ size: Int,
    name: String = "pcie-mmcfg-mmio", cpu: Int = 1
  ) -> String {
    "\(thread)@1.000000:memory_region_ops_\(direction) cpu \(cpu) mr 0x1 addr \(address) "
      + "value \(value) size \(size) name '\(name)'\n"
  }

  @Test func `a read takes its size from the access behind it`() throws {
    let result = try importText(
      "4@1.000000:pci_cfg_read nvme 01:00.0 @0x6 -> 0x10\n"
        + window(4, "read", "0x100006", "0x10", 2), as: .qemuLog)
    #expect(
      result.records == ["config_read v1 0x6+2 c=10 t1000000000 0000:01:00.0 [config] l1"])
    #expect(result.counter("config_access_paired") == 1)
    #expect(result.counter("config_size_assumed") == 0)
  }

  @Test func `a write takes its size from the access before it`() throws {
    let result = try importText(
      window(4, "write", "0xb0008004", "0x406", 2)
        + "4@1.000000:pci_cfg_write nvme 00:01.0 @0x4 <- 0x406\n", as: .qemuLog)
    #expect(
      result.records == ["config_write v1 0x4+2 c=406 t1000000000 0000:00:01.0 [config] l2"])
  }

  @Test func `the config ports pair as the window does`() throws {
    let result = try importText(
      window(4, "write", "0xcf8", "0x8000088c", 4, name: "pci-conf-idx")
        + "4@1.000000:pci_cfg_read nvme 00:01.0 @0x8e -> 0x7\n"
        + window(4, "read", "0xcfe", "0x7", 1, name: "pci-conf-data")
        + window(4, "write", "0xcfc", "0x12345678", 4, name: "pci-conf-data")
        + "4@1.000000:pci_cfg_write nvme 00:01.0 @0x8c <- 0x12345678\n", as: .qemuLog)
    #expect(
      result.records == [
        "config_read v1 0x8e+1 c=7 t1000000000 0000:00:01.0 [config] l2",
        "config_write v1 0x8c+4 c=12345678 t1000000000 0000:00:01.0 [config] l5",
      ])
    #expect(result.counter("port_access_dropped") == 1)
  }

  @Test func `an absent function is read as all ones from its address`() throws {
    let result = try importText(
      window(4, "read", "0x100", "0xffffffff", 4) + window(4, "read", "0x4010119002", "0xffff", 2)
        + window(4, "write", "0x1ff000", "0x1", 4), as: .qemuLog)
    #expect(
      result.records == [
        "config_read v1 0x100+4 c=ffffffff t1000000000 0000:00:00.0 [config] l1",
        "config_read v1 0x2+2 c=ffff t1000000000 0000:01:03.1 [config] l2",
        "config_write v1 0x0+4 c=1 t1000000000 0000:01:1f.7 [config] l3",
      ])
    #expect(result.counter("config_access_decoded_here") == 3)
  }

  @Test func `halves that do not fit are two accesses`() throws {
    // Another register, another value, another thread.
    for (register, value, thread) in [
      ("0x8", "0x406", 4), ("0x4", "0x407", 4), ("0x4", "0x406", 5),
    ] {
      let result = try importText(
        window(4, "write", "0x8004", "0x406", 2)
          + "\(thread)@1.000000:pci_cfg_write nvme 00:01.0 @\(register) <- \(value)\n",
        as: .qemuLog)
      #expect(result.records.count == 2)
      #expect(result.counter("config_access_paired") == 0)
    }
  }

  @Test func `another access of the thread ends the wait, one of another thread does not`() throws {
    let read = "4@1.000000:pci_cfg_read nvme 00:01.0 @0x4 -> 0x6\n"
    let half = window(4, "read", "0x8004", "0x6", 2)
    let between = { (thread: Int) in
      window(thread, "read", "0x20000000", "0x0", 4, name: "nvme", cpu: thread)
    }
    let same = try importText(read + between(4) + half, as: .qemuLog)
    #expect(same.counter("config_access_paired") == 0)
    #expect(same.records.count == 3)
    #expect(same.records[0].hasPrefix("config_read") && same.records[1].hasPrefix("load"))
    let other = try importText(read + between(5) + half, as: .qemuLog)
    #expect(other.counter("config_access_paired") == 1)
    #expect(other.records.count == 2)
    #expect(other.records[0].hasPrefix("load") && other.records[1].hasPrefix("config_read"))
  }

  @Test func `what waits at the end of the log is not lost`() throws {
    // More threads than may wait at once.
    let log = (0..<90).map { "\($0)@1.000000:pci_cfg_read nvme 00:01.0 @0x0 -> 0x6\n" }.joined()
    let result = try importText(log, as: .qemuLog)
    #expect(result.records.count == 90)
    #expect(result.counter("config_size_assumed") == 90)
  }

  @Test func `config accesses without a BAR access are a blind spot`() throws {
    let config = "vfio_pci_write_config  (0000:00:05.0, @0x4, 0x0, len=0x2)\n"
    let access = "vfio_region_write  (0000:09:00.0:region0+0x108, 0x10, 4)\n"
    let without = try importText(config, as: .qemuLog).context.blindSpots
    let with = try importText(config + access, as: .qemuLog).context.blindSpots
    #expect(without.contains { $0.contains("never traps") })
    #expect(!with.contains { $0.contains("never traps") })
  }
}
