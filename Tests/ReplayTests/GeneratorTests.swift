import Results
import TestSupport
import Testing
import TraceCore

@Suite struct `Generated programs` {
  @Test func `a seed reproduces its program`() {
    for seed in 0..<20 as Range<UInt64> {
      #expect(generateProgram(seed: seed) == generateProgram(seed: seed))
    }
    #expect(generateProgram(seed: 1).events != generateProgram(seed: 2).events)
  }

  @Test func `the random numbers are SplitMix64`() {
    // Reference output for seed 1234567, published with the algorithm's C code.
    var random = SplitMix64(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }

  @Test func `bytes balance and sums agree on thousands of programs`() {
    for seed in 0..<3000 as Range<UInt64> {
      let program = generateProgram(seed: seed, maximumEvents: 60)
      let total = program.naiveResult().total
      #expect(broken(total, program.settings) == [], "\(program.describe())")
    }
  }

  /// Names of the sums between metrics that do not hold (payload and collapsed bytes make up the
  /// stored ones; the histogram holds every TLP).
  private func broken(_ counts: NaiveCounts, _ settings: NaiveSettings) -> [String] {
    let tlps = counts.histogram.values.reduce(0, +)
    let bytes = counts.histogram.reduce(0) { $0 + $1.key * $1.value }
    let flushed = counts.flushBytes.values.reduce(0, +)
    let lines = counts.flushes.values.reduce(0, +)
    let header = counts.mwrWireBytes - counts.paddedBytes
    // Header, framing or byte enables, ECRC: at least and at most so much a TLP.
    let (least, most) = settings.usesFlits ? (12, 20) : (20, 24)
    let check = settings.ecrc ? 4 : 0
    let rules: [(String, Bool)] = [
      ("store bytes", counts.storeBytes == counts.payloadBytes + counts.collapsedBytes),
      ("TLPs in histogram", tlps == counts.mwr),
      ("bytes in histogram", bytes == counts.payloadBytes),
      ("padding", counts.paddedBytes >= counts.payloadBytes && counts.paddedBytes % 4 == 0),
      ("flushed bytes", flushed <= counts.payloadBytes),
      ("bus writes", lines <= counts.busWrites && counts.busWrites <= counts.mwr),
      ("least header", header >= (least + check) * counts.mwr),
      ("most header", header <= (most + check) * counts.mwr),
      ("writes in down", counts.mwrWireBytes <= counts.wireDownBytes),
      ("reads", counts.mrd >= counts.loads),
      ("payload", counts.histogram.keys.allSatisfy { $0 <= 128 }),
    ]
    return rules.filter { !$0.1 }.map(\.0)
  }

  @Test func `programs reach every operation, cause, metric and setting`() {
    var reached: Set<String> = []
    for seed in 0..<600 as Range<UInt64> {
      let program = generateProgram(seed: seed, maximumEvents: 120)
      reached.formUnion(program.events.map { $0.op + $0.barrier })
      let settings = program.settings
      reached.formUnion([settings.policy, settings.accessors, settings.split, settings.evict])
      reached.formUnion(["line \(settings.lineBytes)", "buffers \(settings.buffers)"])
      reached.formUnion(["bus \(settings.deviceBusBytes)", "gen \(settings.generation)"])
      reached.formUnion(program.regions.map(\.name))
      let total = program.naiveResult().total
      reached.formUnion(total.scalars.filter { $0.value > 0 }.map { $0.name })
      reached.formUnion(total.flushes.keys.map { "cause " + $0 })
    }
    #expect(wanted.subtracting(reached) == [])
  }

  private var wanted: Set<String> {
    var words: Set<String> = [
      "store", "load", "barrierdmb.sy", "barrierdgh", "barrierisb", "config_read", "config_write",
      "reset", "lost", "mark", "kvm-device", "kvm-normal-nc", "none", "auto", "recorded",
      "relaxed", "linux-writel", "bursts", "runs", "minimal", "aligned", "qword", "lru", "fifo",
      "line 16", "line 32", "line 64", "line 128", "high", "low", "next", "plain", "uart", "ecam",
    ]
    words.formUnion(FlushCause.allCases.map { "cause " + $0.name })
    words.formUnion(NaiveCounts().scalars.map { $0.name })
    words.formUnion((1...8).map { "buffers \($0)" } + (1...7).map { "gen \($0)" })
    words.formUnion([1, 2, 4, 8, 16, 32, 64].map { "bus \($0)" })
    return words
  }

  @Test func `a description holds seed, settings, regions and a row an event`() {
    var program = NaiveProgram(
      seed: 7, regions: [NaiveRegion("bar0", base: 0x1000, size: 0x100)],
      settings: NaiveSettings(),
      events: [
        .store(0x1008, 2, time: 5, vcpu: 1).with {
          $0.value = [0x34, 0x12]
          $0.release = true
          $0.attribute = 0x04
        }, .barrier("dmb.st"), .config("config_read", "0000:01:00.0", 0x3c, 4),
      ])
    program.settings.stage1 = ["bar0": "normal-nc"]
    let lines = program.describe().split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "# seed 7")
    let options = "# --policy none --fwb off --accessors recorded --stage1 bar0=normal-nc"
    #expect(lines.dropFirst().first == options[...])
    #expect(lines.contains("# bar0: bar 0x1000 + 0x100, vfio true"))
    #expect(
      lines.suffix(3) == [
        "0,5,1,store,0x1008,2,0x1234,rel,,0x04,,,bar0,",
        "1,,0,barrier,,,,,dmb.st,,,,,",
        "2,,0,config_read,0x3c,4,,,,,,0000:01:00.0,,",
      ])
  }

  @Test func `shrinking keeps the failure and drops the rest`() {
    // Fails where a store is flushed by a release, of a store or elsewhere: two events of one vCPU
    // are needed, not more.
    func fails(_ program: NaiveProgram) -> Bool {
      program.naiveResult().total.flushes["release"] != nil
    }
    let seeds = (0..<300 as Range<UInt64>).filter { fails(generateProgram(seed: $0)) }
    #expect(seeds.count > 20)
    for seed in seeds.prefix(10) {
      let small = shrink(generateProgram(seed: seed), while: fails)
      #expect(fails(small))
      #expect(small.events.count == 2 && small.events[0].op == "store")
      #expect(small.events[1].release || small.events[1].barrier.hasSuffix("rel"))
      #expect(small.settings == NaiveSettings())
    }
  }
}
