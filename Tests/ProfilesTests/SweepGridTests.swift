import Results
import Testing
import TraceCore

@testable import Profiles

/// Which points a sweep has, and what is no sweep.
@Suite struct SweepGridTests {
  private let library: ProfileLibrary

  init() { library = ProfileLibrary() }

  private func grid(_ texts: [String]) throws(TraceError) -> SweepGrid {
    try SweepGrid(texts, library: library, others: ["accessors": ["auto", "recorded"]])
  }

  @Test func `the grid is every combination, the last setting fastest`() throws {
    let grid = try grid(["cpu.buffers=1,2", "accessors=recorded", "rc.split=runs,aligned,qword"])
    #expect(grid.axes.map(\.name) == ["cpu.buffers", "accessors", "rc.split"])
    #expect(grid.count == 6)
    #expect(
      (0..<6).map(grid.places) == [
        [0, 0, 0], [0, 0, 1], [0, 0, 2], [1, 0, 0], [1, 0, 1], [1, 0, 2],
      ]
    )
    for point in 0..<6 { #expect(grid.point(grid.places(point)) == point) }
  }

  @Test(arguments: [
    ("link=gen4x8", ["gen4x8"]),
    ("link=gen3x8,gen4x8,gen5x16", ["gen3x8", "gen4x8", "gen5x16"]),
    ("link=gen4x8,mps=128,gen4x8,mps=512,ph=32", ["gen4x8,mps=128", "gen4x8,mps=512,ph=32"]),
    ("link=gen4x8,gen4x8,mps=128", ["gen4x8", "gen4x8,mps=128"]),
  ])
  func `a link's options belong to the link before them`(text: String, values: [String]) throws {
    #expect(try grid([text]).axes[0].values == values)
  }

  @Test func `a root complex has two names`() throws {
    #expect(try grid(["root-complex=minimal,qword"]).axes[0].name == "rc")
    #expect(
      failure { () throws(TraceError) in try grid(["rc=minimal", "root-complex=qword"]) }
        .hasSuffix("--set root-complex=qword: 'rc' is set twice"))
  }

  @Test(arguments: [
    ("cpu.buffers", "--set cpu.buffers: expected KEY=VALUE,VALUE,…"),
    ("cpu.buffers=", "--set cpu.buffers=: '' is not allowed: 1 to 64"),
    ("cpu.buffers=1,,2", "'' is not allowed"),
    ("cpu.buffers=1,65", "--set cpu.buffers=65: '65' is not allowed: 1 to 64"),
    ("cpu.buffers=1,2,1", "--set cpu.buffers=1,2,1: '1' is given twice"),
    ("cpu.buffers=16,0x10", "'0x10' is given twice"),
    ("cpu.device_ack_ns=0.5,0.50", "'0.50' is given twice"),
    ("link=gen4x8,mps=128,gen4x8,mps=128", "'gen4x8,mps=128' is given twice"),
    ("cpu=neoverse-n1,neoverse-n1", "'neoverse-n1' is given twice"),
    ("accessors=recorded,recorded", "'recorded' is given twice"),
    ("cpu.buffers=1..4", "'1..4' is a range; a sweep takes values, separated by commas"),
    ("cpu.buffers=1,2..4", "'2..4' is a range"),
    ("cpu.buffers=4..1", "'4..1' is a range"),
    ("cpu.buffers=1|2", "'1|2' is a range"),
    ("rc.split=runs|aligned", "'runs|aligned' is a range"),
    ("cpu.buffer=1", "unknown key 'cpu.buffer'; did you mean 'cpu.buffers'?"),
    ("lnk=gen4x8", "unknown key 'lnk'; did you mean 'link'?"),
    ("buffers=1,2", "unknown key 'buffers'; did you mean 'cpu.buffers'?"),
    ("accessors=none", "--set accessors=none: 'none' is not allowed: one of auto, recorded"),
    ("link=gen9x8", "gen '9' is not allowed"),
    ("link=gen4x8,xyz=3", "unknown option 'xyz'"),
    ("cpu=nobody", "no cpu profile 'nobody'"),
  ])
  func `what is no list of values is refused`(text: String, says: String) throws {
    let message = failure { () throws(TraceError) in try grid([text]) }
    #expect(message.contains(says), "\(message)")
  }

  @Test func `a key is swept once`() throws {
    let message = failure { () throws(TraceError) in
      try grid(["cpu.buffers=1,2", "cpu.buffers=3"])
    }
    #expect(message.hasSuffix("--set cpu.buffers=3: 'cpu.buffers' is set twice"))
  }

  @Test func `more points than can be run are counted and refused`() throws {
    func numbers(_ count: Int) -> String { (1...count).map(String.init).joined(separator: ",") }
    let most = ["link.ph=" + numbers(100), "link.nph=" + numbers(100)]
    #expect(try grid(most).count == 10_000)
    let message = failure { () throws(TraceError) in try grid(most + ["cpu.buffers=1,2"]) }
    #expect(
      message.hasSuffix("the sweep has 100 x 100 x 2 = 20000 points; at most 10000 are run"))
    // 1000^8 is above 2^64.
    let keys = ["ph", "nph", "pd", "npd", "cplh", "cpld"].map { "link.\($0)=" + numbers(1000) }
    let many =
      keys + ["cpu.loads_in_flight=" + numbers(1000), "link.replay_every=" + numbers(1000)]
    #expect(failure { () throws(TraceError) in try grid(many) }.contains("points; at most 10000"))
  }

  @Test func `a point's settings are those of the same options without a sweep`() throws {
    let grid = try grid([
      "cpu=neoverse-n1,x86-wc", "accessors=auto,recorded", "link=gen3x8,gen6x4,mps=512",
      "cpu.buffers=1,64", "rc=minimal", "device=intel-gts,generic",
    ])
    #expect(grid.count == 32)
    for point in 0..<grid.count {
      let places = grid.places(point)
      let same = try library.resolve(
        cpu: ["neoverse-n1", "x86-wc"][places[0]], rc: "minimal",
        link: ["gen3x8", "gen6x4,mps=512"][places[2]],
        device: ["intel-gts", "generic"][places[5]],
        overrides: [["cpu.buffers=1", "cpu.buffers=64"][places[3]]])
      #expect(try grid.settings(places, library: library) == same)
    }
  }

  @Test func `what is not swept comes from the profiles of all points`() throws {
    let grid = try grid(["cpu.buffers=3"])
    let base = SweepBase(cpu: "x86-wc", rc: "qword", link: "gen2x2", device: "intel-gts")
    let same = try library.resolve(
      cpu: "x86-wc", rc: "qword", link: "gen2x2", device: "intel-gts",
      overrides: ["cpu.buffers=3"])
    #expect(try grid.settings([0], library: library, base: base) == same)
    #expect(
      ["cpu", "rc", "link", "device", "cpu.buffers"].map(base.isGiven).filter(\.self).count == 4)
    #expect(!SweepBase().isGiven("cpu"))
  }

  @Test func `values that do not go together are named`() throws {
    let grid = try grid(["link.mps=128,4096", "link.pd=8,512"])
    // A credit is 16 bytes: 4096 of them take 256.
    _ = try grid.settings([0, 0], library: library)
    let message = failure { () throws(TraceError) in
      try grid.settings([1, 0], library: library)
    }
    #expect(message.contains("link.pd 8 is less than one TLP of link.mps 4096 needs: at least 256"))
    #expect(message.hasSuffix("(at link.mps=4096 link.pd=8)"))
  }
}
