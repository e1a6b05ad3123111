import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// The list of TLPs, against rows worked out by hand, and against the totals of a plain replay.
@Suite struct PacketListingTests {
  private let bar = HazardBench.bar

  private func packets(
    _ source: any BlockSource, _ configuration: ScenarioConfiguration
  ) throws -> [Packet] {
    var listing = PacketListing(configuration)
    let accessors = try #require(configuration.accessors)
    var packets: [Packet] = []
    try listing.run(source, accessors: accessors) { packets += $0 }
    #expect(listing.count == UInt64(packets.count))
    return packets
  }

  private func packets(
    _ events: [NaiveEvent], _ policy: KVMPolicy = .kvmNormalNC
  ) throws -> [Packet] {
    let bench = HazardBench()
    var configuration = bench.configuration("one", policy)
    configuration.accessors = .recorded
    return try packets(bench.source(events), configuration)
  }

  /// What of a row does not hang on a clock.
  private func row(_ packet: Packet) -> String {
    var words = ["\(packet.number)", packet.direction.rawValue, packet.type]
    switch packet.target {
    case .address(let address): words.append("+\(address - bar)")
    case .config(let function, let register): words.append("\(function ?? "?") \(register)")
    case .completion(let request): words.append("of \(request)")
    }
    words.append("\(packet.dwords)dw")
    if let enables = packet.enables {
      words.append(byteEnables(enables.first) + "/" + byteEnables(enables.last))
    }
    words += ["\(packet.payloadBytes)", "\(packet.wireBytes)", packet.origin.rawValue]
    if let cause = packet.cause { words.append(cause.name) }
    words.append(packet.leftAt.map { "at \($0)" } ?? "")
    words.append(packet.records.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " "))
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private var copy: [NaiveEvent] {
    [
      .store(bar, 8), .store(bar + 8, 8), .store(bar + 17, 1), .barrier("dmb.st"),
      .load(bar + 64, 4), .store(bar + 130, 2),
    ]
  }

  /// 24 bytes of framing and header of a write above 4 GiB, 24 of a read request, 20 of a CplD, and 4
  /// a DW of data; byte enables by the PCI Express Base Specification 5.0, section 2.2.5.
  @Test func `a line's runs are writes of their own, with the records that wrote them`() throws {
    #expect(
      try packets(copy).map(row) == [
        "0 down MWr64 +0 4dw 1111/1111 16 40 line barrier at 3 0-1",
        "1 down MWr64 +16 1dw 0010/0000 1 28 line barrier at 3 2-2",
        "2 down MRd64 +64 1dw 1111/0000 4 24 load 4-4",
        "3 up CplD of 2 1dw 4 24 load 4-4",
        "4 down MWr64 +128 1dw 1100/0000 2 28 line end 5-5",
      ])
  }

  @Test func `on Device every store is a write of its own, in program order`() throws {
    #expect(
      try packets(copy, .kvmDevice).map(row) == [
        "0 down MWr64 +0 2dw 1111/1111 8 32 piece 0-0",
        "1 down MWr64 +8 2dw 1111/1111 8 32 piece 1-1",
        "2 down MWr64 +16 1dw 0010/0000 1 28 piece 2-2",
        "3 down MRd64 +64 1dw 1111/0000 4 24 load 4-4",
        "4 up CplD of 3 1dw 4 24 load 4-4",
        "5 down MWr64 +128 1dw 1100/0000 2 28 piece 5-5",
      ])
  }

  /// Record 1 overwrites bytes 2-3 of record 0, whose others stay: three runs of records in one TLP.
  @Test func `records of one write are told as runs, overwritten ones too where bytes are left`()
    throws
  {
    let events: [NaiveEvent] = [
      .store(bar, 4), .store(bar + 2, 2), .store(bar + 256, 8), .store(bar + 4, 4),
      .barrier("dmb.sy"),
    ]
    #expect(
      try packets(events).map(row) == [
        "0 down MWr64 +0 2dw 1111/1111 8 32 line barrier at 4 0-1 3-3",
        "1 down MWr64 +256 2dw 1111/1111 8 32 line barrier at 4 2-2",
      ])
  }

  /// A load over a 4 KiB boundary is two requests at once; a config write's answer has no data.
  @Test func `requests are numbered ahead of their answers`() throws {
    let events: [NaiveEvent] = [
      .load(bar + 4092, 8), .config("config_write", "0000:01:00.0", 0x44, 2),
    ]
    #expect(
      try packets(events).map(row) == [
        "0 down MRd64 +4092 1dw 1111/0000 4 24 load 0-0",
        "1 down MRd64 +4096 1dw 1111/0000 4 24 load 0-0",
        "2 up CplD of 0 1dw 4 24 load 0-0", "3 up CplD of 1 1dw 4 24 load 0-0",
        "4 down CfgWr0 0000:01:00.0 68 1dw 0011/0000 2 24 config 1-1",
        "5 up Cpl of 4 0dw 0 20 config 1-1",
      ])
  }

  @Test(arguments: 0..<4)
  func `the list adds up to the totals, and no two TLPs share the link`(part: UInt64) throws {
    var carried = 0
    for seed in part * 100..<part * 100 + 100 {
      let program = generateProgram(seed: seed)
      var configuration = program.configuration()
      let result = try ReplayDriver(program.source(cutSeed: seed), [configuration]).run()
        .scenarios[0]
      configuration.accessors = AccessorAssumption(rawValue: result.accessors)
      let found = try packets(program.source(cutSeed: seed), configuration)
      try check(found, result.totals, "seed \(seed)")
      carried += found.count
    }
    #expect(carried > 1000)
  }

  private func check(_ packets: [Packet], _ totals: Metrics, _ comment: Comment) throws {
    func these(_ prefix: String) -> [Packet] { packets.filter { $0.type.hasPrefix(prefix) } }
    let writes = these("MWr")
    #expect(UInt64(writes.count) == totals.mwr, comment)
    #expect(UInt64(these("MRd").count) == totals.mrd, comment)
    #expect(UInt64(these("CfgRd").count) == totals.cfgReads, comment)
    #expect(UInt64(these("CfgWr").count) == totals.cfgWrites, comment)
    #expect(writes.reduce(0) { $0 + UInt64($1.payloadBytes) } == totals.payloadBytes, comment)
    #expect(writes.reduce(0) { $0 + UInt64(4 * $1.dwords) } == totals.paddedBytes, comment)
    for (direction, bytes) in [
      (Packet.Direction.down, totals.wireDownBytes), (.up, totals.wireUpBytes),
    ] {
      let own = packets.filter { $0.direction == direction }
      #expect(own.reduce(0) { $0 + UInt64($1.wireBytes) } == bytes, comment)
      for clock in [\Packet.saturated, \Packet.paced] {
        let times = own.compactMap { $0[keyPath: clock] }.sorted { $0.startPs < $1.startPs }
        #expect(times.count == own.count, comment)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0.endPs <= $1.startPs }, comment)
      }
    }
    // Completions come after what they complete.
    for packet in packets {
      guard case .completion(let number) = packet.target else { continue }
      let request = packets[Int(number)]
      #expect(request.number == number && request.direction == .down, comment)
      let (sent, answered) = (try #require(request.saturated), try #require(packet.saturated))
      #expect(sent.endPs <= answered.startPs, comment)
    }
  }
}
