import ArmMemory
import Profiles
import Replay
import Results
import TestSupport
import Testing
import Timeline
import TraceCore

/// What holds of the timeline of any program.
struct PropertyTests {
  /// Seeds in parts, so that they share the cores.
  static let parts = Array(0..<4)

  private static func seeds(_ part: Int) -> Range<UInt64> {
    UInt64(part * 25)..<UInt64(part * 25 + 25)
  }

  @Test(arguments: parts)
  func `slices of a track never overlap, and are as many as packets has rows`(part: Int) throws {
    var shown = 0
    for seed in Self.seeds(part) {
      let program = generateProgram(seed: seed)
      let batches = try Bench.packets(program, cutSeed: seed)
      let packets = batches.flatMap { $0 }
      for clock in [MappingTimeline.Clock.saturated, .paced] {
        for factor in [1000, [1, 7, 250][Int(seed % 3)]] {
          let scale = try #require(TimeScale(factor))
          let timeline = try Bench.timeline(batches, clock: clock, scale: scale)
          let trace = try DecodedTrace(Bench.bytes(timeline))
          #expect(trace.deepest == 1, "seed \(seed)")
          checkApart(trace, "seed \(seed), \(clock), \(factor)")
          let tlps = trace.slices("m/link")
          #expect(tlps.count == packets.count, "seed \(seed)")
          #expect(
            trace.slices("m/link down").count == packets.count { $0.direction == .down },
            "seed \(seed)")
          #expect(
            Set(tlps.compactMap { $0.notes["tlp"] }) == Set(packets.map { "\($0.number)" }),
            "seed \(seed)")
          // Each line or access once, linked with all its TLPs.
          let held = trace.slices("m/vCPU")
          #expect(held.count == Set(packets.map(\.access)).count, "seed \(seed)")
          #expect(Set(held.flatMap(\.flows)) == Set(tlps.flatMap(\.flows)), "seed \(seed)")
          #expect(Set(held.flatMap(\.flows)).count == held.count, "seed \(seed)")
          shown += tlps.count
        }
      }
    }
    #expect(shown > 1000)
  }

  private func checkApart(_ trace: DecodedTrace, _ comment: Comment) {
    for (_, slices) in Dictionary(grouping: trace.slices, by: \.track) {
      let ordered = slices.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
      #expect(
        zip(ordered, ordered.dropFirst()).allSatisfy { $0.end <= $1.start }, comment)
    }
  }

  /// The settings of generated programs: so many buffers, 4 Device writes, 1 Device load and 4
  /// Normal ones in flight.
  @Test(arguments: parts)
  func `a vCPU never holds more than its profile allows`(part: Int) throws {
    var widest = 0
    for seed in Self.seeds(part) {
      let program = generateProgram(seed: seed)
      let cpu = program.settings.modelSettings.cpu
      let batches = try Bench.packets(program, cutSeed: seed)
      // A 64-byte store to Normal memory waits for nothing.
      let hasSingles = batches.joined().contains { $0.origin == .single }
      for clock in [MappingTimeline.Clock.saturated, .paced] {
        let trace = try DecodedTrace(Bench.bytes(Bench.timeline(batches, clock: clock)))
        for name in trace.trackNames {
          guard let number = name.split(separator: " ").last.flatMap({ Int($0) }) else { continue }
          let limit =
            name.contains("/line ")
            ? cpu.buffers
            : name.contains("/store ")
              ? hasSingles ? .max : cpu.deviceWritesInFlight
              : name.contains("/read ")
                ? cpu.deviceLoadsInFlight + cpu.normalLoadsInFlight
                : name.contains("/config ") ? 1 : .max
          #expect(number < limit, "seed \(seed): \(name)")
          if limit < .max { widest = max(widest, number) }
        }
      }
    }
    #expect(widest > 0)
  }

  /// The totals are those of a plain replay, which is what `compare` shows.
  @Test(arguments: parts)
  func `payload adds up to what compare counts`(part: Int) throws {
    var carried: UInt64 = 0
    for seed in Self.seeds(part) {
      let program = generateProgram(seed: seed)
      let result = try ReplayDriver(program.source(cutSeed: seed), [program.configuration()])
        .run().scenarios[0]
      let trace = try DecodedTrace(
        Bench.bytes(Bench.timeline(Bench.packets(program, cutSeed: seed))))
      let writes = trace.slices("m/link down").filter { $0.name.hasPrefix("MWr") }
      let payload = try writes.reduce(UInt64(0)) {
        $0 + (try #require($1.notes["payload_bytes"].flatMap { UInt64($0) }))
      }
      let wire = try trace.slices("m/link down").reduce(UInt64(0)) {
        $0 + (try #require($1.notes["wire_bytes"].flatMap { UInt64($0) }))
      }
      #expect(UInt64(writes.count) == result.totals.mwr, "seed \(seed)")
      #expect(payload == result.totals.payloadBytes, "seed \(seed)")
      #expect(wire == result.totals.wireDownBytes, "seed \(seed)")
      #expect((trace.counters["m/bytes written"]?.last?.value ?? 0) == payload, "seed \(seed)")
      for name in ["lines held", "stores in flight", "reads in flight"] {
        #expect((trace.counters["m/" + name]?.last?.value ?? 0) == 0, "seed \(seed): \(name)")
      }
      carried += payload
    }
    #expect(carried > 1000)
  }

  @Test func `the bytes do not hang on where blocks end`() throws {
    for seed in UInt64(0)..<30 {
      let program = generateProgram(seed: seed)
      let whole = try Bench.bytes(Bench.timeline(Bench.packets(program)))
      let cut = try Bench.bytes(Bench.timeline(Bench.packets(program, cutSeed: seed + 1)))
      #expect(whole == cut, "seed \(seed)")
    }
  }

  @Test func `both mappings are one trace, with tracks and flows of their own`() throws {
    let program = generateProgram(seed: 3)
    var bytes: [UInt8] = []
    var flows = 0
    for (number, policy) in [KVMPolicy.kvmDevice, .kvmNormalNC].enumerated() {
      let batches = try Bench.packets(program, policy)
      flows += Set(batches.joined().map(\.access)).count
      bytes += try Bench.bytes(
        Bench.timeline(batches, mapping: policy.rawValue, number: number + 1))
    }
    let trace = try DecodedTrace(bytes)
    #expect(trace.trackNames.contains("kvm-device/link down"))
    #expect(trace.trackNames.contains("kvm-normal-nc/link down"))
    #expect(flows > 2 && Set(trace.slices.flatMap(\.flows)).count == flows)
  }

  // MARK: The window

  @Test func `no more TLPs are shown than allowed, of whole accesses, and the rest is counted`()
    throws
  {
    var cuts = 0
    for seed in UInt64(0)..<20 {
      let batches = try Bench.packets(generateProgram(seed: seed), cutSeed: seed)
      let packets = batches.flatMap { $0 }
      for most in [1, 2, 7, 50] {
        let timeline = try Bench.timeline(batches, most: most)
        #expect(timeline.shown <= UInt64(most))
        #expect(timeline.shown + timeline.leftOut == UInt64(packets.count))
        let trace = try DecodedTrace(Bench.bytes(timeline))
        let numbers = trace.slices("m/link").compactMap { $0.notes["tlp"] }.compactMap { Int($0) }
        #expect(numbers.sorted() == Array(0..<Int(timeline.shown)), "seed \(seed)")
        let model = try #require(trace.slices("m/model").first)
        #expect(model.notes["tlps_left_out"] == "\(timeline.leftOut)")
        let own = packets.prefix(numbers.count)
        #expect(timeline.lastRecord == own.compactMap { $0.records.last?.upperBound }.max())
        guard timeline.leftOut > 0 else { continue }
        cuts += 1
        // One access more would be too many.
        let next = packets[numbers.count].access
        #expect(own.allSatisfy { $0.access != next })
        #expect(numbers.count + packets.count { $0.access == next } > most, "seed \(seed)")
      }
    }
    #expect(cuts > 20)
  }

  // MARK: Errors

  private func packet(end: UInt64) -> Packet {
    var packet = Packet(
      number: 0, direction: .down, type: "MWr32", target: .address(0), dwords: 1,
      enables: .init(first: 15, last: 0), payloadBytes: 4, wireBytes: 24, region: "r", vcpu: 0,
      origin: .piece, cause: nil, leftAt: nil, records: [0...0])
    packet.saturated = Packet.Transmission(startPs: 0, endPs: end, heldPs: 0..<end)
    return packet
  }

  @Test func `a time that Perfetto cannot count is refused, unless the scale makes it short`()
    throws
  {
    let most = UInt64(Int64.max)
    _ = try Bench.bytes(Bench.timeline([[packet(end: most)]]))
    let long = try Bench.timeline([[packet(end: most + 1)]])
    let error = #expect(throws: TraceError.self) { try Bench.bytes(long) }
    #expect(error?.code == .range)
    let short = try Bench.timeline([[packet(end: .max)]], scale: #require(TimeScale(1)))
    let trace = try DecodedTrace(Bench.bytes(short))
    // In whole ns: 18446744073709551615 ps.
    #expect(trace.slices("m/link down").first?.end == 18_446_744_073_709_551)
  }

  @Test func `a clock that did not run is an error, not a time of zero`() throws {
    let error = #expect(throws: TraceError.self) {
      try Bench.timeline([[packet(end: 1)]], clock: .paced)
    }
    #expect(error?.code == .internal)
  }

  @Test func `what the sink refuses is passed on`() throws {
    let timeline = try Bench.timeline([[packet(end: 1)]])
    let error = #expect(throws: TraceError.self) {
      try timeline.write { _ throws(TraceError) in throw TraceError(.io, "full") }
    }
    #expect(error?.code == .io)
  }
}
