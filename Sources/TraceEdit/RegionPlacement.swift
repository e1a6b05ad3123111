import TraceCore

/// New places for a trace's regions.
///
/// Regions that overlap move together, so that an alias stays one. Each moves by a multiple of its
/// size rounded up to a power of two (4 KiB at least), and stays below 4 GiB or above: lines,
/// pages, boundaries within a region and the length of a request's header (PCIe Base 5.0, section
/// 2.2.4.1) are as before.
struct RegionPlacement {
  /// What is added to the addresses of each region, by its number; wraps around.
  private(set) var moves: [UInt64]
  /// Regions of unknown size, or with no room elsewhere, which stay.
  private(set) var unmoved: UInt64 = 0

  private static let fourGiB: UInt64 = 1 << 32
  /// New places end below this; every PCIe and Arm system can have such addresses.
  private static let top: UInt64 = 1 << 46

  private struct Cluster {
    var first: UInt64
    var last: UInt64
    var members: [Int]

    var alignment: UInt64 {
      let size = last - first
      return size >= 1 << 45 ? 1 << 46 : max(4096, 1 << UInt64(64 - size.leadingZeroBitCount))
    }
  }

  init(_ regions: [Region], seed: UInt64) {
    moves = [UInt64](repeating: 0, count: regions.count)
    var state = seed
    var taken = DisjointRanges()
    let clusters = Self.clusters(regions).sorted {
      ($1.alignment, $0.first) < ($0.alignment, $1.first)
    }
    let sized = clusters.reduce(0) { $0 + $1.members.count }
    unmoved = UInt64(regions.count { $0.size == 0 && $0.kind != .config })
    precondition(sized <= regions.count, "a region lies in two clusters")
    // What cannot move is in the way of what can.
    let movable = clusters.filter { cluster in
      guard Self.range(cluster) == nil else { return true }
      taken.insert(cluster.first...cluster.last)
      unmoved += UInt64(cluster.members.count)
      return false
    }
    for cluster in movable {
      let first = Self.place(cluster, taken, &state)
      if first == nil { unmoved += UInt64(cluster.members.count) }
      let base = first ?? cluster.first
      taken.insert(base...base + (cluster.last - cluster.first))
      for member in cluster.members { moves[member] = base &- cluster.first }
    }
  }

  /// Where a cluster may lie, as numbers of its alignment; nil where it must stay.
  private static func range(_ cluster: Cluster) -> ClosedRange<UInt64>? {
    let alignment = cluster.alignment
    let isLow = cluster.last < fourGiB
    guard isLow || cluster.first >= fourGiB else { return nil }
    // The first 64 KiB of either range are no memory window.
    let low = isLow ? max(1, 0x10_0000 / alignment) : max(1, fourGiB / alignment)
    let end = (isLow ? fourGiB : top) / alignment
    guard end > low + 1 else { return nil }
    return low...(end - 2)
  }

  private static func place(
    _ cluster: Cluster, _ taken: DisjointRanges, _ state: inout UInt64
  ) -> UInt64? {
    guard let range = range(cluster) else { return nil }
    let alignment = cluster.alignment
    let length = cluster.last - cluster.first
    let choices = range.upperBound - range.lowerBound + 1
    for _ in 0..<4096 {
      let number = range.lowerBound + splitMix(&state) % choices
      let first = number * alignment + cluster.first % alignment
      if taken.isFree(first...first + length), first != cluster.first { return first }
    }
    return nil
  }

  /// Regions of a known size, overlapping ones together.
  private static func clusters(_ regions: [Region]) -> [Cluster] {
    let order = regions.indices.filter { index in
      let region = regions[index]
      return region.size > 0 && !region.base.addingReportingOverflow(region.size - 1).overflow
    }.sorted { (regions[$0].base, $0) < (regions[$1].base, $1) }
    var result: [Cluster] = []
    for index in order {
      let last = regions[index].base + (regions[index].size - 1)
      if let previous = result.last, regions[index].base <= previous.last {
        result[result.count - 1].last = max(previous.last, last)
        result[result.count - 1].members.append(index)
      } else {
        result.append(Cluster(first: regions[index].base, last: last, members: [index]))
      }
    }
    return result
  }
}
