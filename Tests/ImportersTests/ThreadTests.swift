import TestSupport
import Testing
import TraceCore

@testable import Importers

/// What comes out depends on neither the number of threads nor on where chunks are cut.
@Suite struct ThreadTests {
  /// Records, counters, regions and blind spots; or the error, with every place it names.
  private func outcome(
    _ text: String, _ format: ImportFormat, skip: Bool, chunkSize: Int, threads: Int
  ) -> [String] {
    do throws(TraceError) {
      let read = try importText(
        text, as: format, skip: skip, chunkSize: chunkSize, threads: threads)
      return read.records + read.callers
        + read.context.counters.rows.map { "\($0.name)=\($0.count)" }
        + read.context.regions.regions.map { "\($0.name) \($0.base) \($0.size)" }
        + read.context.blindSpots
    } catch {
      return [
        "\(error.code.rawValue) \(error.line ?? 0):\(error.column ?? 0) at "
          + "\(error.byteOffset ?? 0), record \(error.record ?? 0): \(error.message)"
      ]
    }
  }

  private static let qemu = [
    "7@1.000001:memory_region_ops_write cpu 1 mr 0x55 addr 0x10000 value 0x6c size 4 name 'a'",
    "8@1.000002:memory_region_ops_read cpu 0 mr 0x56 addr 0x20000 value 0x1 size 8 name 'bc'",
    "8@1.000000:pci_cfg_read nvme 01:00.0 @0x4 -> 0x7",
    "9@1.000003:vfio_region_write  (0000:04:00.0:region0+0x10, 0x1, 4)",
    "9@1.000004:vfio_region_read  (0000:04:00.0:region0+0x14, 4) = 0x2",
    "9@1.000005:vfio_pci_reset_flr 0000:04:00.0", "some other line", "",
    "  a continuation", "7@1.000006:pci_update_mappings_add nvme 01:00.0 0,0x10000+0x4000",
  ]

  private static let csv = [
    "1,0,store,0x1000,4,0x6c,,bar 0", "2,1,load,0x2000,8,,,", "3,1,barrier,,,,dmb.st,",
    "4,0,mark,,,,\"two\nlines \"\" and 0,0,store\",", "5,0,store,0x1008,8,,,\"bar 0\"",
    "6,0,reset,,,,flr,", "", "7,3,load,0x3000,1,0x1,,another region",
  ]

  /// A text of seeded lines; `odd` of them is cut somewhere, or is a byte too many.
  private static func text(_ lines: [String], heading: String, seed: UInt64, odd: Bool) -> String {
    var random = SplitMix64(seed: seed)
    var text = heading
    let damaged = odd ? Int(random.next() % 60) : -1
    for index in 0..<60 {
      var line = lines[Int(random.next() % UInt64(lines.count))]
      if index == damaged {
        line = String(line.prefix(Int(random.next() % UInt64(line.count + 1)))) + "\"0x"
      }
      text += line + (random.next() % 8 == 0 ? "\r\n" : "\n")
    }
    // The last line may lack its end, or be cut.
    return random.next() % 2 == 0 ? text : String(text.dropLast(Int(random.next() % 30)))
  }

