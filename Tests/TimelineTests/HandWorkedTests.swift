import ArmMemory
import PCIeModel
import Profiles
import Results
import TestSupport
import Testing
import Timeline
import TraceCore

/// A trace of six records, worked out by the rules of the article Model, section Time.
///
/// Every store and load is issued 500 ps behind the one before; an acknowledgement takes 100 ns and a
/// device 800 ns to answer. Nothing waits for credits. What n bytes take on the link is w(n), of
/// which `LinkFormulaTests` has the figures. Bytes: 24 of framing and header of a write above 4 GiB or a
/// read request, 20 of a completion, and 4 a DW of data.
struct HandWorkedTests {
  private static let events: [NaiveEvent] = [
    .store(Bench.bar, 8), .store(Bench.bar + 8, 8), .barrier("dmb.st"),
    .store(Bench.bar + 64, 4), .load(Bench.bar + 128, 4),
  ]
  private let program = NaiveProgram(
    regions: [NaiveRegion("bar 0", base: Bench.bar, size: 0x1000)], settings: NaiveSettings(),
    events: events)

  private func w(_ bytes: Int) -> UInt64 {
    LinkRate(program.settings.modelSettings.link).serialisationPs(bytes)
  }

  private func trace(
    _ policy: KVMPolicy, clock: MappingTimeline.Clock = .saturated,
    scale: TimeScale = .picoseconds
  ) throws -> DecodedTrace {
    let packets = try Bench.packets(program, policy)
    return try DecodedTrace(Bench.bytes(Bench.timeline(packets, clock: clock, scale: scale)))
  }

  /// The first line is opened at 0, and is ready behind its second store, at 1000.
  ///
  /// The second line is opened then, and the load issued at 1500, whose request waits for the
  /// write ahead of it. At the end the second line goes behind the request.
  @Test func `lines are held until their TLP starts, and a load until its data is there`() throws {
    let trace = try trace(.kvmNormalNC)
    let request = 1000 + w(40)
    let last = request + w(24)
    let back = last + 800_000
    #expect(
      trace.rows("m/link down") == [
        "link down: MWr 16 B 1000-\(request)", "link down: MRd 4 B \(request)-\(last)",
        "link down: MWr 4 B \(last)-\(last + w(28))",
      ])
    #expect(trace.rows("m/link up") == ["link up: CplD 4 B \(back)-\(back + w(24))"])
    // One buffer after the other: the second line takes the first one's track.
    #expect(
      trace.rows("m/vCPU 0") == [
        "line 0: barrier 0-1000", "line 0: end 1000-\(last)",
        "read in flight 0: load 4 B 1500-\(back + w(24))",
      ])
    #expect(
      trace.rows("m/model") == [
        "model: 1 us here is 1 ns modelled, saturated clock 0-\(back + w(24))"
      ])
    #expect(trace.deepest == 1)
  }

  /// Stores are ready when they are issued, at 0, 500 and 1000, and all fit into the four that may
  /// be without acknowledgement, so each is held on a track of its own.
  @Test func `Device stores are held until they are acknowledged`() throws {
    let trace = try trace(.kvmDevice)
    let starts = [0, w(32), 2 * w(32), 2 * w(32) + w(28)]
    let last = starts[3] + w(24)
    let back = last + 800_000
    // Else the link would be idle between them.
    #expect(w(32) >= 1000)
    #expect(
      trace.rows("m/link down") == [
        "link down: MWr 8 B 0-\(starts[1])", "link down: MWr 8 B \(starts[1])-\(starts[2])",
        "link down: MWr 4 B \(starts[2])-\(starts[3])", "link down: MRd 4 B \(starts[3])-\(last)",
      ])
    #expect(
      trace.rows("m/vCPU 0") == [
        "store in flight 0: store 8 B 0-100000",
        "store in flight 1: store 8 B 500-\(starts[1] + 100_000)",
        "store in flight 2: store 4 B 1000-\(starts[2] + 100_000)",
        "read in flight 0: load 4 B 1500-\(back + w(24))",
      ])
  }

  @Test func `a TLP says what packets says of it, and a flow leads to it from its line`() throws {
    let trace = try trace(.kvmNormalNC)
    let tlp = try #require(trace.slices("m/link down").first { $0.name == "MWr 16 B" })
    let line = try #require(trace.slices("m/vCPU 0/line 0").first { $0.name == "barrier" })
    #expect(tlp.flows.count == 1 && tlp.flows == line.flows)
    #expect(
      tlp.notes == [
        "tlp": "0", "type": "MWr64", "addr": "0x1000000000", "length_dw": "4",
        "first_be": "1111", "last_be": "1111", "payload_bytes": "16", "wire_bytes": "40",
        "vcpu": "0", "region": "bar 0", "origin": "line", "cause": "barrier",
        "left_at_record": "2", "first_record": "0", "last_record": "1", "record_count": "2",
        "start_ps": "1000", "end_ps": "\(1000 + w(40))",
      ])
    #expect(
      line.notes == [
        "addr": "0x1000000000", "payload_bytes": "16", "tlps": "1", "region": "bar 0",
        "origin": "line", "cause": "barrier", "left_at_record": "2", "first_record": "0",
        "last_record": "1", "record_count": "2", "start_ps": "0", "end_ps": "1000",
      ])
    let answer = try #require(trace.slices("m/link up").first)
    let load = try #require(trace.slices("m/vCPU 0/read").first)
    #expect(answer.notes["completes"] == "1" && answer.flows == load.flows)
    #expect(Set(trace.slices.flatMap(\.flows)).count == 3)
  }

  @Test func `what it hangs on is told by a slice around all of it`() throws {
    let trace = try trace(.kvmNormalNC, clock: .paced, scale: #require(TimeScale(1)))
    let model = try #require(trace.slices("m/model").first)
    #expect(model.name == "times as modelled, in whole ns, paced clock")
    #expect(
      model.notes == [
        "trace": "t", "mapping": "m", "clock": "paced", "accessors": "recorded",
        "time_scale": "1", "tlps": "4", "tlps_left_out": "0",
      ])
    #expect(trace.slices.allSatisfy { $0.start >= model.start && $0.end <= model.end })
  }

  /// 16 bytes of the first write are there from its start on, 4 more from that of the other one.
  @Test func `counters follow what is held and what has been written`() throws {
    let trace = try trace(.kvmNormalNC)
    func values(_ name: String) -> [String] {
      (trace.counters["m/" + name] ?? []).map { "\($0.time) \($0.value)" }
    }
    let last = 1000 + w(40) + w(24)
    // The first line ends where the second one begins.
    #expect(values("lines held") == ["0 1", "\(last) 0"])
    #expect(values("bytes written") == ["0 0", "1000 16", "\(last) 20"])
    #expect(
      values("reads in flight") == ["0 0", "1500 1", "\(last + 800_000 + w(24)) 0"])
    #expect(trace.counters["m/stores in flight"] == nil)
  }

  @Test func `a time scale rounds down`() throws {
    let whole = try trace(.kvmNormalNC)
    let rounded = try trace(.kvmNormalNC, scale: #require(TimeScale(250)))
    func key(_ slice: DecodedTrace.Slice) -> String {
      slice.track + (slice.notes["tlp"] ?? slice.name)
    }
    for slice in whole.slices where slice.track != "m/model" {
      let other = try #require(rounded.slices.first { key($0) == key(slice) })
      #expect(other.start == slice.start / 4 && other.end == slice.end / 4)
      #expect(other.notes == slice.notes)
    }
    #expect(TimeScale(0) == nil && TimeScale(1001) == nil && TimeScale(-1) == nil)
  }
}
