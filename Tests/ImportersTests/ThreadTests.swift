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
    var random = SeededGenerator(seed: seed)
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
}
