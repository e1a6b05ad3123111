import Foundation
import Testing

/// Commands that make a trace of a trace.
struct EditCommandTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func done(_ arguments: [String]) throws {
    let outcome = try scratch.mmioscope(arguments)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    #expect(outcome.output == "")
  }

  private func dump(_ name: String) throws -> [UInt8] {
    try scratch.mmioscope(["dump", name]).outputBytes
  }

  /// Time stamps of all records, in ns.
  private func stamps(_ name: String) throws -> [UInt64] {
    let lines = try scratch.mmioscope(["dump", name]).output.split(separator: "\n")
    return lines.dropFirst().compactMap {
      UInt64($0.split(separator: ",", omittingEmptySubsequences: false)[1])
    }
  }

  @Test(arguments: Repository.traces)
  func `slices joined again are the whole`(name: String) throws {
    let trace = Repository.trace(name)
    try done(["slice", trace, "-o", "a.mmt", "--count", "70001"])
    try done(["slice", trace, "-o", "b.mmt", "--from", "70001", "--count", "1"])
    try done(["slice", trace, "-o", "c.mmt", "--from", "70002"])
    try done(["cat", "a.mmt", "b.mmt", "c.mmt", "-o", "all.mmt"])
    let isSame = try dump("all.mmt") == dump(trace)
    #expect(isSame)
    let info = try scratch.mmioscope(["info", "b.mmt"]).output
    #expect(info.contains("A slice of \(name).mmt: 1 of "))
    #expect(info.contains("slice_left_out"))
  }

  @Test(arguments: Repository.traces)
  func `native, records of 32 bytes and CSV give the same dump`(name: String) throws {
    let trace = Repository.trace(name)
    let whole = try dump(trace)
    try done(["convert", trace, "-o", "a.rec32"])
    try done(["convert", "a.rec32", "-o", "b.mmt"])
    try done(["convert", "b.mmt", "-o", "c.csv"])
    var isSame = try scratch.bytes("c.csv") == whole
    #expect(isSame)
    isSame = try dump("a.rec32") == whole
    #expect(isSame)
    // What a trace says of itself, too: all but the file's own name and format.
    func info(_ name: String) throws -> [Substring] {
      try scratch.mmioscope(["info", name]).lines.dropFirst().map { $0 }
    }
    #expect(try info("b.mmt") == info(trace))
    #expect(try info("a.rec32") == info(trace))
    #expect(try scratch.list() == ["a.rec32", "b.mmt", "c.csv"])
  }

  @Test func `records of 24 bytes are refused until it is said what they may lack`() throws {
    let trace = Repository.trace("nvme-flr")
    try scratch.failing(
      ["convert", trace, "-o", "a.rec24"],
      saying: ["range", "--drop source-line", "record 0"])
    // All that is in the way, at once.
    try scratch.failing(
      ["convert", Repository.trace("fb-wc"), "-o", "a.rec24"],
      saying: ["no room for pc, source-line; --drop pc --drop source-line leaves them out"])
    #expect(try scratch.list() == [])
    let outcome = try scratch.mmioscope(
      ["convert", trace, "-o", "a.rec24", "--drop", "source-line"])
    #expect(outcome.status == 0 && outcome.errors.contains("source_line_dropped: "))
    let whole = try dump(trace)
    func cells(_ bytes: [UInt8]) -> [Substring] {
      String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().map {
        $0.prefix(upTo: $0.lastIndex(of: ",") ?? $0.endIndex)
      }
    }
    let isSame = try cells(dump("a.rec24")) == cells(whole)
    #expect(isSame)
  }

  @Test func `wrong options of the new commands are told`() throws {
    let trace = Repository.trace("nvme-flr")
    try scratch.failing(["convert", trace, "-o", "x.bin"], saying: ["give --to"])
    try scratch.failing(
      ["convert", trace, "-o", "x.csv", "--drop", "pc"], saying: ["--drop is for records"])
    try scratch.failing(
      ["convert", trace, "-o", "x.mmt", "--map-out", "m.yaml"], saying: ["--map-out is for CSV"])
    try scratch.failing(
      ["convert", trace, "-o", "x.csv", "--map-out", "-"], saying: ["needs a file"])
    try scratch.failing(
      ["slice", trace, "-o", "x.mmt", "--region", "nowhere"], saying: ["no region 'nowhere'"])
    try scratch.failing(
      ["slice", trace, "-o", "x.mmt", "--vcpu", "0,7"], saying: ["no vCPU 7; there are: 0, 1"])
    try scratch.failing(["anonymize", "-", "-o", "x.mmt"], saying: ["standard input"])
    try scratch.failing(
      ["slice", trace, "-o", "x.mmt", "--from-mark", "nowhere"], saying: ["no mark 'nowhere'"])
    try scratch.failing(
      ["slice", trace, "-o", "x.mmt", "--from-time", "5", "--to-time", "4"],
      saying: ["--to-time lies before"])
    try scratch.failing(["cat", "-", "-", "-o", "x.mmt"], saying: ["once only"])
    try scratch.failing(
      ["anonymize", trace, "-o", "x.mmt", "--seed-file", "missing"], saying: ["missing"])
    #expect(try scratch.list() == [])
  }

  @Test(arguments: Repository.traces)
  func `an anonymous trace gives the same numbers and no names`(name: String) throws {
    let trace = Repository.trace(name)
    try scratch.write("seed", "not a secret")
    try done(["anonymize", trace, "-o", "a.mmt", "--seed-file", "seed"])
    func run(_ trace: String) throws -> [String: Any] {
      let outcome = try scratch.mmioscope(["compare", trace, "--json", "-"])
      let object = try JSONSerialization.jsonObject(with: Data(outcome.outputBytes))
      return try #require(object as? [String: Any])
    }
    let (before, after) = (try run(trace), try run("a.mmt"))
    // Read from the product's JSON, independently of the command's own check.
    func metrics(_ run: [String: Any]) throws -> [NSObject] {
      let scenarios = try #require(run["scenarios"] as? [[String: Any]])
      return try scenarios.flatMap { scenario in
        let regions = try #require(scenario["regions"] as? [[String: Any]])
        return try ([scenario] + regions).map {
          try #require(($0["totals"] ?? $0["metrics"]) as? NSObject)
        }
      }
    }
    #expect(try metrics(before) == metrics(after))
    func findings(_ run: [String: Any]) throws -> [NSObject] {
      try #require(run["findings"] as? [[String: Any]]).map { finding in
        var rest = finding
        for key in ["message", "region", "advice", "caller", "register", "section"] {
          rest[key] = nil
        }
        return rest as NSDictionary
      }
    }
    #expect(try findings(before) == findings(after))
    try noneIsLeft(trace, "a.mmt", before)
    // The same secret, the same trace.
    try done(["anonymize", trace, "-o", "b.mmt", "--seed-file", "seed", "--no-check"])
    let isSame = try scratch.bytes("a.mmt") == scratch.bytes("b.mmt")
    #expect(isSame)
    try scratch.write("seed", "another")
    try done(["anonymize", trace, "-o", "c.mmt", "--seed-file", "seed", "--no-check"])
    let isOther = try scratch.bytes("c.mmt") != scratch.bytes("a.mmt")
    #expect(isOther)
  }

  /// Names of regions and marks, addresses and wide values of the original, looked for in the dump
  /// and the description of the other.
  private func noneIsLeft(_ trace: String, _ anonymous: String, _ run: [String: Any]) throws {
    let scenarios = try #require(run["scenarios"] as? [[String: Any]])
    let regions = try #require(scenarios[0]["regions"] as? [[String: Any]])
    let output = String(decoding: try dump(anonymous), as: UTF8.self)
    let info = try scratch.mmioscope(["info", anonymous]).output
    let stem = trace.split(separator: "/").last.map { String($0.dropLast(4)) } ?? trace
    #expect(!info.contains(stem))
    for region in regions {
      let name = try #require(region["name"] as? String)
      guard name != "config", name != "ecam" else { continue }
      #expect(!output.contains("," + name + ","), "\(name)")
      #expect(!info.contains(name + " "), "\(name)")
    }
    // Cells of accesses: t_ns is 1, op 3, addr 4, size 5, value 6, pc 10.
    struct Cells {
      var addresses = Set<Substring>()
      var values = Set<Substring>()
      var codes = Set<Substring>()
      var first: UInt64 = .max
    }
    func cells(_ text: String) -> Cells {
      var result = Cells()
      for row in text.split(separator: "\n").dropFirst() {
        let cells = row.split(separator: ",", omittingEmptySubsequences: false)
        result.first = min(result.first, UInt64(cells[1]) ?? .max)
        if cells.count == 14, !cells[10].isEmpty { result.codes.insert(cells[10]) }
        guard cells[3] == "store" || cells[3] == "load" else { continue }
        result.addresses.insert(cells[4])
        // Short values meet by chance, and those of zeros and ones are kept.
        if cells[5] == "8", cells[6].count >= 14, cells[6].contains(where: { !"0fFx".contains($0) })
        {
          result.values.insert(cells[6])
        }
      }
      return result
    }
    let (before, after) = (cells(String(decoding: try dump(trace), as: UTF8.self)), cells(output))
    #expect(before.addresses.isDisjoint(with: after.addresses))
    #expect(before.values.isDisjoint(with: after.values))
    #expect(before.addresses.count == after.addresses.count)
    #expect(before.codes.isDisjoint(with: after.codes))
    #expect(before.codes.count == after.codes.count)
    #expect(before.first > 0 && after.first == 0)
  }

  @Test func `a merge of a capture's two halves by vCPU or kind is the capture`() throws {
    let trace = Repository.trace("nvme-flr")
    try done(["cat", "--merge", trace, "-o", "one.mmt"])
    let isSame = try dump("one.mmt") == dump(trace)
    #expect(isSame)
  }

  @Test func `a clock that jumps back at a seam is counted`() throws {
    let header = "op,vcpu,addr,size,t_ns\n"
    try scratch.write("a.csv", header + "store,0,0x1000,8,100\n")
    try scratch.write("b.csv", header + "store,0,0x1000,8,50\n")
    let outcome = try scratch.mmioscope(["cat", "a.csv", "b.csv", "a.csv", "-o", "c.mmt"])
    #expect(outcome.status == 0 && outcome.errors.contains("clock_back_at_seam: 1 "))
    try scratch.quietly(["info", "c.mmt"])
  }

  @Test func `clocks of different runs are put end to end`() throws {
    let header = "op,vcpu,addr,size,t_ns\n"
    let store = "store,0,0x1000,8,"
    // The second one's clock goes back within it, and its last stamp may be no larger.
    try scratch.write("a.csv", header + store + "100\n" + store + "150\n")
    try scratch.write("b.csv", header + store + "50\n" + store + "20\n" + store + "70\n")
    try scratch.write("c.csv", header + store + "9\n" + store + "\(UInt64.max)\n")
    let outcome = try scratch.mmioscope(
      ["cat", "--end-to-end", "a.csv", "b.csv", "c.csv", "a.csv", "-o", "all.mmt"])
    #expect(outcome.status == 0 && outcome.errors.contains("clock_shifted_at_seam: 3 "))
    #expect(!outcome.errors.contains("clock_back_at_seam"))
    let times = try stamps("all.mmt")
    // 150 + (20 - 50), 150 + (70 - 50); 170 + (2^64 - 1 - 9) is no stamp, nor is what is behind it.
    #expect(times == [100, 150, 150, 120, 170, 170, .max, .max, .max])
    try scratch.failing(
      ["cat", "--merge", "--end-to-end", "a.csv", "-o", "x.mmt"], saying: ["one clock"])
  }

  @Test func `a capture repeated end to end goes on where it ended`() throws {
    let trace = Repository.trace("nvme-flr")
    try done(["cat", "--end-to-end", trace, trace, trace, "-o", "three.mmt"])
    let (first, whole) = (try stamps(trace), try stamps("three.mmt"))
    let span = try #require(first.max()) - (try #require(first.first))
    #expect(whole == (0..<3).flatMap { copy in first.map { $0 + copy * span } })
  }

  @Test func `the doctor never fails and changes nothing`() throws {
    let text = try scratch.quietly(["doctor"]).output
    for name in ["tracefs", "rwmmio", "kvm_mmio", "mmiotrace", "vfio", "kvm", "qemu"] {
      #expect(text.contains(name))
    }
    let json = try scratch.quietly(["doctor", "--json", "-", "--root", scratch.folder])
    let object = try JSONSerialization.jsonObject(with: Data(json.outputBytes))
    #expect((object as? [String: Any])?["schema_version"] as? Int == 1)
    #expect(try scratch.list() == [])
  }
}

