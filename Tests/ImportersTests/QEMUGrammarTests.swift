import Testing
import TraceCore

@testable import Importers

/// A log line and what it becomes; expectations are read off the line by hand.
struct LineCase: CustomTestStringConvertible {
  var line: String
  var records: [String]
  var counter: String?

  init(_ line: String, _ records: String..., counter: String? = nil) {
    self.line = line
    self.records = records
    self.counter = counter
  }

  var testDescription: String { line }
}

struct QEMUGrammarTests {
  @Test(arguments: [
    LineCase(
      "memory_region_ops_write cpu 3 mr 0x55e6 addr 0x10000040 value 0x8f size 1",
      "store v3 0x10000040+1 =8f [mem@0x10000000] l1"),
    LineCase(
      "memory_region_ops_read cpu 0 mr 0x55e6 addr 0x8000004 value 0x37a0008 size 4 name 'gicv3'",
      "load v0 0x8000004+4 =37a0008 [gicv3] l1"),
    LineCase(
      "memory_region_ops_read cpu 1 mr (nil) addr 0x20000000 value 0x0 size 8 name 'usb3 port #1'",
      "load v1 0x20000000+8 =0 [usb3 port #1] l1"),
    LineCase(
      "7@12.000345:memory_region_ops_write cpu 1 mr 0x1 addr 0xfffffffffffffffe value "
        + "0xffffffffffffffff size 1",
      "store v1 0xfffffffffffffffe+1 =ff t12000345000 [mem@0xfffffffffff00000] l1"),
    LineCase(
      "memory_region_ops_write cpu -1 mr 0x1 addr 0x10000000 value 0x1 size 4 name 'nvme'",
      counter: "device_access_dropped"),
    LineCase(
      "memory_region_ops_write cpu -1 mr 0x1 addr 0xfee00000 value 0x1 size 4 name 'apic-msi'",
      counter: "interrupt_message_dropped"),
    LineCase(
      "memory_region_ops_write cpu 2 mr 0x1 addr 0xfee0100c value 0x1 size 4",
      counter: "interrupt_message_dropped"),
    LineCase(
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x8090040 value 0x1 size 4 name 'translation'",
      counter: "interrupt_message_dropped"),
    LineCase(
      "memory_region_ops_read cpu 0 mr 0x1 addr 0x8090040 value 0x1 size 4 name 'translation'",
      "load v0 0x8090040+4 =1 [translation] l1"),
    LineCase(
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x70 value 0x8f size 1 name 'rtc-index'",
      counter: "port_access_dropped"),
    LineCase(
      "memory_region_ops_write cpu 0 mr 0x1 addr 0xffff value 0x8f size 1",
      counter: "port_access_dropped"),
    LineCase(
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x10000 value 0x8f size 1",
      "store v0 0x10000+1 =8f [mem@0x0] l1"),
    LineCase(
      "memory_region_subpage_read cpu 0 mr 0x1 offset 0x10 value 0x8f size 1",
      counter: "subpage_access_dropped"),
    LineCase(
      "memory_region_ram_device_write cpu 0 mr 0x1 addr 0x10 value 0x8f size 1",
      counter: "ram_device_access_dropped"),
    LineCase(
      "memory_region_ops_read cpu 0 mr 0x1 addr 0x20000000 value 0x1ff size 1 name 'nvme'",
      "load v0 0x20000000+1 =ff [nvme] l1", counter: "wide_value"),
    LineCase(
      "vfio_region_write  (0000:09:00.0:region0+0x108, 0x10, 4)",
      "store v0 0x1000000108+4 =10 [0000:09:00.0 region0] l1"),
    LineCase(
      "2026-06-26T21:56:52.732893Z vfio_region_read  (0000:09:00.0:region2+0x8, 4) = 0x2000",
      // `date -u -d 2026-06-26T21:56:52Z +%s` is 1782511012.
      "load v0 0x1000000008+4 =2000 t1782511012732893000 [0000:09:00.0 region2] l1"),
    LineCase(
      "2026-06-26T21:56:52Z vfio_region_read   (0000:09:00.0:region0+0x4d, 1) = 0x0",
      "load v0 0x100000004d+1 =0 t1782511012000000000 [0000:09:00.0 region0] l1"),
    LineCase(
      "5@9.613001:vfio_pci_read_config  (0000:00:05.0, @0x3d, len=0x1) 0x1",
      "config_read v0 0x3d+1 c=1 t9613001000 0000:00:05.0 [vfio config] l1"),
    LineCase(
      "vfio_pci_write_config  (0001:81:1f.7, @0xcc, 0x3, len=0x2)",
      "config_write v0 0xcc+2 c=3 0001:81:1f.7 [vfio config] l1"),
    LineCase(
      "pci_cfg_write nvme 00:01.0 @0x10 <- 0xfebe0004",
      "config_write v0 0x10+4 c=febe0004 0000:00:01.0 [config] l1",
      counter: "config_size_assumed"),
    LineCase(
      "pci_cfg_read nvme ff:1f.7 @0xffe -> 0x12",
      "config_read v0 0xffe+2 c=12 0000:ff:1f.7 [config] l1", counter: "config_size_assumed"),
    LineCase(
      "pci_cfg_read mch 31:0 @0x3d -> 0x1",
      "config_read v0 0x3d+1 c=1 0000:00:1f.0 [config] l1", counter: "config_bus_assumed"),
    LineCase(
      "vfio_pci_reset_flr 0000:06:00.0 FLR/VFIO_DEVICE_RESET",
      "reset v0 0000:06:00.0 'flr' [vfio config] l1"),
    LineCase(
      "110@9.783896:vfio_pci_reset_pm 0000:00:05.0 PCI PM Reset",
      "reset v0 t9783896000 0000:00:05.0 'pm' [vfio config] l1"),
    LineCase(
      "vfio_pci_hot_reset_result 0000:04:00.2 hot reset: Success",
      "reset v0 0000:04:00.2 'hot' [vfio config] l1"),
    LineCase(
      "vfio_pci_hot_reset_result 0000:04:00.2 hot reset: Invalid argument",
      counter: "hot_reset_failed"),
    LineCase("vfio_pci_reset  (0000:00:05.0)", counter: "reset_attempt"),
    LineCase("vfio_pci_hot_reset  (0000:00:05.0) multi", counter: "reset_attempt"),
    LineCase("vfio_reset_handler ", counter: "other_event_vfio_reset_handler"),
    LineCase("vfio_device_reset_handler", counter: "other_event_vfio_device_reset_handler"),
    LineCase("  size: 0x1000, offset: 0x7, flags: 0x3", counter: "continuation_line"),
    LineCase("2026-07-03 04:48:26.124+0000: starting up libvirt", counter: "unknown_line"),
    LineCase("-trace 'vfio_region_*' \\", counter: "unknown_line"),
    LineCase("qemu-system-x86_64: warning: x", counter: "unknown_line"),
    LineCase("", counter: "blank_line"),
    LineCase(
      "pci_update_mappings_add igb 00:03.0 2,0xc060+0x20", counter: "low_bar_ignored"),
    LineCase("pci_update_mappings_add d=0x55 00:03.0 2,0xc0600000+0x20"),
    LineCase("pci_update_mappings_del igb 00:03.0 2,0xc0600000+0x20"),
    LineCase(
      "vfio_region_setup Device 0000:04:00.0, region 0 \"0000:04:00.0 BAR 0\", flags: 0x7, "
        + "offset: 0x0, size: 0x400000"),
  ])
  func `every event becomes its record or is counted`(_ test: LineCase) throws {
    let result = try importText(test.line + "\n", as: .qemuLog)
    #expect(result.records == test.records)
    if let counter = test.counter { #expect(result.counter(counter) == 1) }
  }

  @Test(arguments: [
    ("memory_region_ops_write cpu x mr 0x1 addr 0x1 value 0x1 size 1", "bad-record 1:29"),
    ("memory_region_ops_write cpu 65536 mr 0x1 addr 0x1 value 0x1 size 1", "range 1:29"),
    ("memory_region_ops_write cpu -2 mr 0x1 addr 0x1 value 0x1 size 1", "bad-record 1:29"),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 1 value 0x1 size 1", "bad-record 1:43"),
    (
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x10000000000000000 value 0x1 size 1",
      "range 1:43"
    ),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 0xffffffffffffffff value 0x1 size 2", "range 1:43"),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 0xffffffffffffffff value 0x1 size 1", "range 1:43"),
    ("vfio_pci_read_config  (, @0x3d, len=0x1) 0x1", "bad-record 1:24"),
    ("vfio_pci_read_config  (hostdev0)", "bad-record 1:24"),
    ("vfio_pci_read_config  (hostdev0, @0x1000, len=0x1) 0x1", "range 1:47"),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 0", "range 1:62"),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 65", "range 1:62"),
    (
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 9223372036854775808",
      "range 1:62"
    ),
    (
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 18446744073709551617",
      "range 1:62"
    ),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 4 name 'x", "bad-record 1:71"),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 4 nam 'x'", "bad-record 1:64"),
    ("memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1", "bad-record 1:56"),
    ("vfio_region_write  (0000:09:00.0:region0+0x108, 0x10, 4", "bad-record 1:56"),
    ("vfio_region_write  (0000:09:00.0+0x108, 0x10, 4)", "bad-record 1:21"),
    ("vfio_region_read  (0000:09:00.0:region0+0x108, 4) 0x0", "bad-record 1:51"),
    ("vfio_region_read  (0000:09:00.0:region0+0xffffffffffffffff, 4) = 0x0", "range 1:40"),
    ("vfio_pci_read_config  (0000:00:05.0, @0x3d, len=0x3) 0x1", "range 1:49"),
    ("vfio_pci_read_config  (0000:00:20.0, @0x3d, len=0x1) 0x1", "range 1:24"),
    ("vfio_pci_write_config  (0000:00:05.0, @0xffe, 0x0, len=0x4)", "range 1:56"),
    ("pci_cfg_write nvme 00:01.0 @0x10 -> 0xfebe0004", "bad-record 1:34"),
    ("pci_cfg_write nvme 00:01.0 @0x1000 <- 0x0", "range 1:29"),
    ("pci_cfg_write nvme 32:0 @0x10 <- 0x0", "range 1:20"),
    ("pci_update_mappings_add igb 00:03.0 7,0xc0600000+0x20", "range 1:37"),
    ("pci_update_mappings_add igb 00:03.0 1,0xffffffffffff0000+0x20000", "range 1:58"),
    ("vfio_region_setup Device 0000:04:00.0, region 0, flags", "bad-record 1:48"),
    (
      "vfio_region_setup Device 0000:04:00.0, region 0 \"x\", flags: 0x1, size: 0x1",
      "bad-record 1:66"
    ),
    ("vfio_pci_reset_flr ", "bad-record 1:20"),
    (
      "1@18446744074.000000:memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 1",
      "range 1:3"
    ),
    (
      "2026-13-26T21:56:52Z memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 1",
      "range 1:1"
    ),
    // A prefix that is damaged must not hide the record behind it.
    ("1@12.00034:memory_region_ops_write cpu 0 mr 0x1 addr 0x1 value 0x1 size 1", "bad-record 1:1"),
    ("x vfio_region_write  (0000:09:00.0:region0+0x108, 0x10, 4)", "bad-record 1:1"),
  ])
  func `a bad record is an error with its place`(_ line: String, _ expected: String) throws {
    let error = importError(line + "\n", as: .qemuLog)
    #expect(place(error) == expected, "\(String(describing: error))")
    #expect(error?.file == "t")
    #expect(error?.byteOffset == UInt64((error?.column ?? 0) - 1))
    // As the last line without its end it is a cut, and with the option it is skipped.
    #expect(try importText(line, as: .qemuLog).counter("cut_last_line") == 1)
    let skipped = try importText(line + "\n", as: .qemuLog, skip: true)
    #expect(skipped.counter("bad_record_skipped") == 1)
  }

  @Test func `an error names what was expected and found`() {
    let error = importError(
      "x\n1@1.000000:memory_region_ops_read cpu 0 mr 0x1 addr zz value 0x1 size 1\n", as: .qemuLog)
    #expect(
      error?.description
        == "t:2:53: bad-record: expected a hexadecimal address with 0x behind addr, found 'zz' "
        + "(byte offset 54, record 0)")
  }

  @Test(arguments: [
    ("?memory_region_ops_read cpu 0", true), ("? vfio_region_read   (x", true),
    ("?xpci_cfg_read a b @0x0", true), ("?pci_cfg_read @", true), ("?pci_cfg_read a@ b", true),
    // A command line in front of the log.
    ("?/qemu -trace vfio_region_read -smbios type=1,serial=me@home -trace pci_cfg_read", false),
    ("@ ?pci_cfg_read a b", false), ("?pci_cfg_reads @0x0", false), ("?pci_cfg_read", false),
  ])
  func `a line that holds an event has lost its start`(line: String, isBad: Bool) throws {
    let result = try importText("x@\n" + line + "\ny@\n", as: .qemuLog, skip: true)
    #expect(result.counter("bad_record_skipped") == (isBad ? 1 : 0))
    #expect(result.counter("unknown_line") == (isBad ? 2 : 3))
  }

  /// Work by the square of its length would take minutes.
  @Test func `a long line of event names is read once`() throws {
    let line = "?" + String(repeating: "memory_region_ops_read ", count: 45_000) + "\n"
    let result = try importText(line, as: .qemuLog, longestLine: 1 << 20)
    #expect(result.counter("unknown_line") == 1)
  }

  // `date -u -d DATE +%s` gives the seconds.
  @Test(
    arguments: [
      ("1970-01-01T00:00:00", 0), ("1970-12-31T23:59:59", 31_535_999),
      ("2000-02-29T00:00:00", 951_782_400), ("2000-03-01T00:00:00", 951_868_800),
      ("2100-03-01T00:00:00", 4_107_542_400), ("2024-12-31T12:34:56", 1_735_648_496),
      ("2554-07-21T23:34:33", 18_446_744_073),
    ] as [(String, UInt64)])
  func `an ISO time becomes nanoseconds since 1970`(_ date: String, _ seconds: UInt64) throws {
    let result = try importText(
      "\(date)Z vfio_region_read  (0000:09:00.0:region0+0x0, 4) = 0x0\n", as: .qemuLog)
    let found = result.records.first?.split(separator: " ").first { $0.hasPrefix("t") }
    #expect(found.map(String.init) == "t\(seconds * 1_000_000_000)")
  }

  @Test(arguments: [
    "1970-01-32", "2026-02-29", "2024-02-30", "2100-02-29", "2026-03-32", "2026-04-31",
    "2026-06-31", "2026-09-31", "2026-11-31", "2026-12-32", "2026-00-01", "2026-13-01",
    "2026-01-00",
  ])
  func `a day that its month does not have is out of range`(date: String) {
    for fraction in ["", ".000001"] {
      let line =
        "\(date)T01:02:03\(fraction)Z vfio_region_read  (0000:09:00.0:region0+0x0, 4) = 0x0\n"
      #expect(place(importError(line, as: .qemuLog)) == "range 1:1")
    }
  }

  @Test(arguments: [
    "2024-02-29", "2000-02-29", "2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31",
    "2026-08-31", "2026-10-31", "2026-12-31", "2026-04-30", "2026-06-30", "2026-09-30",
    "2026-11-30", "2026-02-28",
  ])
  func `the last day of a month is a day`(date: String) throws {
    let line = "\(date)T01:02:03.000001Z vfio_region_read  (0000:09:00.0:region0+0x0, 4) = 0x0\n"
    #expect(try importText(line, as: .qemuLog).records.count == 1)
  }

  /// The window's offset 0x4010000010 is register 0x10 of 01:00.0, 0x4010000ffe its register 0xffe.
  @Test(arguments: [("0x4010000010", 8), ("0x4010000ffe", 4), ("0x4010000010", 3)])
  func `what is no config access in its window is a loss`(address: String, size: Int) throws {
    let result = try importText(
      "memory_region_ops_read cpu 0 mr 0x55 addr \(address) value 0x1 size \(size) "
        + "name 'pcie-mmcfg-mmio'\n")
    #expect(result.records.isEmpty)
    let rows = result.context.counters.rows
    #expect(rows.map(\.name) == ["config_window_access_dropped"])
    #expect(rows.first?.severity == .dataLoss)
  }

  @Test func `a fraction may have one to nine digits`() throws {
    for (fraction, nanoseconds) in [
      ("5", 500_000_000), ("000001", 1000), ("123456789", 123_456_789),
    ] {
      let result = try importText(
        "1970-01-01T00:00:00.\(fraction)Z vfio_pci_reset_pm 0000:00:05.0 PM\n", as: .qemuLog)
      #expect(result.records == ["reset v0 t\(nanoseconds) 0000:00:05.0 'pm' [vfio config] l1"])
    }
    #expect(
      try importText("1970-01-01T00:00:00.1234567890Z x_y\n", as: .qemuLog)
        .counter("unknown_line") == 1)
  }

  /// Names that a user, a mediated device and a file descriptor give; the accesses to their regions
  /// are records.
  @Test func `config accesses of a device without a function are counted and left out`() throws {
    let result = try importText(
      """
      vfio_pci_read_config  (hostdev0, @0x0, len=0x2) 0x10de
      vfio_region_read  (hostdev0:region0+0x8, 4) = 0x2000
      vfio_pci_write_config  (83b8f4f2-509f-382f-3c1e-e6bfe0fa1001, @0x4, 0x6, len=0x2)
      vfio_pci_write_config  (VFIO_FD12, @0x4, 0x6, len=0x2)
      vfio_pci_write_config  (0000:01:00.0, @0x4, 0x6, len=0x2)

      """)
    #expect(
      result.records == [
        "load v0 0x1000000008+4 =2000 [hostdev0 region0] l2",
        "config_write v0 0x4+2 c=6 0000:01:00.0 [vfio config] l5",
      ])
    #expect(result.counter("config_access_without_function") == 3)
  }

  @Test func `events of other kinds are counted by name up to a bound`() throws {
    let log = (0..<100).map { "event_\($0) x\n" }.joined()
    let result = try importText(log, as: .qemuLog)
    #expect(result.counter("other_event_event_0") == 1)
    #expect(result.counter("other_event_event_63") == 1)
    #expect(result.counter("other_event_event_64") == 0)
    #expect(result.counter("other_events") == 36)
  }

  @Test func `threads without a vCPU number are numbered in order, others by their events`() throws
  {
    let result = try importText(
      """
      9@1.000000:vfio_pci_reset_pm 0000:00:05.0 PM
      8@1.000000:vfio_pci_reset_pm 0000:00:05.0 PM
      9@1.000000:vfio_pci_reset_pm 0000:00:05.0 PM
      7@1.000000:memory_region_ops_read cpu 2 mr 0x1 addr 0x20000000 value 0x0 size 4
      7@1.000000:vfio_pci_reset_pm 0000:00:05.0 PM
      6@1.000000:vfio_pci_reset_pm 0000:00:05.0 PM
      9@1.000000:memory_region_ops_read cpu 1 mr 0x1 addr 0x20000000 value 0x0 size 4
      9@1.000000:vfio_pci_reset_pm 0000:00:05.0 PM

      """, as: .qemuLog)
    let vcpus = result.records.map { $0.split(separator: " ")[1] }
    #expect(vcpus == ["v0", "v1", "v0", "v2", "v2", "v3", "v1", "v1"])
    #expect(result.counter("thread_renumbered") == 1)
  }
}

