import Results
import Testing
import TraceCore
import YAMLInput

@testable import Profiles

/// Ranges in profiles and on the command line: what is read, what is refused, where.
@Suite struct RangeTests {
  /// A user's CPU profile with one value, which stands on line 7 and its range on line 8.
  static func settings(_ key: String, value: String, range: String, unit: String) throws -> String {
    let text = """
      kind: cpu
      name: mine
      description: A test
      extends: generic-arm64
      values:
        \(key):
          value: \(value)
          range: \(range)
      \(unit.isEmpty ? "" : "    unit: \(unit)\n")    source: A laboratory
          status: measured

      """
    let library = UserProfileTests.library(text)
    return failure { () throws(TraceError) in
      try library.resolve(cpu: "m.yaml").values.first { $0.key == "cpu." + key }?.rangeText ?? ""
    }
  }

  struct Row: CustomTestStringConvertible {
    var key = "buffers"
    var value = "4"
    var range: String
    var unit = "lines"
    /// What `--set` would take, or the error with its place.
    var result: String
    var testDescription: String { "\(key) \(value) in \(range)" }
  }

  @Test(arguments: [
    Row(range: "[2, 8]", result: "2..8"), Row(range: "[4, 64]", result: "4..64"),
    Row(range: "[1, 4]", result: "1..4"), Row(range: "[0x2, 8]", result: "2..8"),
    Row(range: "[4, 4]", result: ""),
    Row(
      key: "store_issue_ns", value: "0.5", range: "[0.25, 1]", unit: "ns", result: "0.25..1"),
    Row(
      key: "drain_after_ns", value: "40", range: "[8, 128]", unit: "ns", result: "8..128"),
    Row(key: "evict", value: "lru", range: "[fifo, lru]", unit: "", result: "fifo|lru"),
    Row(key: "lse2", value: "true", range: "[true, false]", unit: "", result: "true|false"),
    Row(
      key: "line_bytes", value: "64", range: "[32, 64, 128]", unit: "bytes", result: "32|64|128"),
    Row(key: "evict", value: "lru", range: "[lru]", unit: "", result: ""),
  ])
  func `a range of a profile reaches the settings`(_ row: Row) throws {
    let result = try Self.settings(row.key, value: row.value, range: row.range, unit: row.unit)
    #expect(result == "no error: " + row.result)
  }

  /// Columns counted in `    range: [`: the sequence starts in 12, its first item in 13.
  @Test(arguments: [
    Row(range: "5", result: "8:12: configuration: values.buffers.range: expected a sequence"),
    Row(range: "[]", result: "8:12: configuration: values.buffers.range: expected the two ends"),
    Row(range: "[2]", result: "8:12: configuration: values.buffers.range: expected the two ends"),
    Row(range: "[2, 3, 8]", result: "8:12: configuration: values.buffers.range: expected the two"),
    Row(
      range: "[8, 2]", result: "8:12: configuration: values.buffers.range: the range 8 to 2 ends"),
    Row(
      range: "[5, 8]",
      result:
        "8:12: configuration: values.buffers.range: the value 4 is outside of its range 5 to 8"
    ),
    Row(
      range: "[1, 3]",
      result:
        "8:12: configuration: values.buffers.range: the value 4 is outside of its range 1 to 3"
    ),
    Row(
      range: "[0, 8]",
      result: "8:13: configuration: values.buffers.range[0]: '0' is not allowed for cpu.buffers"),
    Row(
      range: "[2, 65]",
      result: "8:16: configuration: values.buffers.range[1]: '65' is not allowed for cpu.buffers"),
    Row(range: "[2, '8']", result: "8:16: configuration: values.buffers.range[1]: quoted text"),
    Row(
      key: "drain_after_ns", value: "40", range: "[8, never]", unit: "ns",
      result: "8:12: configuration: values.drain_after_ns.range: 'never' cannot be the end"),
    Row(
      key: "drain_after_ns", value: "never", range: "[8, 128]", unit: "ns",
      result: "8:12: configuration: values.drain_after_ns.range: the value never is outside"),
    Row(
      key: "evict", value: "lru", range: "[fifo]", unit: "",
      result: "8:12: configuration: values.evict.range: the value lru is not among its alternatives"
    ),
    Row(
      key: "evict", value: "lru", range: "[lru, fifo, lru]", unit: "",
      result: "8:12: configuration: values.evict.range: 'lru' is given twice"),
    Row(
      key: "evict", value: "lru", range: "[lru, random]", unit: "",
      result: "8:18: configuration: values.evict.range[1]: 'random' is not allowed"),
  ])
  func `a wrong range names file, line, column and key`(_ row: Row) throws {
    let result = try Self.settings(row.key, value: row.value, range: row.range, unit: row.unit)
    #expect(result.hasPrefix("m.yaml:" + row.result), "\(result)")
  }

