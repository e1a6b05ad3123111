import TestSupport
import Testing
import TraceCore

@testable import Importers

/// A QEMU simple trace, built field by field after `trace/simple.c`.
struct SimpleTrace {
  var bytes: [UInt8] = []

  /// An argument: an integer, or a text.
  enum Argument {
    case word(UInt64)
    case text(String)
  }

  init(version: UInt64 = 4) {
    word(.max)
    word(0xf2b1_77cb_0aa4_29b4)
    word(version)
  }

  mutating func word(_ value: UInt64, count: Int = 8) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  mutating func name(_ id: UInt64, _ text: String) {
    word(0)
    word(id)
    word(UInt64(text.utf8.count), count: 4)
    bytes += Array(text.utf8)
  }

  mutating func event(_ id: UInt64, at time: UInt64, _ arguments: [Argument]) {
    var body = SimpleTrace()
    body.bytes = []
    for argument in arguments {
      switch argument {
      case .word(let value): body.word(value)
      case .text(let text):
        body.word(UInt64(text.utf8.count), count: 4)
        body.bytes += Array(text.utf8)
      }
    }
    word(1)
    word(id)
    word(time)
    word(UInt64(24 + body.bytes.count), count: 4)
    word(4242, count: 4)
    bytes += body.bytes
  }

  mutating func dropped(_ count: UInt64, at time: UInt64) {
    event(.max - 1, at: time, [.word(count)])
  }

  /// Names 1 to 20, the events of ``QEMUEvent`` in order, and 30.
  mutating func names() {
    for (index, event) in QEMUEvent.allCases.enumerated() {
      name(UInt64(index + 1), event.name.description)
    }
    name(30, "msix_write_config")
  }

  static func id(_ event: QEMUEvent) -> UInt64 { UInt64(event.rawValue + 1) }
}

/// The binary trace of QEMU's `simple` back end.
struct QEMUSimpleTests {
  /// An event, its arguments, and what it becomes.
  struct EventCase: CustomTestStringConvertible {
    var event: QEMUEvent
    var arguments: [SimpleTrace.Argument]
    var records: [String]
    var counter: String?
    var testDescription: String { "\(event) \(arguments)" }

    init(
      _ event: QEMUEvent, _ arguments: [SimpleTrace.Argument], _ records: String...,
      counter: String? = nil
    ) {
      self.event = event
      self.arguments = arguments
      self.records = records
      self.counter = counter
    }
  }

  private static let device = SimpleTrace.Argument.text("0000:04:00.0")

