import Foundation
import Results
import Testing

@testable import Reporting

/// Whether elements open and close in order, attributes are quoted and no mark-up is stray.
///
/// - Parameter text: A document.
/// - Returns: What is wrong, or nil.
private func xmlFault(_ text: String) -> String? {
  var open: [Substring] = []
  var rest = text[...]
  while let start = rest.firstIndex(where: { $0 == "<" || $0 == ">" || $0 == "&" }) {
    if rest[start] == ">" { return "a lone >" }
    if rest[start] == "&" {
      let entity = rest[start...].prefix { $0 != ";" }
      guard ["&amp", "&lt", "&gt", "&quot", "&#39"].contains(entity) else { return "\(entity)" }
      rest = rest[entity.endIndex...]
      continue
    }
    guard let end = rest[start...].firstIndex(of: ">") else { return "an open tag" }
    let tag = rest[rest.index(after: start)..<end]
    if tag.contains("<") || tag.count(where: { $0 == "\"" }) % 2 == 1 { return "\(tag)" }
    let name = tag.prefix { $0 != " " && $0 != "/" }
    if tag.hasPrefix("/") {
      guard open.popLast() == tag.dropFirst() else { return "</\(tag)" }
    } else if !tag.hasSuffix("/") {
      open.append(name)
    }
    rest = rest[rest.index(after: end)...]
  }
  return open.isEmpty ? nil : "not closed: \(open)"
}

@Suite struct PictureTests {
  private static let runs: [RunResult] = {
    var generated = GeneratedRun(seed: 21)
    return [
      SampleRun.compare, SampleRun.analyze, SampleRun.empty,
      generated.run(regions: 200, findings: 0, words: 20),
      generated.run(regions: 1, findings: 0, words: 2),
    ]
  }()

  private static func pictures(_ run: RunResult) -> [String] {
    ReportFile.all.filter { $0.name.hasSuffix(".svg") }.map { $0.contents(run) }
  }

  private static let all = runs.map(pictures) + [SampleSweep.all.map(sweepPicture)]

  @Test(arguments: all.indices)
  func `pictures are well-formed and need no script`(index: Int) {
    for text in Self.all[index] {
      #expect(xmlFault(text) == nil)
      #expect(!text.contains("var(") && !text.contains("<script"))
      #expect(text.contains("<title") && text.contains("<desc"))
      #expect(text.contains("prefers-color-scheme: dark"))
      #expect(text.contains("width=\"720\"") && text.contains("viewBox=\"0 0 720 "))
    }
  }

  @Test func `the checker sees faults`() {
    for bad in ["<a>", "<a></b>", "<a b=\"></a>", "a > b", "a & b", "</a>", "<a"] {
      #expect(xmlFault(bad) != nil, "\(bad)")
    }
    #expect(xmlFault("<a b=\"c\"><d/>&lt;</a>") == nil)
  }

  @Test(arguments: all.indices)
  func `no text runs out of the picture`(index: Int) {
    for text in Self.all[index] {
      for line in text.split(separator: "\n") where line.hasPrefix("<text") {
        let (start, end) = extent(line)
        #expect(start >= 0 && end <= 720, "\(line)")
      }
    }
  }

  /// Left and right edge of a text element, by the widest common font.
  private func extent(_ line: Substring) -> (Int, Int) {
    let x = Int(Double(attribute("x", line) ?? "") ?? -1)
    let content = String(line.split(separator: ">")[1].split(separator: "<")[0])
      .replacing("&amp;", with: "&").replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("&quot;", with: "\"").replacing("&#39;", with: "'")
    let size = attribute("class", line) == "head" ? 16 : 12
    let width = widestText(content, fontSize: size)
    switch attribute("text-anchor", line) {
    case "end": return (x - width, x)
    case "middle": return (x - width / 2, x + (width + 1) / 2)
    default: return (x, x + width)
    }
  }

  private func attribute(_ name: String, _ line: Substring) -> Substring? {
    guard let start = line.firstRange(of: " \(name)=\"") else { return nil }
    return line[start.upperBound...].prefix { $0 != "\"" }
  }

  @Test func `few sizes are shown exactly`() {
    let bins = SizeBins([
      [SizeCount(payloadBytes: 8, tlps: 3)],
      [SizeCount(payloadBytes: 24, tlps: 1), SizeCount(payloadBytes: 64, tlps: 2)],
    ]).bins
    #expect(bins.map(\.sizes) == [8...8, 24...24, 64...64])
    #expect(bins.map(\.tlps) == [[3, 0], [0, 1], [0, 2]])
  }

