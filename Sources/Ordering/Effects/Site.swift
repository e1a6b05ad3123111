/// An access where it stands in the program.
struct Site: Sendable {
  var agent: Int
  var instruction: Int
  var access: Access
  var attributes: AccessAttributes
  var location: Location
  /// The stage that faults.
  var faultStage: Int?

  var address: UInt64 { access.address(in: location) }
  var addresses: Range<UInt64> { address..<address + UInt64(access.size) }
}

/// A choice that the architecture leaves open and that decides which effects there are.
struct Variant: Hashable, Sendable {
  /// Sites of loads that are served from a write buffer, with the site of the store.
  var forwards: [Int: Int] = [:]
  /// Sites of loads that the bus also reads speculatively.
  var ghosts: Set<Int> = []
  /// For each unmap, by its place: how many instructions of each other agent came before it.
  var cuts: [[Int]] = []
}