  @Test(arguments: [
    EventCase(
      .opsWrite, [.word(3), .word(0x55), .word(0x1000_0040), .word(0x8f), .word(1), .text("nvme")],
      "store v3 0x10000040+1 =8f t1000 [nvme]"),
    // Without a name, as up to QEMU 5.2.
    EventCase(
      .opsRead, [.word(0), .word(0x55), .word(0x1000_0040), .word(0x8f), .word(8)],
      "load v0 0x10000040+8 =8f t1000 [mem@0x10000000]"),
    EventCase(
      .opsWrite, [.word(.max), .word(0x55), .word(0x1000_0040), .word(0), .word(4), .text("n")],
      counter: "device_access_dropped"),
    EventCase(
      .opsWrite, [.word(0xffff_ffff), .word(1), .word(0x1000_0040), .word(0), .word(4), .text("")],
      counter: "device_access_dropped"),
    EventCase(
      .regionWrite, [device, .word(2), .word(0x820), .word(0x11), .word(4)],
      "store v0 0x1000000820+4 =11 t1000 [0000:04:00.0 region2]"),
    EventCase(
      .regionRead, [device, .word(2), .word(0x820), .word(4), .word(0x22)],
      "load v0 0x1000000820+4 =22 t1000 [0000:04:00.0 region2]"),
    EventCase(
      .vfioConfigWrite, [device, .word(4), .word(6), .word(2)],
      "config_write v0 0x4+2 c=6 t1000 0000:04:00.0 [vfio config]"),
    EventCase(
      .vfioConfigRead, [device, .word(0x3d), .word(1), .word(1)],
      "config_read v0 0x3d+1 c=1 t1000 0000:04:00.0 [vfio config]"),
    EventCase(
      .configWrite, [.text("mch"), .word(1), .word(2), .word(3), .word(0x10), .word(0xfebe_0004)],
      "config_write v0 0x10+4 c=febe0004 t1000 0000:01:02.3 [config]",
      counter: "config_size_assumed"),
    EventCase(
      .configRead, [.text("mch"), .word(31), .word(0), .word(0x3d), .word(1)],
      "config_read v0 0x3d+1 c=1 t1000 0000:00:1f.0 [config]", counter: "config_bus_assumed"),
    EventCase(.resetFLR, [device], "reset v0 t1000 0000:04:00.0 'flr' [vfio config]"),
    EventCase(.resetPM, [device], "reset v0 t1000 0000:04:00.0 'pm' [vfio config]"),
    EventCase(
      .hotResetResult, [device, .text("Success")], "reset v0 t1000 0000:04:00.0 'hot' [vfio config]"
    ),
    EventCase(.hotResetResult, [device, .text("Invalid argument")], counter: "hot_reset_failed"),
    EventCase(.reset, [device], counter: "reset_attempt"),
    EventCase(.subpageRead, [.word(0)], counter: "subpage_access_dropped"),
    EventCase(.ramDeviceWrite, [.word(0)], counter: "ram_device_access_dropped"),
    EventCase(
      .mappingsAdd,
      [.text("igb"), .word(0), .word(3), .word(0), .word(2), .word(0xc060), .word(0x20)],
      counter: "low_bar_ignored"),
    // A pointer instead of the name, as up to QEMU 5.2.
    EventCase(
      .mappingsAdd,
      [.word(0x55_0000_0000), .word(0), .word(3), .word(0), .word(2), .word(0xc060), .word(0x20)],
      counter: "low_bar_ignored"),
    EventCase(
      .regionSetup,
      [device, .word(0), .text("0000:04:00.0 BAR 0"), .word(7), .word(0), .word(0x40_0000)]),
  ])
  func `every event becomes its record or is counted`(_ test: EventCase) throws {
    var trace = SimpleTrace()
    trace.names()
    trace.event(SimpleTrace.id(test.event), at: 1000, test.arguments)
    let result = try importBytes(trace.bytes)
    #expect(result.context.format == "qemu-simple")
    #expect(result.records == test.records)
    if let counter = test.counter { #expect(result.counter(counter) == 1) }
    // One byte less or more does not add up.
    for change in [-1, 1] {
      guard ![.reset, .subpageRead, .ramDeviceWrite, .hotResetResult].contains(test.event)
      else { continue }
      var damaged = SimpleTrace()
      damaged.names()
      let start = damaged.bytes.count
      damaged.bytes += trace.bytes[start...]
      if change < 0 { damaged.bytes.removeLast() } else { damaged.bytes.append(0) }
      damaged.bytes[start + 24] = UInt8(Int(damaged.bytes[start + 24]) + change)
      #expect(throws: TraceError.self) { try importBytes(damaged.bytes) }
      #expect(try importBytes(damaged.bytes, skip: true).counter("bad_record_skipped") == 1)
    }
  }

  private static func write(_ address: UInt64) -> [SimpleTrace.Argument] {
    [.word(0), .word(0x55), .word(address), .word(1), .word(4), .text("nvme")]
  }

  @Test func `dropped events are lost records, and their late stamp is counted, not kept`() throws {
    var trace = SimpleTrace()
    trace.names()
    trace.event(SimpleTrace.id(.opsWrite), at: 1000, Self.write(0x2000_0000))
    trace.dropped(1653, at: 9000)
    trace.event(SimpleTrace.id(.opsWrite), at: 2000, Self.write(0x2000_0004))
    trace.event(30, at: 2001, [.word(1)])
    trace.event(99, at: 2002, [])
    let result = try importBytes(trace.bytes)
    #expect(
      result.records == [
        "store v0 0x20000000+4 =1 t1000 [nvme]", "lost v0 =675",
        "store v0 0x20000004+4 =1 t2000 [nvme]",
      ])
    #expect(result.counter("clock_backwards") == 1)
    #expect(result.counter("other_event_msix_write_config") == 1)
    #expect(result.counter("other_event_unnamed") == 1)
  }

