import Foundation
import Testing

/// What `info` says of a trace's times and values, however the trace was made.
struct TraceTotalsTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `the span reaches from the smallest stamp to the largest`() throws {
    try scratch.write(
      "a.csv",
      """
      op,vcpu,addr,size,t_ns
      store,0,0x1000,8,1000
      store,0,0x1008,8,5
      store,0,0x2000,8,
      store,0,0x1010,8,700

      """)
    for arguments in [
      ["import", "a.csv", "-o", "a.mmt"], ["slice", "a.mmt", "-o", "b.mmt"],
      ["cat", "a.mmt", "a.mmt", "-o", "c.mmt"], ["convert", "a.mmt", "-o", "d.rec32"],
    ] { try scratch.make(arguments) }
    for name in ["a.csv", "a.mmt", "b.mmt", "c.mmt", "d.rec32"] {
      for more in [[], ["--sections"]] {
        let outcome = try scratch.quietly(["info", name] + more)
        #expect(outcome.output.contains("span          995 ns"), "\(name)")
      }
      let info = try JSON(scratch.quietly(["info", name, "--json", "-"]).output)
      #expect(info["first_time_ns"].integer == 5 && info["last_time_ns"].integer == 1000)
    }
    // The two stamps of the part that was kept.
    try scratch.make(["slice", "a.mmt", "-o", "e.mmt", "--from", "1"])
    let info = try JSON(scratch.quietly(["info", "e.mmt", "--json", "-"]).output)
    #expect(info["first_time_ns"].integer == 5 && info["last_time_ns"].integer == 700)
  }

  /// These were written before footers had the smallest and the largest stamp.
  @Test(arguments: Repository.traces)
  func `a trace of before is told as its records are`(name: String) throws {
    let trace = Repository.trace(name)
    let info = try JSON(scratch.quietly(["info", trace, "--json", "-"]).output)
    let cells = rows(try scratch.quietly(["dump", trace]).output).dropFirst()
    let stamps = cells.compactMap { UInt64($0[1]) }
    #expect(info["first_time_ns"].integer == stamps.min())
    #expect(info["last_time_ns"].integer == stamps.max())
    #expect(
      info["with_value"].integer == UInt64(cells.count { $0[3] != "lost" && !$0[6].isEmpty }))
  }

  @Test func `the number of a loss is no value`() throws {
    try scratch.write("a.csv", "op,vcpu,addr,size,value\nstore,0,0x1000,8,\nlost,0,,,0x5\n")
    try scratch.make(["import", "a.csv", "-o", "a.mmt"])
    for name in ["a.csv", "a.mmt"] {
      let outcome = try scratch.quietly(["info", name])
      #expect(outcome.output.contains("\n  no values\n"))
      let info = try JSON(scratch.quietly(["info", name, "--json", "-"]).output)
      #expect(info["with_value"].integer == 0 && info["lost_events"].integer == 5)
    }
  }
}
