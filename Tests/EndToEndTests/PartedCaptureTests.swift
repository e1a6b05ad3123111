import Foundation
import Testing

/// Captures in parts, and regions of one name.
struct PartedCaptureTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func regions(_ name: String) throws -> [String] {
    try JSON(scratch.quietly(["info", name, "--json", "-"]).output)["regions"].list.map {
      "\($0["name"].text ?? "") \($0["base"].integer ?? 0)+\($0["size"].integer ?? 0)"
    }
  }

  @Test func `halves of a log, imported singly and joined, have the regions of the whole`() throws {
    let lines = [
      ("gicv3_dist", 0x800_0004, 4), ("serial", 0x900_0018, 2), ("gicv3_dist", 0x800_ffe8, 4),
      ("nvme", 0x1000_1000, 4), ("gicv3_dist", 0x800_0000, 4), ("serial", 0x900_0000, 2),
      ("nvme", 0x1000_0000, 8), ("nvme", 0x1000_2008, 4),
    ].enumerated().map { index, line in
      "7@1.00000\(index):memory_region_ops_write cpu 0 mr 0x5\(line.0.count) addr 0x"
        + String(line.1, radix: 16) + " value 0x1 size \(line.2) name '\(line.0)'\n"
    }
    try scratch.write("whole.log", lines.joined())
    try scratch.make(["import", "whole.log", "-o", "whole.mmt"])
    let whole = try regions("whole.mmt")
    // By hand: 0x8000000 + 0xffec, 0x9000000 + 0x1a, 0x10000000 + 0x200c.
    #expect(
      whole == ["gicv3_dist 134217728+65516", "serial 150994944+26", "nvme 268435456+8204"])
    for cut in 1..<lines.count {
      try scratch.write("a.log", lines[..<cut].joined())
      try scratch.write("b.log", lines[cut...].joined())
      try scratch.make(["import", "a.log", "-o", "a.mmt"])
      try scratch.make(["import", "b.log", "-o", "b.mmt"])
      for arguments in [[], ["--merge"]] {
        try scratch.make(["cat", "a.mmt", "b.mmt", "-o", "c.mmt"] + arguments)
        #expect(try regions("c.mmt") == whole, "cut at \(cut)")
      }
      try scratch.make(["import", "a.log", "b.log", "-o", "c.mmt"])
      #expect(try regions("c.mmt") == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: 0..<5) func `regions of one name are made anonymous`(seed: Int) throws {
    let header = "op,vcpu,addr,size,region\n"
    try scratch.write(
      "a.csv", header + "store,0,0x1000,4,bar\nstore,0,0x1010,4,bar\nstore,0,0x5000,4,nic\n")
    try scratch.write("b.csv", header + "store,0,0x9008,4,bar\nstore,0,0x9004,2,bar\n")
    try scratch.make(["import", "a.csv", "b.csv", "-o", "two.mmt"])
    #expect(try regions("two.mmt") == ["bar 4096+20", "nic 20480+4", "bar 36868+8"])
    try scratch.write("seed", "\(seed)")
    let outcome = try scratch.mmioscope(
      ["anonymize", "two.mmt", "-o", "none.mmt", "--seed-file", "seed"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let names = try regions("none.mmt").map { $0.split(separator: " ")[..<2] }
    #expect(names == [["region", "0"], ["region", "1"], ["region", "2"]])
  }

  /// Sizes 1 to 64, each at an address that is a multiple of it and at the next one.
  @Test(arguments: 0..<50) func `any size of access is made anonymous`(seed: Int) throws {
    let accesses = (1...64).map { size in
      let base = 0x10_0000 + 0x1_0000 * size
      let aligned = (base + size - 1) / size * size
      return [aligned, aligned + 1].map {
        "store,0,0x\(String($0, radix: 16)),\(size),r\(size)\n"
      }.joined()
    }
    try scratch.write("a.csv", "op,vcpu,addr,size,region\n" + accesses.joined())
    try scratch.write("seed", "\(seed)")
    let outcome = try scratch.mmioscope(
      ["anonymize", "a.csv", "-o", "none.mmt", "--seed-file", "seed"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("anonymize_region_kept"))
    let moved = rows(try scratch.quietly(["dump", "none.mmt"]).output).dropFirst().map {
      (Int($0[4].dropFirst(2), radix: 16) ?? 0) % (Int($0[5]) ?? 1)
    }
    #expect(moved == (1...64).flatMap { [0, 1 % $0] })
  }
}
