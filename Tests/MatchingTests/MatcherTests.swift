import Matching
import Results
import TestSupport
import Testing
import TraceCore
import TraceIO

/// What becomes of TLPs: small cases worked out by hand.
@Suite struct MatcherTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var predicted: [Lists.TLP]
    var observed: [Lists.TLP]
    var row: String
    var testDescription: String { name }
  }

  private static func write(
    _ offset: UInt64, _ dwords: Int, _ first: UInt8 = 15, _ last: UInt8? = nil
  ) -> Lists.TLP {
    Lists.TLP(offset: offset, dwords: dwords, first: first, last: last)
  }

  private static func read(_ offset: UInt64, _ dwords: Int) -> Lists.TLP {
    Lists.TLP(isWrite: false, offset: offset, dwords: dwords)
  }

  static let cases = [
    Case(name: "nothing", predicted: [], observed: [], row: ""),
    Case(
      name: "the same", predicted: [write(0, 16), read(64, 1)],
      observed: [write(0, 16), read(64, 1)], row: "agree 2"),
    Case(
      name: "a read is no write", predicted: [write(0, 1)], observed: [read(0, 1)],
      row: "only 1:1"),
    Case(
      name: "another line", predicted: [write(0, 1)], observed: [write(64, 1)], row: "only 1:1"),
    Case(
      name: "one seen as two", predicted: [write(0, 16)], observed: [write(0, 8), write(32, 8)],
      row: "split 1:2"),
    Case(
      name: "two seen as one, in the other order", predicted: [write(32, 8), write(0, 8)],
      observed: [write(0, 16)], row: "split 2:1"),
    Case(
      name: "two seen as three", predicted: [write(0, 6), write(24, 2)],
      observed: [write(0, 4), write(16, 2), write(24, 2)], row: "agree 1 split 1:2"),
    Case(
      name: "cut elsewhere", predicted: [write(0, 6), write(24, 2)],
      observed: [write(0, 2), write(8, 6)], row: "split 2:2"),
    // The smallest beginnings: both lines are split, one after the other, not four as four.
    Case(
      name: "twice the same line",
      predicted: [write(0, 16), write(0, 16)],
      observed: [write(0, 8), write(32, 8), write(0, 8), write(32, 8)], row: "split 2:4"),
    // Five bytes: a DW and one more.
    Case(
      name: "the same bytes with other enables", predicted: [write(0, 2, 15, 1)],
      observed: [write(0, 1), write(4, 1, 1)], row: "split 1:2"),
    Case(
      name: "other byte enables", predicted: [write(0, 1, 1)], observed: [write(0, 1, 3)],
      row: "other 1:1"),
    Case(
      name: "a byte less", predicted: [write(0, 16)],
      observed: [write(0, 8), write(32, 7)], row: "other 1:2"),
    Case(
      name: "one is missing", predicted: [write(0, 1), write(64, 1), write(128, 1)],
      observed: [write(0, 1), write(128, 1)], row: "agree 2 only 1:0"),
    Case(
      name: "one more", predicted: [write(0, 1), write(128, 1)],
      observed: [write(0, 1), write(64, 1), write(128, 1)], row: "agree 2 only 0:1"),
    Case(
      name: "exchanged", predicted: [write(0, 1), write(64, 1)],
      observed: [write(64, 1), write(0, 1)], row: "agree 2 reordered 1"),
    // Both come behind one that is predicted later.
    Case(
      name: "one overtakes two", predicted: [write(0, 1), write(64, 1), write(128, 1)],
      observed: [write(128, 1), write(0, 1), write(64, 1)], row: "agree 3 reordered 2"),
    Case(
      name: "two overtake one", predicted: [write(128, 1), write(0, 1), write(64, 1)],
      observed: [write(0, 1), write(64, 1), write(128, 1)], row: "agree 3 reordered 1"),
    // Which of equal ones it is cannot be told; the first is.
    Case(
      name: "a doorbell rung three times, seen twice",
      predicted: [write(0, 1), write(0, 1), write(0, 1)],
      observed: [write(0, 1), write(0, 1)], row: "agree 2 only 1:0"),
    Case(
      name: "beyond its line it agrees, but is no part of a split",
      predicted: [write(48, 8), write(112, 4), write(128, 4)],
      observed: [write(48, 8), write(112, 8)], row: "agree 1 other 1:1 only 1:0"),
    Case(
      name: "a read that asks for no byte", predicted: [read(0, 1)],
      observed: [Lists.TLP(isWrite: false, offset: 0, dwords: 1, first: 0)], row: "other 1:1"),
  ]

  @Test(arguments: cases) func `a small list`(_ given: Case) throws {
    let result = try Lists(predicted: given.predicted, observed: given.observed).match()
    #expect(result.totals.row == given.row)
    #expect(result.totals.compared.predicted == UInt64(given.predicted.count))
    #expect(result.totals.compared.observed == UInt64(given.observed.count))
    // Exchanging the lists exchanges what is counted of them; what overtakes is then overtaken.
    var other = try Lists(predicted: given.observed, observed: given.predicted).match().totals
    other.splitOtherwise = other.splitOtherwise.exchanged
    other.otherBytes = other.otherBytes.exchanged
    (other.predictedOnly, other.observedOnly) = (other.observedOnly, other.predictedOnly)
    (other.reordered, other.compared) = (result.totals.reordered, other.compared.exchanged)
    #expect(other == result.totals)
  }

  /// `count` TLPs, a line each, from a line on.
  private func lines(_ count: Int, from first: Int = 0) -> [Lists.TLP] {
    (0..<count).map { Self.write(UInt64(64 * (first + $0)), 1) }
  }

  /// The predicted TLP is walked first, and comes third in the other list.
  @Test(arguments: [(3, "agree 1 only 0:2"), (2, "only 1:3")])
  func `a predicted TLP is looked for among as many observed ones as the window has`(
    window: Int, row: String
  ) throws {
    let observed = lines(2, from: 10) + lines(1)
    let lists = Lists(predicted: lines(1), observed: observed, window: window)
    #expect(try lists.match().totals.row == row)
  }

  /// The observed TLP is walked behind the first predicted one, of which the second next agrees.
  @Test(arguments: [(2, "agree 1 only 2:0"), (1, "only 3:1")])
  func `an observed TLP is looked for among as many predicted ones as the window has`(
    window: Int, row: String
  ) throws {
    let predicted = lines(2, from: 10) + lines(1)
    let lists = Lists(predicted: predicted, observed: lines(1), window: window)
    #expect(try lists.match().totals.row == row)
  }

  @Test(arguments: [0, 1, 7]) func `lists may begin and end elsewhere`(missing: Int) throws {
    let all = lines(100)
    let lists = Lists(
      predicted: Array(all.dropFirst(missing)), observed: Array(all.dropLast(missing)), window: 8)
    let counts = try lists.match().totals
    #expect(counts.agree == UInt64(100 - 2 * missing))
    #expect(counts.predictedOnly == UInt64(missing) && counts.observedOnly == UInt64(missing))
    #expect(counts.reordered == 0)
  }

  /// What begins further away than the window is never found.
  @Test func `beyond the window nothing agrees`() throws {
    let all = lines(100)
    let lists = Lists(predicted: Array(all.dropFirst(9)), observed: all, window: 8)
    #expect(try lists.match().totals.agree == 0)
  }

  @Test(arguments: [0, 100, 4000])
  func `no more than twice the window waits, however long the lists are`(observed: Int) throws {
    let lists = Lists(predicted: lines(3000), observed: lines(observed, from: 5000), window: 16)
    let list = try ObservedList(MemorySource(Array(lists.csv.utf8)))
    var matcher = TLPMatcher(list, Lists.context(), lineBytes: 64, window: 16)
    var most = 0
    for packet in lists.packets {
      try matcher.add([packet])
      most = max(most, matcher.waiting)
    }
    #expect((16...32).contains(most))
  }

  @Test func `a line whose first TLP was lost is split when that has been left`() throws {
    // The first of the two predicted ones was not seen; the second one is two.
    let predicted = [Self.write(4, 2), Self.write(0, 16)] + lines(3, from: 10)
    let observed = [Self.write(0, 8), Self.write(32, 8)] + lines(3, from: 10)
    let lists = Lists(predicted: predicted, observed: observed, window: 4)
    // Its bytes are among those of the other, so that both together are the same bytes at once.
    #expect(try lists.match().totals.row == "agree 3 split 2:2")
    let lost = [Self.write(4, 2, 1, 1), Self.write(8, 1)] + lines(3, from: 10)
    let seen = [Self.write(8, 1, 3), Self.write(8, 1, 12)] + lines(3, from: 10)
    #expect(
      try Lists(predicted: lost, observed: seen, window: 4).match().totals.row
        == "agree 3 split 1:2 other 1:0")
  }

  @Test func `TLPs of other kinds and places are counted`() throws {
    var packets = Lists.packets([Self.write(0, 1), Self.write(1 << 20, 1)])
    packets[1].type = "MWr64"
    packets.append(packets[0])
    packets[2].type = "CplD"
    packets[2].target = .completion(of: 0)
    packets[2].direction = .up
    let text = """
      type,addr,length_dw,direction
      mwr32,0x10000000,1,down
      CPLD,,1,up
      MWr64,0x10000000,1,up
      MRd64,0x20000000,1,down
      Vendor?,,,

      """
    let list = try ObservedList(MemorySource(Array(text.utf8)))
    let blank = Lists.blank(window: 8, lineBytes: 64, hasEnables: false)
    var matcher = TLPMatcher(list, Lists.context(), lineBytes: 64, window: 8)
    try matcher.add(packets)
    let result = try matcher.finish(blank)
    #expect(result.totals.row == "agree 1")
    #expect(
      result.others.map { "\($0.name) \($0.tlps.predicted):\($0.tlps.observed)" } == [
        "CplD 1:1", "MRd outside the regions 0:1", "MWr outside the regions 1:0", "Vendor? 0:1",
        "upstream MWr64 0:1",
      ])
  }

  @Test func `without byte enables whole DWs are compared`() throws {
    let lists = Lists(predicted: [Self.write(0, 1, 1), Self.write(64, 2, 8, 1)], observed: [])
    let result = try lists.match(
      "type,addr,length_dw\nMWr,0x10000000,1\nMWr,0x10000040,2\n")
    #expect(result.totals.row == "agree 2")
    #expect(result.sizes.map(\.payloadBytes) == [4, 8])
  }

  @Test func `only regions that are asked for are compared`() throws {
    let context = Lists.context()
    context.regions.add(
      Region(name: "other", base: 0x2000_0000, size: 4096, origin: .capture))
    let text = "type,addr,length_dw\nMWr,0x10000000,1\nMWr,0x20000000,1\n"
    func regions(_ names: [String]) throws -> [String] {
      let list = try ObservedList(MemorySource(Array(text.utf8)))
      let matcher = TLPMatcher(list, context, regions: names, lineBytes: 64, window: 8)
      return try matcher.finish(Lists.blank(window: 8, lineBytes: 64, hasEnables: false))
        .regions.map(\.name)
    }
    #expect(try regions([]) == ["bar", "other"])
    #expect(try regions(["other"]) == ["other"])
  }

  /// The region is 1 MiB from 0x10000000; its last DW is at 0x4fffffc where the list has it.
  @Test func `a region is where the list has it`() throws {
    let text = """
      type,addr,length_dw
      MWr,0x4f00000,1
      MWr,0x4fffffc,1
      MWr,0x5000000,1
      MWr,0x10000000,1

      """
    let list = try ObservedList(MemorySource(Array(text.utf8)))
    var matcher = TLPMatcher(
      list, Lists.context(), bases: ["bar": 0x4f0_0000], lineBytes: 64, window: 8)
    try matcher.add(Lists.packets([Self.write(0, 1), Self.write((1 << 20) - 4, 1, 1)]))
    let result = try matcher.finish(Lists.blank(window: 8, lineBytes: 64, hasEnables: false))
    #expect(result.totals.row == "agree 2")
    #expect(result.others.map(\.tlps.observed) == [2])
  }

  @Test func `differences name both sides, ten of a kind`() throws {
    let lists = Lists(
      predicted: [Self.write(0, 16)] + lines(20, from: 1),
      observed: [Self.write(0, 8), Self.write(32, 8)])
    let result = try lists.match()
    let split = try #require(result.differences.first)
    #expect(split.kind == .splitOtherwise && split.region == "bar")
    #expect(split.predicted.map(\.number) == [0] && split.predicted[0].records == [0...0])
    #expect(split.predicted[0].cause == .full)
    #expect(split.observed.map(\.line) == [2, 3])
    let only = result.differences.dropFirst()
    #expect(only.count == 10 && only.allSatisfy { $0.kind == .predictedOnly })
    #expect(only.map { $0.predicted[0].number } == Array(1...10))
  }

  /// Observed at 5 and 12 ns; the clocks' starts are made up.
  @Test func `durations are of the TLPs that agree`() throws {
    var packets = Lists.packets(lines(3))
    for index in packets.indices {
      packets[index].saturated = .init(
        startPs: UInt64(100 * index), endPs: 1000, heldPs: 0..<1000)
    }
    let text = """
      type,addr,length_dw,time_ns
      MWr,0x10000000,1,5
      MWr,0x10000040,1,12
      MWr,0x10009000,1,99

      """
    let list = try ObservedList(MemorySource(Array(text.utf8)))
    var matcher = TLPMatcher(list, Lists.context(), lineBytes: 64, window: 8)
    try matcher.add(packets)
    let result = try matcher.finish(Lists.blank(window: 8, lineBytes: 64, hasEnables: false))
    let durations = try #require(result.durations)
    #expect(durations.observedPs == 7000 && durations.saturatedPs == 100)
    #expect(durations.pacedPs == nil)
  }
}

extension MatchResult.Sides {
  fileprivate var exchanged: Self {
    var sides = Self()
    (sides.predicted, sides.observed) = (observed, predicted)
    return sides
  }
}