  struct Option: CustomTestStringConvertible {
    var text: String
    /// Value and range as text.
    var value = ""
    var range = ""
    var error = ""
    var testDescription: String { text }
  }

  /// The generic profiles' values: 4 buffers, 444 data credits, 300 ns, `lru`, 64 bytes.
  @Test(arguments: [
    Option(text: "cpu.buffers=1..16", value: "4", range: "1..16"),
    Option(text: "cpu.buffers=4..4", value: "4", range: ""),
    Option(text: "cpu.buffers=8..16", value: "8", range: "8..16"),
    Option(text: "cpu.buffers=1..2", value: "2", range: "1..2"),
    Option(text: "link.credit_loop_ns=400..600", value: "400", range: "400..600"),
    Option(text: "link.credit_loop_ns=0.5..299.999", value: "299.999", range: "0.5..299.999"),
    Option(text: "cpu.buffers=4", value: "4", range: ""),
    Option(text: "link.credit_loop_ns=0.5..600", value: "300", range: "0.5..600"),
    // Never, which is later than any time.
    Option(text: "cpu.drain_after_ns=8..128", value: "128", range: "8..128"),
    // 0, which is as many as there are, and none of so many.
    Option(text: "link.replay_buffer_bytes=4096..8192", value: "8192", range: "4096..8192"),
    Option(text: "cpu.evict=fifo|lru", value: "lru", range: "fifo|lru"),
    Option(text: "cpu.evict=fifo", value: "fifo", range: ""),
    Option(text: "cpu.line_bytes=16|32", value: "16", range: "16|32"),
    Option(text: "rc.split=runs", value: "runs", range: ""),
    Option(text: "cpu.lse2=true|false", value: "true", range: "true|false"),
    Option(text: "cpu.buffers=8..2", error: "the range 8 to 2 ends before it starts"),
    Option(text: "cpu.buffers=0..2", error: "'0' is not allowed: 1 to 64"),
    Option(text: "cpu.buffers=2..", error: "'' is not allowed: 1 to 64"),
    Option(text: "cpu.buffers=2...8", error: "'.8' is not allowed: 1 to 64"),
    Option(text: "cpu.buffers=2..4..8", error: "'4..8' is not allowed: 1 to 64"),
    Option(text: "cpu.buffers=2|8", error: "'2|8' is not allowed: 1 to 64"),
    Option(
      text: "cpu.buffers=2|4|8",
      error: "'2|4|8' is not allowed: 1 to 64; a range of numbers is LOW..HIGH, '|' is for"),
    Option(
      text: "link.mps=128..512",
      error: "'128..512' is not allowed: 128, 256, 512, 1024, 2048, 4096; alternatives are a|b"),
    Option(
      text: "link.lanes=8..16",
      error: "'8..16' is not allowed: 1, 2, 4, 8, 12, 16, 32; link.lanes takes no range"),
    Option(
      text: "link.credit_loop_ns=0.0001",
      error: "'0.0001' is not allowed: 0 to 1000000; times have up to three decimals"),
    Option(
      text: "link.credit_loop_ns=1..2.0001",
      error: "'2.0001' is not allowed: 0 to 1000000; times have up to three decimals"),
    Option(
      text: "cpu.drain_after_ns=8.5",
      error: "'8.5' is not allowed: 1 to 1000000000000, or never; this time has no decimals"),
    Option(text: "cpu.evict=fifo..lru", error: "'fifo..lru' is not allowed: lru, fifo"),
    Option(text: "cpu.evict=fifo|fifo", error: "'fifo' is given twice"),
    Option(text: "cpu.evict=lru|", error: "'' is not allowed: lru, fifo"),
    Option(text: "cpu.drain_after_ns=1..never", error: "'never' cannot be the end of a range"),
    Option(text: "link.ph=0..127", error: "0 cannot be the end of a range of link.ph"),
    Option(text: "link.gen=3..5", error: "link.gen takes no range"),
    Option(text: "link.lanes=8|16", error: "link.lanes takes no range"),
  ])
  func `a range by option`(_ row: Option) throws {
    let library = ProfileLibrary()
    let key = String(row.text.prefix { $0 != "=" })
    if row.error.isEmpty {
      let values = try library.resolve(overrides: [row.text]).values
      let setting = try #require(values.first { $0.key == key })
      #expect(setting.value.text == row.value && setting.rangeText == row.range)
      #expect(setting.status == .user && setting.source.hasPrefix("--set"))
    } else {
      let error = failure { () throws(TraceError) in try library.resolve(overrides: [row.text]) }
      #expect(error.hasPrefix("configuration: --set \(row.text): \(row.error)"), "\(error)")
    }
  }