  @Test func `many sizes are put together without losing one`() {
    // 1 to 64, one each: exact would be 64 bins. Powers of two alone and what is between them:
    // 1 2 3 4 5-7 8 9-15 16 17-31 32 33-63 64, with sizes of 1 1 1 1 3 1 7 1 15 1 31 1.
    let histogram = (1...64).map { SizeCount(payloadBytes: $0, tlps: 1) }
    let bins = SizeBins([histogram]).bins
    #expect(bins.map { $0.tlps[0] } == [1, 1, 1, 1, 3, 1, 7, 1, 15, 1, 31, 1])
    #expect(bins.map(\.sizes.count) == [1, 1, 1, 1, 3, 1, 7, 1, 15, 1, 31, 1])
    // Up to 4096 only the coarse bins are few enough: 1, 2-3, ..., 2048-4095, 4096-8191.
    let all = SizeBins([(1...4096).map { SizeCount(payloadBytes: $0, tlps: 1) }]).bins
    #expect(all.count == 13)
    #expect(all.reduce(0) { $0 + $1.tlps[0] } == 4096)
    #expect(all.last?.sizes.lowerBound == 4096)
  }

  @Test func `names are cut to the room there is`() {
    let name = String(repeating: "W", count: 200)
    let cut = fitted(name, width: 150, fontSize: 12)
    #expect(widestText(cut, fontSize: 12) <= 150)
    #expect(cut.hasPrefix("W") && cut.contains("…") && cut.hasSuffix("W"))
    #expect(fitted(name, width: 150, fontSize: 12, isProse: true).hasSuffix("W…"))
    #expect(fitted(name, width: 5, fontSize: 12) == "…")
    #expect(fitted("bar2", width: 150, fontSize: 12) == "bar2")
  }

  /// Digits and letters are 66 hundredths of 12 pixels wide, the ellipsis 110: in 80 pixels it and
  /// 8 characters, of which the end has twice as many as the beginning or more.
  @Test func `addresses that begin alike stay apart`() {
    #expect(fitted("0xffff800012345678", width: 80, fontSize: 12) == "0x…345678")
    let names = (0..<8).map { "mem@0xffff80001234\($0)000" }
    let cut = names.map { fitted($0, width: 150, fontSize: 12) }
    #expect(Set(cut).count == 8 && cut.allSatisfy { $0.contains("…") })
  }

  @Test func `the description holds the key numbers`() {
    let text = tlpSizesPicture(SampleRun.compare)
    #expect(text.contains("kvm-normal-nc: 155 writes, mean 42.6 B, most of them 64 B (61 %)."))
    let causes = flushCausesPicture(SampleRun.compare)
    // 95, 48 and 2 of 145 lines.
    #expect(causes.contains("kvm-normal-nc: full 66 %, barrier 33 %, end 1 %."))
  }

  @Test func `an area is its steps, equal ones as one`() {
    var picture = SVGDocument()
    picture.area(
      "after", steps: [(100, 50), (200, 50), (305, 0), (400, 0), (500, 123)], x: 10, bottom: 20)
    let text = picture.document(title: "", description: "")
    // From 1 px: up 5 px to 21 px, down to 31.5 px, flat to 41 px, up 12.3 px, and back.
    #expect(text.contains("d=\"M1 20V15H21V20H41V7.7H51V20Z\""))
    var idle = SVGDocument()
    idle.area("after", steps: [(100, 0)], x: 0, bottom: 9)
    #expect(!idle.document(title: "", description: "").contains("<path"))
  }

  @Test func `a bin is as high as the link was busy`() {
    var run = SampleRun.analyze
    run.scenarios[0].clocks = "saturated"
    run.scenarios[0].saturatedUse = LinkUse(
      binPs: 1_000_000, downPs: [1_000_000, 500_000, 0], upPs: [1])
    let text = linkUsePicture(run)
    // 500 px from 92 px on in thirds; 48 px high.
    #expect(text.contains("M92 134V86H258.6V110H425.3V134H592V134Z"))
    // Of a panel for 0.1 %, 10^-6 is 0.048 px, shown as 0.7.
    #expect(text.contains(">0.1 %<") && text.contains("M92 194V193.3H258.6V194Z"))
    // 1.5 and 0.000001 of 3 us.
    #expect(text.contains("down mean 50 %, peak 100 %, up mean &lt;1 %, peak &lt;1 %."))
  }

  @Test(arguments: [
    (1000, "100 %"), (501, "100 %"), (500, "50 %"), (200, "20 %"), (21, "5 %"), (10, "1 %"),
    (1, "0.1 %"), (0, "100 %"),
  ])
  func `a panel's scale is the least round share that its peak fits in`(
    perMille: UInt64, scale: String
  ) {
    var run = SampleRun.analyze
    run.scenarios[0].clocks = "saturated"
    run.scenarios[0].saturatedUse = LinkUse(binPs: 1000, downPs: [perMille], upPs: [1000])
    let text = linkUsePicture(run)
    // The first label of the down panel, 10 px below its top at 86.
    #expect(text.contains("x=\"86\" y=\"96\" text-anchor=\"end\">\(scale)</text>"), "\(text)")
  }

