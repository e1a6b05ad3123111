import ConfigSpace
import Results
import Testing
import TraceCore
import YAMLInput

@testable import Profiles

/// Recovery times and effects on traffic, as profiles give them.
@Suite struct ResetSettingsTests {
  // PCIe Base 5.0: 6.6.1, 6.6.2, 9.3.3.3.1, 7.5.1.3.13; PCI PM 1.2: 5.4; Linux waits 1000 + 100 ms
  // behind a conventional bridge.
  @Test func `the generic device has the times of the specifications`() throws {
    let times = try ProfileLibrary().resolve().recovery
    let milliseconds = [
      times.functionLevelReset, times.advancedFeaturesReset, times.powerState,
      times.conventionalReset, times.conventionalBus, times.virtualFunctionEnable,
      times.busResetHold, times.linkTrainingStart, times.deviceReady,
    ].map { ($0.nanoseconds ?? 0) / 1_000_000 }
    #expect(milliseconds == [100, 100, 10, 100, 1100, 100, 1, 20, 1000])
  }

  @Test func `a time carries its source, and a set one says so`() throws {
    let library = ProfileLibrary()
    let own = try library.resolve()
    #expect(own.recovery.functionLevelReset.source.contains("6.6.2"))
    #expect(own.recovery.powerState.source.contains("PCI Power Management 1.2"))
    let changed = try library.resolve(overrides: ["device.flr_wait_ns=7"]).recovery
    #expect(changed.functionLevelReset == QuietWindow(nanoseconds: 7, source: "--set"))
    #expect(changed.advancedFeaturesReset == own.recovery.advancedFeaturesReset)
  }

  // Two settings that find different things must never share a replay.
  @Test(arguments: ["device.flr_wait_ns=7", "device.flr_posted=accepted"])
  func `settings with other windows are replayed by themselves`(change: String) throws {
    let library = ProfileLibrary()
    let (own, other) = (try library.resolve(), try library.resolve(overrides: [change]))
    #expect(!own.hasSameCounts(as: other))
    #expect(own.hasSameCounts(as: try library.resolve()))
  }

  struct Answer: CustomTestStringConvertible {
    var device: String
    var effect: TrafficEffect
    var testDescription: String { device }
  }

  // PCIe 6.6.2: may be discarded; Intel's P/F-Tile and GTS guides.
  @Test(arguments: [
    Answer(
      device: "generic",
      effect: TrafficEffect(posted: .discarded, nonPosted: .timeout, completion: .discarded)),
    Answer(
      device: "intel-pf-tile",
      effect: TrafficEffect(posted: .discarded, nonPosted: .unsupported, completion: .unexpected)),
    Answer(
      device: "intel-gts",
      effect: TrafficEffect(posted: .discarded, nonPosted: .unsupported, completion: .discarded)),
  ])
  func `devices differ in what an FLR does to traffic`(_ answer: Answer) throws {
    let settings = try ProfileLibrary().resolve(device: answer.device)
    let table = try TrafficTable(settings)
    #expect(table[.resetting].effect == answer.effect)
    #expect(table[.resetting].status == .specified)
    #expect(table[.resetting].source.contains("6.6.2") || answer.device == "intel-pf-tile")
  }

  @Test func `the table has a row with a source for every situation`() throws {
    let library = ProfileLibrary()
    let table = try TrafficTable(library.resolve())
    #expect(table.rows.map(\.situation) == TrafficSituation.allCases)
    for situation in TrafficSituation.allCases {
      let row = table[situation]
      #expect(row.situation == situation)
      #expect(row.note.hasSuffix(".") && row.source.contains("PCI Express Base Specification"))
    }
    #expect(table[.normal].effect.posted == .accepted)
    #expect(table[.memoryOff].effect.nonPosted == .unsupported)
    #expect(table[.afterReset].effect.posted == .unsupported)
    #expect(table[.linkDown].effect.posted == .discarded)
    #expect(table[.contained].effect.nonPosted == .unsupported)
    #expect(table[.completionTimeout].effect.nonPosted == .timeout)
    let user = try TrafficTable(library.resolve(overrides: ["device.flr_posted=accepted"]))
    #expect(user[.resetting].effect.posted == .accepted)
    #expect(user[.resetting].status == .user)
    #expect(user[.resetting].source.contains("--set"))
  }

  @Test func `a wrong table is an error at its place`() throws {
    let wrong = [
      "normal:\n  posted: gone\n": "unknown word 'gone'",
      "sleeping: {}\n": "sleeping", "normal: {}\n": "posted",
    ]
    for (text, reason) in wrong {
      #expect {
        try TrafficTable(YAMLDocument(bytes: Array(text.utf8), file: "traffic.yaml"))
      } throws: { error in
        (error as? TraceError).map { $0.description.contains(reason) } ?? false
      }
    }
  }
}
