import ArmMemory
import Ordering
import Testing

/// Parts of one access that nothing tells apart are explored once, and nothing is lost by it.
struct TwinsTests {
  /// Sixteen bytes of an unaligned store to Normal-NC, 3^16 moves one by one.
  @Test func `an unaligned pair is explored in every partition`() throws {
    var fixture = Fixture()
    let line = fixture.location("X", .normalNC, at: 0, size: 64)
    fixture.run(
      .access(
        Access(
          label: "a", direction: .store, location: line, offset: 4, size: 16, form: .pair,
          value: [1])))
    var options = ExplorerOptions()
    options.budget = 5000
    let explorer = try Explorer(fixture.program, options: options)
    for count in 1...16 {
      #expect(try explorer.witness(.writes(location: "X", count)) != nil, "\(count)")
    }
    #expect(try explorer.witness(.writes(location: "X", 17)) == nil)
    #expect(try explorer.witness(.whole("a")) != nil)
  }

  /// An unaligned store of 4 bytes and a load of some of them by another agent: each byte that is
  /// read is the old one or the new one (B2.2.1: single bytes are atomic), whatever the others are.
  @Test(arguments: [1, 2, 3]) func `bytes that another access reads are told apart`(
    read: Int
  ) throws {
    var fixture = Fixture()
    let line = fixture.location("X", .normalNC, at: 0, size: 64)
    let part = fixture.location("Y", .normalNC, at: 1, size: read)
    fixture.run(
      .access(
        Access(
          label: "a", direction: .store, location: line, offset: 1, size: 4,
          value: [1, 2, 3, 4])))
    fixture.run(load("b", part, size: read))
    let states = try Explorer(fixture.program).states(
      observing: [.register(agent: "P1", "r0", 0)])
    #expect(states.count == 1 << read)
  }
}
