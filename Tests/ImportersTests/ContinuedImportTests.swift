import Testing
import TraceCore
import TraceIO

@testable import Importers

/// Captures of one run that are imported one after the other: what the first told holds in the next.
struct ContinuedImportTests {
  private func records(_ format: ImportFormat, _ captures: [[UInt8]]) throws -> [String] {
    var sources: [any BlockSource] = []
    for capture in captures {
      sources.append(
        try format.open(
          MemorySource(capture, path: "t"), name: "t", options: ImportOptions(), after: sources))
    }
    var result: [String] = []
    let block = Block()
    for source in sources {
      #expect(source.context === sources[0].context)
      while try source.next(into: block) { result += describe(block, source.context) }
    }
    return result
  }

  @Test func `threads, regions and BARs of a log are those of the one ahead`() throws {
    let access =
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x10001000 value 0x9 size 4 name 'nvme'\n"
    let first =
      "10@1.000000:vfio_region_write  (0000:01:00.0:region0+0x10, 0x1, 4)\n"
      + "11@1.000001:vfio_region_write  (0000:02:00.0:region0+0x14, 0x2, 4)\n"
      + "pci_update_mappings_add nvme 03:00.0 0,0x10000000+0x4000\n"
    let second =
      "11@1.000002:vfio_region_write  (0000:02:00.0:region0+0x18, 0x3, 4)\n"
      + "10@1.000003:vfio_region_write  (0000:01:00.0:region0+0x14, 0x4, 4)\n" + access
    #expect(
      try records(.qemuLog, [Array(first.utf8), Array(second.utf8)]) == [
        "store v0 0x1000000010+4 =1 t1000000000 [0000:01:00.0 region0] l1",
        "store v1 0x1000100014+4 =2 t1000001000 [0000:02:00.0 region0] l2",
        "store v1 0x1000100018+4 =3 t1000002000 [0000:02:00.0 region0] l1",
        "store v0 0x1000000014+4 =4 t1000003000 [0000:01:00.0 region0] l2",
        "store v0 0x10001000+4 =9 [0000:03:00.0 bar 0] l3",
      ])
  }

  @Test func `threads of a KVM trace keep their numbers`() throws {
    func line(_ thread: Int, _ value: Int) -> String {
      " q-\(thread)  [000]  1.0: kvm_mmio: mmio write len 4 gpa 0x10 val 0x\(value)\n"
    }
    let captures = [line(7, 1) + line(8, 2), line(8, 3) + line(7, 4)].map { Array($0.utf8) }
    let found = try records(.kvmMMIO, captures).map { String($0.prefix(8)) }
    #expect(found == ["store v0", "store v1", "store v1", "store v0"])
  }

  @Test func `a binary trace numbers its events anew, devices lie where they lay`() throws {
    func trace(_ number: UInt64, _ device: String) -> [UInt8] {
      var trace = SimpleTrace()
      trace.name(number, "vfio_region_write")
      trace.event(
        number, at: 1000, [.text(device), .word(0), .word(0x10), .word(1), .word(4)])
      return trace.bytes
    }
    #expect(
      try records(
        .qemuSimple, [trace(1, "0000:01:00.0"), trace(2, "0000:02:00.0"), trace(3, "0000:01:00.0")])
        == [
          "store v0 0x1000000010+4 =1 t1000 [0000:01:00.0 region0]",
          "store v0 0x1000100010+4 =1 t1000 [0000:02:00.0 region0]",
          "store v0 0x1000000010+4 =1 t1000 [0000:01:00.0 region0]",
        ])
  }

  @Test func `a format with a heading begins anew`() throws {
    let csv = Array("op,vcpu,addr,size\nstore,0,0x10,4\n".utf8)
    let first = try ImportFormat.canonicalCSV.open(MemorySource(csv), name: "t")
    let second = try ImportFormat.canonicalCSV.open(
      MemorySource(csv), name: "t", options: ImportOptions(), after: [first])
    #expect(first.context !== second.context)
  }
}
