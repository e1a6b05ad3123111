import Foundation
import Reporting
import Results
import Testing

/// Texts are what the story says, line by line, written by hand.
@Suite struct RecordStoryTests {
  private static func store(_ record: UInt64, _ address: UInt64, _ size: Int) -> DescribedRecord {
    DescribedRecord(
      record: record, operation: "store", vcpu: 1,
      place: .init(address: address, size: size, region: "bar 2", offset: address - 0x1000),
      detail: "", timeNs: 1_500, line: 12)
  }

  private static let barrier = DescribedRecord(
    record: 4000, operation: "barrier", vcpu: 1, place: nil, detail: "dmb.st", timeNs: nil,
    line: nil)

  private static let line = RecordFate.Line(
    address: 0x1000, size: 64, pending: 12,
    parts: [.init(record: 998, bytes: [0...7]), .init(record: 1000, bytes: [8...8, 10...12])],
    cause: .barrier, record: 4000,
    tlps: [.init(address: 0x1000, payloadBytes: 9, wireBytes: 36)])

  private static func story(_ fates: [RecordFate]) -> RecordStory {
    RecordStory(
      trace: "a.mmt", record: store(1000, 0x1008, 4), fates: fates,
      others: [998: store(998, 0x1000, 8), 4000: barrier])
  }

  private static func fate(
    _ events: [RecordFate.Event], mapping: RecordFate.Mapping? = nil
  ) -> RecordFate {
    RecordFate(scenario: "after", accessors: "recorded", mapping: mapping, events: events)
  }

  private func lines(_ fates: [RecordFate]) -> [String] {
    RecordStoryText(Self.story(fates), color: false).lines
  }