  @Test func `before and after have one scale`() {
    var run = SampleRun.compare
    for (index, busy) in [UInt64(10), 500].enumerated() {
      run.scenarios[index].clocks = "saturated"
      run.scenarios[index].saturatedUse = LinkUse(binPs: 1000, downPs: [busy], upPs: [0])
    }
    let text = linkUsePicture(run)
    // 1 % and 50 % in panels of 50 %; nothing in panels of 100 %.
    #expect(text.split(separator: "\n").count { $0.contains(">50 %<") } == 2)
    #expect(text.split(separator: "\n").count { $0.contains(">100 %<") } == 2)
    // 48 px are 50 %: 0.96 px, in tenths 0.9.
    #expect(text.contains("M92 134V133.1H592V134Z"))
  }

  @Test func `a clock that no stamp paces has no panels of its own`() {
    var run = SampleRun.compare
    #expect(linkUsePicture(run).contains("kvm-device, paced clock"))
    run.scenarios[0].pacedUse = run.scenarios[0].saturatedUse
    let text = linkUsePicture(run)
    #expect(!text.contains("kvm-device, paced clock"))
    #expect(text.contains("kvm-device, saturated clock"))
    #expect(text.contains("kvm-normal-nc, paced clock"))
  }

  @Test(
    arguments: [
      (0, [0]), (6, [0, 1, 2, 3, 4, 5, 6]), (7, [0, 2, 4, 6]), (14, [0, 5, 10]),
      (10_240, [0, 2000, 4000, 6000, 8000, 10_000]),
      // 18.4 x 10^18: every 5 x 10^18.
      (
        UInt64.max,
        [0, 5_000_000_000_000_000_000, 10_000_000_000_000_000_000, 15_000_000_000_000_000_000]
      ),
    ] as [(UInt64, [UInt64])])
  func `ticks are round, and few`(span: UInt64, ticks: [UInt64]) {
    #expect(LinkUseAxis.ticks(spanPs: span) == ticks)
  }

  @Test(
    arguments: [
      (0, "0"), (999, "999 ps"), (500, "500 ps"), (1000, "1 ns"), (2_500_000, "2.5 µs"),
      (1_024_000, "1.024 µs"), (100_000_000, "100 µs"),
    ] as [(UInt64, String)])
  func `a tick's time has no idle zeros`(time: UInt64, text: String) {
    #expect(LinkUseAxis.text(time) == text)
  }

  @Test func `the descriptions of time hold the key numbers`() {
    // Of 5 us: 0.845 issue, 0.4 link, 1.95 credit, 0.05 buffer, 1.5 read, 0.255 barrier.
    #expect(
      stallsPicture(SampleRun.compare).contains(
        "kvm-normal-nc: issue 17 %, link 8 %, credit 39 %, buffer 1 %, read 30 %, barrier 5 %."))
    // Down 16 x 43 + 38 = 726 of 20 x 512 = 10,240 ns; up 3.5 ns.
    #expect(
      linkUsePicture(SampleRun.compare).contains(
        "kvm-device: saturated clock down mean 7 %, peak 8 %, up mean &lt;1 %, peak &lt;1 %; paced")
    )
  }

  // WCAG 2.1, relative luminance: by it alone, as in print without colours, they differ by 1.5 or
  // more. The parts of a bar are in the legend's order besides.
  @Test func `what leaves by time and what leaves at the end differ in grey, too`() throws {
    func luminance(_ cause: String) throws -> Double {
      let line = try #require(
        flushCausesPicture(SampleRun.compare).split(separator: "\n").first {
          $0.hasPrefix(".cause-\(cause) {")
        })
      let digits = try #require(line.split(separator: "#").last).prefix(6)
      let value = try #require(UInt32(digits, radix: 16))
      let weights = [(0.2126, 16), (0.7152, 8), (0.0722, 0)]
      return weights.reduce(0) { sum, weight in
        let part = Double(value >> UInt32(weight.1) & 0xff) / 255
        return sum + weight.0 * (part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4))
      }
    }
    let (timer, end) = (try luminance("timer"), try luminance("end"))
    #expect((max(timer, end) + 0.05) / (min(timer, end) + 0.05) >= 1.5)
  }

  @Test func `every share has a fill of its own`() {
    let text = stallsPicture(SampleRun.compare)
    let fills = TimeShare.allCases.map { share in
      text.split(separator: "\n").first { $0.hasPrefix(".time-\(share.name) {") }
        .flatMap { $0.split(separator: "#").last }
    }
    #expect(fills.allSatisfy { $0 != nil } && Set(fills).count == TimeShare.allCases.count)
  }
}