  @Test func `the source says which value a user's range left`() throws {
    let library = ProfileLibrary()
    func source(_ option: String) throws -> String? {
      try library.resolve(overrides: [option]).values.first { $0.key == "cpu.buffers" }?.source
    }
    #expect(try source("cpu.buffers=1..16")?.contains("the value is the profile's") == true)
    #expect(
      try source("cpu.buffers=8..16")?.contains("low end, because the profile's 4 is below it")
        == true)
    #expect(
      try source("cpu.buffers=1..2")?.contains("high end, because the profile's 4 is above it")
        == true)
  }

  @Test func `what the command line names has no range`() throws {
    let values = try ProfileLibrary().resolve(link: "gen5x8,ph=64").values
    #expect(values.first { $0.key == "link.ph" }?.rangeText == "")
    #expect(values.first { $0.key == "link.pd" }?.rangeText == "248..1024", "not named")
  }

  /// 4096 bytes are 256 data credits, 2048 are 128.
  @Test func `an end that the payload rules out is dropped from a profile's range`() throws {
    let library = ProfileLibrary()
    func range(_ link: String, _ overrides: [String] = []) throws(TraceError) -> String {
      try library.resolve(link: link, overrides: overrides).values
        .first { $0.key == "link.pd" }?.rangeText ?? ""
    }
    #expect(try range("gen4x16,mps=2048") == "248..1024")
    #expect(try range("gen4x16,mps=4096") == "444..1024")
    // A user's own range is kept as it is, or refused.
    #expect(try range("gen4x16,mps=4096", ["link.pd=256..512"]) == "256..512")
    let error = failure { () throws(TraceError) in
      try range("gen4x16,mps=4096", ["link.pd=255..512"])
    }
    #expect(error.contains("link.pd 255 is less than one TLP"), "\(error)")
  }

  /// The interface's limit on what a comparison tries by default.
  @Test func `the default scenario leaves no more than ten values open`() throws {
    let library = ProfileLibrary()
    for cpu in library.names(of: .cpu) {
      let open = try library.resolve(cpu: cpu).values.filter { !$0.range.isEmpty }
      #expect((1...10).contains(open.count), "\(cpu): \(open.map(\.key))")
      #expect(open.allSatisfy { $0.status != .specified })
    }
  }
}
