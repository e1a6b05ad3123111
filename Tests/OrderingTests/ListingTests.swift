import ArmMemory
import Ordering
import Testing

/// Lists of outcomes: what they cost, and what they say of those that are left out.
struct ListingTests {
  /// Loads of a type that may reorder, over PCIe: each enters the fabric and arrives, in 2n steps.
  private func loads(_ count: Int) -> Fixture {
    var fixture = Fixture()
    fixture.program.functions = [DeviceFunction(name: "d")]
    fixture.program.peripherals[0].function = 0
    let instructions = (0..<count).map { number in
      load(
        "l\(number)", fixture.location("X\(number)", .deviceNGRE, at: UInt64(8 * number)),
        register: "r\(number)")
    }
    fixture.program.agents = [Agent(name: "P0", instructions: instructions)]
    return fixture
  }

  private func options(budget: Int) -> ExplorerOptions {
    var options = ExplorerOptions()
    options.fabric = .pcie
    options.budget = budget
    return options
  }

  /// Thirty bytes, each an access of its own: ordered Bell number of 30, about 10^37 outcomes.
  @Test(arguments: [1, 3]) func `the first outcomes come however many there are`(
    limit: Int
  ) throws {
    var fixture = Fixture()
    let location = fixture.location("X", .normalNC, at: 1, size: 32)
    fixture.run(store("a", location, size: 30))
    for fabric in ExplorerOptions.Fabric.allCases {
      var options = options(budget: 1000)
      options.fabric = fabric
      let list = try Explorer(fixture.program, options: options).outcomes(limit: limit)
      #expect(list.outcomes.count == limit)
      #expect(list.end == .limit)
    }
  }

  /// PCIe's B3 leaves reads free, so that n of them arrive in n! orders.
  ///
  /// There are (2n)! / 2^n paths, 113 400 for five, and the sum over m of n! / (n - m)! (m + 1) pairs
  /// of arrivals and reads under way, 1631 for five, with at most five moves each.
  @Test(arguments: [(3, 6), (4, 24), (5, 120)])
  func `paths with the same arrivals that meet are followed once`(
    count: Int, expected: Int
  ) throws {
    let explorer = try Explorer(loads(count).program, options: options(budget: 1631 * 5))
    let list = try explorer.outcomes(limit: 1000)
    #expect(list.outcomes.count == expected)
    #expect(list.end == .complete)
  }

  @Test func `a list says whether the limit or the budget ended it`() throws {
    let explorer = try Explorer(loads(5).program, options: options(budget: 100))
    let list = try explorer.outcomes(limit: 1000)
    #expect(list.end == .budget && !list.isComplete)
    #expect(list.outcomes.count < 120)
    let all = try Explorer(loads(2).program, options: options(budget: 1000))
    #expect(try all.outcomes(limit: 1).end == .limit)
    #expect(try all.outcomes(limit: 2).end == .complete)
  }

  /// Program order stays, so that n stores are cut into runs of neighbours: 2^(n - 1) ways.
  @Test(arguments: [(1, 1), (2, 2), (5, 16)])
  func `stores to the same bytes gather with their neighbours`(count: Int, expected: Int) throws {
    let explorer = try Explorer(sameBytes(count).program)
    let list = try explorer.outcomes(limit: 100)
    #expect(list.outcomes.count == expected && list.isComplete)
  }

  /// From the state behind k of n stores there are n - k moves: 40 * 41 / 2 in all, not 2^40.
  @Test func `only sets of accesses that may be one transaction are tried`() throws {
    var options = ExplorerOptions()
    options.budget = 820
    let explorer = try Explorer(sameBytes(40).program, options: options)
    #expect(try explorer.witness(.arrivesBefore("s39", "s0")) == nil)
    #expect(try explorer.witness(.arrivesBefore("s0", "s39")) != nil)
    #expect(try explorer.witness(.together("s0", "s39")) != nil)
  }

  private func sameBytes(_ count: Int) -> Fixture {
    var fixture = Fixture()
    let location = fixture.location("X", .normalNC, at: 0)
    fixture.program.agents = [
      Agent(name: "P0", instructions: (0..<count).map { store("s\($0)", location) })
    ]
    return fixture
  }
}
