/// Where a vCPU remembers what it did with a function: rows that are no longer than a trace needs.
///
/// There is room for 32 functions, and for as many regions without one; beyond that several share a
/// slot. A row begins with room for few and grows with what a trace shows; a slot stays the same, so
/// that a longer row begins like a shorter one.
struct FunctionSlots: Equatable {
  /// Functions, and regions without one, that are kept apart.
  static let most = 32

  /// Slots of a row: 0, or a power of two up to twice ``most``.
  private(set) var count = 0

  /// Makes room.
  ///
  /// - Parameters:
  ///   - functions: Numbers of functions so far.
  ///   - regions: Numbers of regions without one so far.
  mutating func grow(functions: Int, regions: Int) {
    let wanted = 2 * min(Self.most, max(1, functions, regions))
    if count == 0 { count = 2 }
    while count < wanted { count *= 2 }
  }

  /// The slot of a function or of a region without one, by its number in ``ReplayTables``.
  ///
  /// Functions have the even slots, regions the odd ones.
  @inline(__always)
  func slot(_ function: Int) -> Int {
    let isRegion = function < ReplayTables.unknownFunction ? 0 : 1
    return (function &<< 1 | isRegion) & (count &- 1)
  }

  /// The slot in a row of a table of all vCPUs.
  @inline(__always)
  func index(_ vcpu: Int, slot: Int) -> Int { vcpu &* count &+ slot }

  /// All slots, those of functions first.
  var all: [Int] { Array(stride(from: 0, to: count, by: 2)) + stride(from: 1, to: count, by: 2) }
}
