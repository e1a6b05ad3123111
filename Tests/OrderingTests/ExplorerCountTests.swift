import ArmMemory
import Ordering
import Testing
import TraceCore

/// How many outcomes there are, against closed forms of combinatorics.
struct ExplorerCountTests {
  private func outcomes(_ fixture: Fixture) throws -> Int {
    let result = try Explorer(fixture.program).outcomes(limit: 100_000)
    #expect(result.isComplete)
    return result.outcomes.count
  }

  /// n stores to one gathering line, in any partition and order: the ordered Bell numbers
  /// (OEIS A000670).
  @Test(arguments: [(1, 1), (2, 3), (3, 13), (4, 75), (5, 541), (6, 4683)])
  func `unordered stores to one line partition in every way`(stores: Int, expected: Int) throws {
    var fixture = Fixture()
    let line = fixture.location("X", .normalNC, at: 0, size: 64)
    let accesses = (0..<stores).map { store("s\($0)", line, offset: 8 * $0) }
    fixture.program.agents = [Agent(name: "P0", instructions: accesses)]
    #expect(try outcomes(fixture) == expected)
  }

  /// n stores to n lines do not gather: n! orders.
  @Test(arguments: [(1, 1), (2, 2), (3, 6), (4, 24), (5, 120)])
  func `stores to different lines arrive in every order`(stores: Int, expected: Int) throws {
    var fixture = Fixture()
    let lines = (0..<stores).map {
      fixture.location("X\($0)", .normalNC, at: UInt64(64 * $0))
    }
    let accesses = lines.enumerated().map { store("s\($0)", $1) }
    fixture.program.agents = [Agent(name: "P0", instructions: accesses)]
    #expect(try outcomes(fixture) == expected)
  }

  /// Two agents with m and n ordered accesses interleave in (m + n)! / (m! n!) ways.
  @Test(arguments: [(1, 1, 2), (2, 2, 6), (3, 2, 10), (3, 3, 20)])
  func `ordered streams of two agents interleave`(m: Int, n: Int, expected: Int) throws {
    var fixture = Fixture()
    let device = fixture.location("X", .deviceNGnRE, at: 0, size: 64)
    fixture.program.agents = [
      Agent(name: "P0", instructions: (0..<m).map { store("a\($0)", device, offset: 8 * $0) }),
      Agent(name: "P1", instructions: (0..<n).map { store("b\($0)", device, offset: 8 * $0) }),
    ]
    #expect(try outcomes(fixture) == expected)
  }

  @Test func `a barrier splits a line's stores into two independent groups`() throws {
    var fixture = Fixture()
    let line = fixture.location("X", .normalNC, at: 0, size: 64)
    fixture.run(
      store("a", line), store("b", line, offset: 8), barrier(.dmbST),
      store("c", line, offset: 16), store("d", line, offset: 24))
    // Ordered Bell number of 2, twice: 3 * 3.
    #expect(try outcomes(fixture) == 9)
  }

  @Test func `nine stores to one line are searched within the budget`() throws {
    var fixture = Fixture()
    let line = fixture.location("X", .normalNC, at: 0, size: 64)
    let accesses = (0..<9).map { store("s\($0)", line, size: 4, offset: 4 * $0) }
    fixture.program.agents = [Agent(name: "P0", instructions: accesses)]
    let explorer = try Explorer(fixture.program)
    #expect(try explorer.witness(.arrivesBefore("s8", "s0")) != nil)
    #expect(try explorer.witness(.writes(location: "X", 1)) != nil)
    #expect(try explorer.witness(.writes(location: "X", 10)) == nil)
  }
}
