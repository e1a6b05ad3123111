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

  @Test func `a number of cores that cannot be is refused`() throws {
    try scratch.failing(
      ["compare", Repository.trace("nvme-flr"), "--threads", "0"], saying: ["--threads 0"])
  }
}