/// The C header, used by a C program.
struct RecordHeaderTests {
  static let compiler = ["/usr/bin/cc", "/usr/bin/clang"].first {
    FileManager.default.fileExists(atPath: $0)
  }

  @Test(.enabled(if: compiler != nil))
  func `a C program that includes the header counts what info counts`() throws {
    let scratch = try Scratch()
    let trace = Repository.trace("nvme-flr")
    #expect(try scratch.mmioscope(["convert", trace, "-o", "a.rec32"]).status == 0)
    try scratch.write(
      "count.c",
      """
      #include <stdio.h>
      #include <string.h>
      #include "mmioscope_records.h"
      int main(void) {
        struct mmioscope_header header;
        struct mmioscope_record32 unit;
        unsigned long counts[8] = {0}, bytes = 0;
        FILE *file = fopen("a.rec32", "rb");
        if (!file || fread(&header, sizeof header, 1, file) != 1) return 1;
        if (memcmp(header.magic, MMIOSCOPE_MAGIC, 8) || header.unit_size != 32) return 2;
        while (fread(&unit, sizeof unit, 1, file) == 1) {
          if (unit.operation < 8) {
            counts[unit.operation]++;
            if (unit.operation == MMIOSCOPE_STORE) bytes += unit.size;
          } else {
            fseek(file, (long)mmioscope_payload_units(&unit) * 32, SEEK_CUR);
          }
        }
        printf("%lu %lu %lu %lu %lu\\n", counts[0], counts[1], counts[3], counts[4], bytes);
        return 0;
      }
      """)
    let include = Repository.path("Sources/TraceIO/Documentation.docc")
    let built = try Command.run(
      try #require(Self.compiler),
      ["-std=c11", "-Wall", "-Werror", "-I", include, "count.c", "-o", "count"], in: scratch)
    #expect(built.status == 0, "\(built.errors)")
    let counted = try Command.run(scratch.path("count"), [], in: scratch)
    let counts = try self.counts(of: trace, scratch)
    let names = ["stores", "loads", "config_reads", "config_writes", "store_bytes"]
    let expected = try names.map { String(try #require(counts[$0] as? Int)) }
    #expect(counted.output == expected.joined(separator: " ") + "\n")
  }

  private func counts(of trace: String, _ scratch: Scratch) throws -> [String: Any] {
    let info = try scratch.quietly(["info", trace, "--json", "-"]).outputBytes
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(info)) as? [String: Any])
    return (object["counts"] as? [String: Any]) ?? object
  }

