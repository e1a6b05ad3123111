import ArmMemory
import Ordering
import Testing
import TraceCore

/// Relaxed Ordering where one transaction, or one byte, has several writes.
struct AttributeTests {
  private func options() -> ExplorerOptions {
    var options = ExplorerOptions()
    options.fabric = .pcie
    return options
  }

  private func fixture() -> Fixture {
    var fixture = Fixture()
    fixture.program.functions = [DeviceFunction(name: "d")]
    fixture.program.peripherals[0].function = 0
    return fixture
  }

  /// c is ordered before a and b; gathered, they pass it on PCIe only as a write with RO (A2b).
  @Test(arguments: [(true, true, true), (true, false, false), (false, true, false)])
  func `a gathered write is relaxed where all of its parts are`(
    first: Bool, second: Bool, mayPass: Bool
  ) throws {
    var fixture = fixture()
    let other = fixture.location("Z", .normalNC, at: 0x80)
    let locations = [
      fixture.location("X", .normalNC, at: 0), fixture.location("Y", .normalNC, at: 8),
    ]
    fixture.program.locations[locations[0]].relaxedOrdering = first
    fixture.program.locations[locations[1]].relaxedOrdering = second
    fixture.run(
      store("c", other), barrier(.dmbST), store("a", locations[0]), store("b", locations[1]))
    let explorer = try Explorer(fixture.program, options: options())
    let passes = Condition.and([.together("a", "b"), .arrivesBefore("b", "c")])
    #expect(try explorer.witness(.together("a", "b")) != nil)
    #expect((try explorer.witness(passes) != nil) == mayPass)
  }

  /// Coherence is Arm's, whatever the write carries; PCIe alone would let the second pass (A2b).
  @Test(arguments: [MemoryType.normalNC, .deviceNGnRE])
  func `Relaxed Ordering does not reorder writes of the same bytes`(type: MemoryType) throws {
    var fixture = fixture()
    let location = fixture.location("X", type, at: 0)
    fixture.program.locations[location].relaxedOrdering = true
    fixture.run(store("a", location, value: 1), store("b", location, value: 2))
    let isOlder = Condition.value(location: "X", 1)
    #expect(try Explorer(fixture.program, options: options()).witness(isOlder) == nil)
    let loose = RuleSet.all.without("arm.coherence")
    let explorer = try Explorer(fixture.program, rules: loose, options: options())
    #expect(try explorer.witness(isOlder) != nil)
    fixture.program.locations[location].relaxedOrdering = false
    let strict = try Explorer(fixture.program, rules: loose, options: options())
    #expect((try strict.witness(isOlder) != nil) == (type == .normalNC))
  }
}