  private func check(_ lines: [String], heading: String = "", _ format: ImportFormat) {
    for seed in 0..<6 as Range<UInt64> {
      let text = Self.text(lines, heading: heading, seed: seed, odd: seed % 3 != 0)
      for skip in [false, true] {
        let whole = outcome(text, format, skip: skip, chunkSize: 1 << 20, threads: 1)
        for threads in [1, 2, 3, 8] {
          for chunkSize in [1 + Int(seed), 120, 700] {
            let found = outcome(
              text, format, skip: skip, chunkSize: chunkSize, threads: threads)
            #expect(
              found == whole, "seed \(seed), skip \(skip), \(threads) threads, \(chunkSize)")
          }
        }
      }
    }
  }

  @Test func `a log of QEMU reads the same on any number of threads`() {
    check(Self.qemu, .qemuLog)
  }

  @Test func `a CSV reads the same on any number of threads`() {
    check(Self.csv, heading: "t_ns,vcpu,op,addr,size,value,kind,region\n", .canonicalCSV)
  }

  @Test func `mmiotrace reads the same on any number of threads`() {
    check(
      [
        "R 4 1.000001 1 0x10000 0x6c 0x0 0", "W 8 1.000000 -1 0x10008 0x1 0xffff0000 7",
        "MAP 1.000002 1 0x10000 0xffffc000 0x1000 0x0 0", "MARK 1.000003 half time",
        "UNKNOWN 1.000004 1 0x10000 f3,48,a5 0x0 0", "nothing",
      ], .mmiotrace)
  }

  @Test func `a log of m1n1 reads the same on any number of threads`() {
    check(
      [
        "[cpu1] [0xfffffe00089a1234] MMIO: W.4   0x23c54100c (dptx-phy[0], offset 0x100c) = 0xf0",
        "MMIO: R.4   0x23c541014 (dptx-phy[0], offset 0x1014) = 0x38f",
        "# MMIO: R.8+  0x23c541018 (sgx, offset 0x18) = 0x1 part", "p.write32(0x1, 2)", "x",
      ], .m1n1)
  }

  @Test func `rwmmio events read the same on any number of threads`() {
    let head = "  dd-96  [001] .....  26.1000"
    let callers = "f+0x1/0x2 -> g.part.0+0x3/0x4 [nvme] width=32"
    check(
      [
        head + "00: rwmmio_write: \(callers) val=0x1 addr=0xffff800080c2b018",
        head + "01: rwmmio_post_write: \(callers) val=0x1 addr=0xffff800080c2b018",
        head + "02: rwmmio_read: \(callers) addr=0xffff800080c2b01c",
        head + "03: rwmmio_post_read: \(callers) val=0x7 addr=0xffff800080c2b01c",
        "  dd-97  [000] .....  26.099999: rwmmio_read: 0xffff1 width=8 addr=0xffff800080c2d000",
        head + "04: sched_switch: prev", head + "05: tracing_mark_write: half time",
        "# a heading", "CPU:1 [LOST 3 EVENTS]", "", "something else",
      ], .rwmmio)
  }

  @Test func `kvm_mmio events read the same on any number of threads`() {
    check(
      [
        " CPU 0/KVM-150 [000]  1.000001: kvm_mmio: mmio write len 4 gpa 0x1000 val 0x1",
        " CPU 1/KVM-151 [001]  1.000000: kvm_mmio: mmio unsatisfied-read len 4 gpa 0x1004 val 0x0",
        " CPU 1/KVM-151 [001]  1.000002: kvm_mmio: mmio read len 4 gpa 0x1004 val 0x7",
        " CPU 1/KVM-151 [001]  1.000003: kvm_exit: TRAP: HSR_EC: 0x24, PC: 0xffff800010",
        " qemu-152 [002]  1.000004: kvm_fast_mmio: fast mmio at gpa 0x1000", "x",
      ], .kvmMMIO)
  }

  @Test func `the plugin's stream reads the same on any number of threads`() {
    check(
      [
        "w 0 100 0x210ffc 0x80001000 8 0x1 0x00 0xf900016d RAM",
        "r 1 101 0x210ff8 0x80001008 4 - off 0xb900016d nvme",
        "w 1 99 0x210ff8 0x80002008 4 0x10000000000000001 0x44 0xb900016d a b",
        "b 0 102 0x210ff4 0xd5033fbf 1", "m 0 103 5", "#barriers folded",
      ], heading: "#mmioscope-plugin 1\n", .plugin)
  }

  @Test func `the comma-separated stream reads the same on any number of threads`() {
    check(
      [
        "W,0,1000,16932,ffff800008021238,ffff80000a001000,80001000,8,1,io,nGnRE,f900016d,nvme",
        "R,1,1001,16931,ffff800008021238,ffff80000a001000,80001008,4,0,ram,off,b900016d,RAM",
        "B,0,1002,16933,ffff800008021238,dsb sy", "S,0,1003,16934,stlr=2;dmb ishst=1",
        "M,0,1004,16935,5", "#comment",
      ], heading: "#mmio_plugin,1\n", .plugin)
  }
}