  /// Records of 24 bytes, whose times are steps.
  @Test(.enabled(if: compiler != nil), arguments: Repository.traces)
  func `a C program adds up the time steps of 24-byte records to the trace's span`(
    name: String
  ) throws {
    let scratch = try Scratch()
    let trace = Repository.trace(name)
    let drops = ["--drop", "source-line", "--drop", "pc"]
    #expect(try scratch.mmioscope(["convert", trace, "-o", "a.rec24"] + drops).status == 0)
    try scratch.write(
      "span.c",
      """
      #include <stdio.h>
      #include "mmioscope_records.h"
      int main(void) {
        struct mmioscope_header header;
        struct mmioscope_record24 unit;
        uint64_t clock = 0, first = 0, records = 0, stores = 0;
        int is_timed = 0;
        FILE *file = fopen("a.rec24", "rb");
        if (!file || fread(&header, sizeof header, 1, file) != 1) return 1;
        if (header.byte_order != MMIOSCOPE_BYTE_ORDER || header.unit_size != 24) return 2;
        while (fread(&unit, sizeof unit, 1, file) == 1) {
          if (unit.operation == MMIOSCOPE_UNIT_CLOCK) clock = unit.address;
          if (unit.operation >= MMIOSCOPE_UNIT_CLASS) {
            fseek(file, (long)mmioscope_payload_units24(&unit) * 24, SEEK_CUR);
            continue;
          }
          records++;
          stores += unit.operation == MMIOSCOPE_STORE;
          if (!(unit.flags & MMIOSCOPE_HAS_TIME)) continue;
          clock += unit.time_step_ns;
          if (!is_timed) first = clock;
          is_timed = 1;
        }
        printf("%llu %llu %llu\\n", (unsigned long long)records, (unsigned long long)stores,
               (unsigned long long)(clock - first));
        return 0;
      }
      """)
    let include = Repository.path("Sources/TraceIO/Documentation.docc")
    let built = try Command.run(
      try #require(Self.compiler),
      ["-std=c11", "-Wall", "-Werror", "-I", include, "span.c", "-o", "span"], in: scratch)
    #expect(built.status == 0, "\(built.errors)")
    let output = try Command.run(scratch.path("span"), [], in: scratch).output
    // From the dump: rows, rows of stores, last stamp less the first.
    let rows = try scratch.mmioscope(["dump", trace]).output.split(separator: "\n").dropFirst()
    let stamps = rows.compactMap {
      UInt64($0.split(separator: ",", omittingEmptySubsequences: false)[1])
    }
    let first = try #require(stamps.first)
    let last = try #require(stamps.last)
    let stores = rows.count { $0.contains(",store,") }
    #expect(output == "\(rows.count) \(stores) \(last - first)\n")
  }
}
