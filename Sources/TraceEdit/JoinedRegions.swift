import TraceCore

/// The regions of the trace that captures are joined to, to be found by name and address.
final class JoinedRegions {
  let context: TraceContext
  /// Numbers of the regions of each name, ascending.
  private var names: [String: [Int]] = [:]
  private var addresses = AddressIndex()

  /// - Parameter context: Of the whole, still without regions; gets them from here alone.
  init(_ context: TraceContext) {
    precondition(context.regions.count == 0, "a whole begins without regions")
    self.context = context
  }

  var isFull: Bool { context.regions.isFull }

  subscript(id: RegionID) -> Region { context.regions[id] }

  /// The first region of a name that meets a condition.
  func first(named name: String, where isWanted: (Region) -> Bool) -> RegionID? {
    names[name]?.first { isWanted(context.regions.regions[$0]) }
      .map { RegionID(rawValue: UInt16($0)) }
  }

  /// The regions that have an address in common with one, in their order.
  func all(meeting region: Region) -> [RegionID] {
    addresses.numbers(meeting: region).map { RegionID(rawValue: UInt16($0)) }
  }

  func add(_ region: Region) -> RegionID {
    let id = context.regions.add(region)
    names[region.name, default: []].append(id.index)
    addresses.insert(region, number: id.index)
    return id
  }

  func resize(_ id: RegionID, base: UInt64, size: UInt64) {
    addresses.remove(context.regions[id], number: id.index)
    context.regions[id].base = base
    context.regions[id].size = size
    addresses.insert(context.regions[id], number: id.index)
  }
}
