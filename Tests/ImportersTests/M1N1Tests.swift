import Testing
import TraceCore

@testable import Importers

/// The text log of m1n1's hypervisor; lines are written after its format string.
struct M1N1Tests {
  @Test(arguments: [
    (
      "[cpu0] [0xfffffe00124bf5c0] MMIO: R.4   0x204d14000 (sgx, offset 0xd14000) = 0x0",
      "load v0 0x204d14000+4 =0 pc0xfffffe00124bf5c0 [sgx] l1"
    ),
    (
      "[cpu7] MMIO: W.1   0x24acaffd8 (aop[2], offset 0xaffd8) = 0x47 // start of bootargs",
      "store v7 0x24acaffd8+1 =47 [aop[2]] l1"
    ),
    (
      "MMIO: R.8   0x23c500048 (dptx-phy[1], offset 0x48) = 0xffffffffffffffff",
      "load v0 0x23c500048+8 =ffffffffffffffff [dptx-phy[1]] l1"
    ),
    ("# MMIO: W.2   0x1000 (a, b, offset 0x00) = 0x1", "store v0 0x1000+2 =1 [a, b] l1"),
    (
      "\t// [cpu1] MMIO: W.4 0x1000 (x, offset 0x0) = 0x1\t# why",
      "store v1 0x1000+4 =1 [x] l1"
    ),
    (
      "[cpu0] [0x10] MMIO: W.8+  0x1008 (x, offset 0x8) = 0x1", "store v0 0x1008+8 =1 pc0x10 [x] l1"
    ),
  ])
  func `accesses are read`(_ line: String, _ expected: String) throws {
    let result = try importText(line + "\n")
    #expect(result.context.format == "m1n1")
    #expect(result.records == [expected])
    #expect(result.counter("wide_access_part") == (line.contains("+  ") ? 1 : 0))
  }

  @Test(arguments: [
    ("MMIO: X.4   0x1000 (x, offset 0x0) = 0x1", "bad-record 1:7"),
    ("MMIO: R.3   0x1000 (x, offset 0x0) = 0x1", "range 1:9"),
    ("MMIO: R.4   1000 (x, offset 0x0) = 0x1", "bad-record 1:13"),
    ("MMIO: R.4   0xfffffffffffffffc (x, offset 0x0) = 0x1", "range 1:13"),
    ("MMIO: R.4   0xfffffffffffffffd (x, offset 0x0) = 0x1", "range 1:13"),
    ("MMIO: R.4   0x1000 x = 0x1", "bad-record 1:20"),
    ("MMIO: R.4   0x1000 (x) = 0x1", "bad-record 1:21"),
    ("MMIO: R.4   0x1000 (x, offset 0x1001) = 0x1", "range 1:21"),
    ("MMIO: R.4   0x1000 (x, offset 0x0)", "bad-record 1:35"),
    ("MMIO: R.4   0x1000 (x, offset 0x0) = 1", "bad-record 1:38"),
    ("MMIO: R.4   0x1000 (x, offset 0x0) = 0x1x", "bad-record 1:41"),
    ("[cpu65536] MMIO: R.4   0x1000 (x, offset 0x0) = 0x1", "range 1:5"),
    ("[cpu0] [0xzz] MMIO: R.4   0x1000 (x, offset 0x0) = 0x1", "bad-record 1:9"),
  ])
  func `a bad record is an error with its place`(_ line: String, _ expected: String) throws {
    let error = importError(line + "\n", as: .m1n1)
    #expect(place(error) == expected, "\(String(describing: error))")
    let skipped = try importText(line + "\n", as: .m1n1, skip: true)
    #expect(skipped.counter("bad_record_skipped") == 1)
  }

  @Test func `devices of one name are told apart, other lines counted`() throws {
    let result = try importText(
      """
      TTY> Hello
      p.write32(0x204000000 + 0xd14000, 0x70001)

      MMIO: R.4   0x1010 (x, offset 0x10) = 0x1
      MMIO: R.4   0x1020 (x, offset 0x20) = 0x1
      MMIO: R.4   0x2010 (x, offset 0x10) = 0x1

      """, as: .m1n1)
    #expect(
      result.context.regions.regions.map { "\($0.name) 0x\(hex($0.base))+\($0.size)" } == [
        "x 0x1010+20", "x #2 0x2010+4",
      ])
    #expect(result.context.regions.regions.allSatisfy { $0.kind == .platform })
    #expect(result.counter("unknown_line") == 1)
    #expect(result.counter("script_line") == 1)
    #expect(result.counter("blank_line") == 1)
    #expect(result.context.blindSpots.contains { $0.contains("no time stamps") })
  }
}