  @Test func `a gathered store is told with its neighbours, what sent it, and its TLPs`() {
    let mapping = RecordFate.Mapping(
      effective: "normal-nc", stage1: "normal-nc", stage2: "normal-nc")
    #expect(
      lines([Self.fate([.line(Self.line)], mapping: mapping)]) == [
        "a.mmt, record 1,000: store of 4 bytes, bar 2 + 0x8 (0x1008), vCPU 1, "
          + "at 1,500 ns of the capture, line 12",
        "",
        "after: normal-nc (stage 1 normal-nc, stage 2 normal-nc; accessors recorded)",
        "  gathered in the line of 64 bytes at 0x1000, which left with 12 of them",
        "      998  bytes 0-7       store of 8 bytes, bar 2 + 0x0 (0x1000)",
        "  > 1,000  bytes 8, 10-12  this record",
        "  it left at record 4,000, a barrier dmb.st: DMB or DSB that orders stores",
        "    MWr at 0x1000, 9 bytes, 36 on the link",
      ])
  }

  @Test func `findings and what a config access means stand behind what leaves`() {
    var finding = Finding(
      code: "ORD001", severity: .warning, scenario: "after", count: 1, firstRecord: 1000,
      firstLine: nil, region: nil, vcpu: 1, message: "may overtake", rule: "", advice: "",
      earlierRecord: 998)
    var fate = Self.fate([.meaning(kind: "flr", function: "0000:01:00.0")])
    fate.findings = [finding]
    #expect(
      lines([fate]).suffix(3) == [
        "  nothing leaves a CPU for it", "  to config space it is: flr, function 0000:01:00.0",
        "  warning ORD001: may overtake; record 998, a store of 8 bytes, bar 2 + 0x0 (0x1000)",
      ])
    let json = RecordStoryJSON(Self.story([fate])).text.replacing(" ", with: "")
    #expect(json.contains(#""earlier_record":998"#) && json.contains(#""event":"flr""#))
    finding.earlierRecord = nil
    fate.findings = [finding]
    #expect(lines([fate]).last == "  warning ORD001: may overtake")
  }

  @Test func `a barrier that was assumed is said to be`() {
    var line = Self.line
    line.record = 1000
    line.parts.removeLast()
    let texts = lines([Self.fate([.line(line)])])
    #expect(texts[3] == "  it made the line of 64 bytes at 0x1000 leave, with 12 of them")
    #expect(
      texts[5] == "  it left at the DMB ST that accessors recorded put ahead of this record")
  }

  @Test func `of a long line only those around the record are shown`() {
    var line = Self.line
    line.parts = (980...1020).map { .init(record: $0, bytes: [Int($0 - 980)...Int($0 - 980)]) }
    line.record = nil
    let texts = lines([Self.fate([.line(line)])])
    // Eight on each side, itself, and the rest as a number.
    let shown = texts.filter { $0.contains("  bytes ") }
    #expect(shown.count == 17)
    #expect(shown.first?.contains(" 992  bytes 12") == true)
    #expect(texts.contains("    and 24 records more"))
    #expect(texts.contains("  it left at the end of the trace"))
  }

  @Test func `every other event has a sentence`() {
    let trip = RecordFate.RoundTrip(requests: 1, completions: 2, downBytes: 24, upBytes: 56)
    let texts = lines([
      Self.fate([
        .fault(stage: 1), .fault(stage: 2), .overwritten(bytes: 1, address: 0x1009, by: 998),
        .write(
          address: 0x1008, bytes: 4,
          tlps: [.init(address: 0x1008, payloadBytes: 4, wireBytes: 24)]),
        .read(address: 0x1008, bytes: 4, cost: trip),
        .config(register: 0x48, bytes: 2, cost: trip),
      ]), Self.fate([]),
    ])
    #expect(
      texts.dropFirst(3) == [
        "  faults before it reaches the bus: at stage 1, the guest takes it",
        "  faults before it reaches the bus: at stage 2, KVM cannot handle it",
        "  1 byte at 0x1009 never left: overwritten by record 998, a store of 8 bytes, "
          + "bar 2 + 0x0 (0x1000)",
        "  left at once, alone: a bus write of 4 bytes",
        "    MWr at 0x1008, 4 bytes, 24 on the link",
        "  a bus read of 4 bytes at 0x1008: 1 request with 24 bytes, 2 completions with 56",
        "  a config request of 2 bytes at 0x48: 1 request with 24 bytes, 2 completions with 56",
        "", "after (accessors recorded)", "  nothing leaves a CPU for it",
      ])
  }

  @Test func `names from a capture do not break lines`() {
    var story = Self.story([])
    story.trace = "a\u{1b}[31m"
    story.record.place?.region = "x\ny"
    let texts = RecordStoryText(story, color: false).lines
    #expect(texts.count == 1)
    #expect(texts[0].hasPrefix("a?[31m, record 1,000: store of 4 bytes, x?y + 0x8"))
  }

  @Test func `JSON holds the same`() throws {
    let text = RecordStoryJSON(
      Self.story([
        Self.fate([.line(Self.line), .overwritten(bytes: 1, address: 0x1009, by: 998)])
      ])
    ).text
    let root = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(root["schema_version"] as? Int == 1 && root["trace"] as? String == "a.mmt")
    let record = try #require(root["record"] as? [String: Any])
    #expect(record["addr"] as? Int == 0x1008 && record["line"] as? Int == 12)
    let others = try #require(root["records"] as? [[String: Any]])
    #expect(others.map { $0["record"] as? Int } == [998, 4000])
    #expect(others[1]["addr"] is NSNull && others[1]["detail"] as? String == "dmb.st")
    let scenario = try #require((root["scenarios"] as? [[String: Any]])?.first)
    #expect(scenario["name"] as? String == "after" && scenario["effective"] is NSNull)
    let events = try #require(scenario["events"] as? [[String: Any]])
    #expect(events.map { $0["event"] as? String } == ["line", "overwritten"])
    #expect(events[0]["cause"] as? String == "barrier" && events[0]["at_record"] as? Int == 4000)
    #expect(events[1]["by_record"] as? Int == 998)
    let parts = try #require(events[0]["parts"] as? [[String: Any]])
    #expect(parts[1]["bytes"] as? [[Int]] == [[8, 8], [10, 12]])
    let tlps = try #require(events[0]["tlps"] as? [[String: Any]])
    #expect(tlps.first?["payload_bytes"] as? Int == 9 && tlps.first?["wire_bytes"] as? Int == 36)
  }

  @Test func `a rule is told with its source and what to do`() {
    let rule = RuleText(
      code: "ORD009", severity: .warning, meaning: "two stores swap", rule: "Rule A (Arm ARM)",
      advice: "Put a DMB between them")
    #expect(rule.summary == "ORD009  warning  two stores swap")
    #expect(
      rule.lines(width: 80, color: false) == [
        "ORD009 (warning): two stores swap", "  rule:  Rule A (Arm ARM)",
        "  to do: Put a DMB between them",
      ])
    let several = RuleText(
      code: "ORD009", severity: .warning, meaning: "two stores swap", rule: "Rule A (Arm ARM)",
      advice: "Put a DMB between them",
      others: [
        RuleText.Other(meaning: "three swap", rule: "Rule B", advice: nil),
        RuleText.Other(meaning: "one is late", rule: nil, advice: "Read it back"),
      ])
    #expect(
      several.lines(width: 80, color: false).dropFirst(3) == [
        "  or:    three swap", "  rule:  Rule B", "  or:    one is late", "  to do: Read it back",
      ])
  }
}