/// One access that two layers of QEMU log.
struct QEMUTwiceTests {
  private static let access = " cpu 0 mr 0x1 addr 0x10000040 value 0x8f size 4"
  private static let write = "memory_region_ops_write" + access
  private static let read = "memory_region_ops_read" + access
  private static let vfioWrite = "vfio_region_write  (0000:04:00.0:region0+0x40, 0x8f, 4)"
  private static let vfioRead = "vfio_region_read   (0000:04:00.0:region0+0x40, 4) = 0x8f"

  /// The memory region's event comes before the device's callback for a write, behind it for a
  /// read.
  @Test func `an access next to its like in the other layer is told`() throws {
    let otherValue = "vfio_region_write  (0000:04:00.0:region0+0x40, 0x8e, 4)"
    let otherSize = "vfio_region_write  (0000:04:00.0:region0+0x40, 0x8f, 2)"
    let cases: [(first: String, second: String, count: UInt64)] = [
      (Self.write, Self.vfioWrite, 1), (Self.vfioRead, Self.read, 1),
      (Self.write, otherValue, 0), (Self.write, otherSize, 0),
      (Self.vfioWrite, Self.write, 0), (Self.read, Self.vfioRead, 0),
      (Self.vfioRead, Self.write, 0),
    ]
    for (first, second, count) in cases {
      let result = try importText(first + "\n" + second + "\n", as: .qemuLog)
      #expect(result.counter("access_logged_twice") == count, "\(first), \(second)")
      #expect(result.records.count == 2)
    }
  }
}
