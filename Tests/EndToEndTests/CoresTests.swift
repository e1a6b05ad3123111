import Testing

/// `--threads`: what is computed does not depend on how many cores do it.
struct CoresTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Findings name lines and code addresses, whose columns the scenarios decode as they need them.
  @Test(arguments: ["fb-wc", "nvme-flr", "vfio-reclaim"])
  func `a comparison has the same bytes on any number of cores`(trace: String) throws {
    let files = ["report.md", "run.json", "summary.csv", "findings.csv"]
    func report(_ threads: String) throws -> [[UInt8]] {
      let folder = "report-" + threads
      let outcome = try scratch.mmioscope(
        ["compare", Repository.trace(trace), "-o", folder, "--threads", threads])
      #expect(outcome.status == 0)
      return try files.map { try scratch.bytes(folder + "/" + $0) }
    }
    let one = try report("1")
    for threads in ["2", "7"] { #expect(try report(threads) == one, "\(threads) threads") }
  }

  /// A capture of many chunks; every fourth line is none that several cores read ahead.
  @Test func `an import has the same bytes on any number of cores`() throws {
    var log = ""
    for index in 0..<12_000 {
      log +=
        index % 4 == 0
        ? "8@1.\(100_000 + index):pci_cfg_read nvme 01:00.0 @0x4 -> 0x7\n"
        : "7@1.\(100_000 + index):memory_region_ops_write cpu 1 mr 0x55 addr 0x1000\(index % 8) "
          + "value 0x6c size 1 name 'nvme'\n"
    }
    try scratch.write("log.txt", log)
    func trace(_ threads: String) throws -> [UInt8] {
      let outcome = try scratch.mmioscope(
        ["import", scratch.path("log.txt"), "-o", scratch.path("x.mmt"), "--threads", threads])
      #expect(outcome.status == 0)
      return try scratch.bytes("x.mmt")
    }
    let one = try trace("1")
    for threads in ["2", "7"] { #expect(try trace(threads) == one, "\(threads) threads") }
    try scratch.failing(
      ["import", scratch.path("log.txt"), "-o", scratch.path("y.mmt"), "--threads", "0"],
      saying: ["--threads 0"])
  }

  @Test func `a number of cores that cannot be is refused`() throws {
    try scratch.failing(
      ["compare", Repository.trace("nvme-flr"), "--threads", "0"], saying: ["--threads 0"])
  }
}