  @Test func `a config access of a device without a function is counted and left out`() throws {
    var trace = SimpleTrace()
    trace.names()
    let number = UInt64(QEMUEvent.vfioConfigRead.rawValue + 1)
    trace.event(number, at: 1000, [.text("hostdev0"), .word(0x3d), .word(1), .word(1)])
    trace.event(number, at: 2000, [Self.device, .word(0x3d), .word(1), .word(1)])
    let result = try importBytes(trace.bytes)
    #expect(result.records == ["config_read v0 0x3d+1 c=1 t2000 0000:04:00.0 [vfio config]"])
    #expect(result.counter("config_access_without_function") == 1)
  }

  @Test func `the two halves of a config access are one`() throws {
    var trace = SimpleTrace()
    trace.names()
    trace.event(
      SimpleTrace.id(.opsWrite), at: 1,
      [.word(1), .word(1), .word(0x40_1000_8004), .word(6), .word(2), .text("pcie-mmcfg-mmio")])
    trace.event(
      SimpleTrace.id(.configWrite), at: 2,
      [.text("nvme"), .word(0), .word(1), .word(0), .word(4), .word(6)])
    let result = try importBytes(trace.bytes)
    #expect(result.records.count == 1)
    #expect(result.counter("config_access_paired") == 1)
  }

  @Test func `headers of other versions and hosts are refused`() {
    for version in [0, 2, 3, 5] as [UInt64] {
      let error = importError(SimpleTrace(version: version).bytes)
      #expect(error?.code == .unknownFormat && error?.message.contains("only 4") == true)
    }
    var swapped = SimpleTrace().bytes
    swapped.replaceSubrange(8..<16, with: swapped[8..<16].reversed())
    #expect(importError(swapped)?.message.contains("big-endian") == true)
    #expect(importError(Array(SimpleTrace().bytes.prefix(20)))?.code == .truncated)
    #expect(importError(SimpleTrace().bytes) == nil)
  }

  private func importError(_ bytes: [UInt8]) -> TraceError? {
    do throws(TraceError) {
      _ = try importBytes(bytes)
      return nil
    } catch {
      return error
    }
  }

  private static let sample: SimpleTrace = {
    var trace = SimpleTrace()
    trace.names()
    for index in 0..<20 as Range<UInt64> {
      trace.event(SimpleTrace.id(.opsWrite), at: index, write(0x2000_0000 + 8 * index))
    }
    trace.dropped(7, at: 21)
    trace.event(
      SimpleTrace.id(.regionRead), at: 22, [device, .word(2), .word(0x820), .word(4), .word(0x22)])
    return trace
  }()

  @Test func `a trace cut at any byte gives the whole records before the cut`() throws {
    let bytes = Self.sample.bytes
    let whole = try importBytes(bytes).records
    #expect(whole.count == 22)
    for cut in 24..<bytes.count {
      let result = try importBytes(Array(bytes[..<cut]))
      #expect(result.records == Array(whole.prefix(result.records.count)))
      #expect(result.counter("cut_last_record") <= 1)
    }
    let half = try importBytes(Array(bytes.dropLast()))
    #expect(half.records.count == 21 && half.counter("cut_last_record") == 1)
  }

  @Test func `reads of any size give the same records`() throws {
    let whole = try importBytes(Self.sample.bytes)
    for chunk in 1...100 {
      let result = try importBytes(Self.sample.bytes, chunk: chunk, longestLine: 1024)
      #expect(result.records == whole.records)
      #expect(result.context.counters == whole.context.counters)
    }
  }

  @Test func `flipped bits give an error with its place, and skipping always ends`() throws {
    var generator = SplitMix64(seed: 21)
    for _ in 0..<4000 {
      var bytes = Self.sample.bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: 24..<bytes.count, using: &generator)] ^=
          1 << UInt8.random(in: 0...7, using: &generator)
      }
      do throws(TraceError) {
        _ = try importBytes(bytes)
      } catch {
        #expect(error.byteOffset ?? 0 >= 24)
        let skipped = try importBytes(bytes, skip: true)
        #expect(skipped.counter("bad_record_skipped") > 0)
      }
    }
  }

  @Test func `a damaged record's neighbours are found again`() throws {
    var bytes = Self.sample.bytes
    let record = 8 + 24 + 5 * 8 + 4 + 4
    var names = SimpleTrace()
    names.names()
    // The type of the third write.
    bytes[names.bytes.count + 2 * record] = 9
    let result = try importBytes(bytes, skip: true)
    #expect(result.records.count == 21)
    #expect(result.counter("bad_record_skipped") == 1)
    #expect(result.counter("skipped_bytes") == UInt64(record))
  }
}
