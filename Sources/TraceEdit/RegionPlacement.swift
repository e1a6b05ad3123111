import TraceCore

/// New places for a trace's regions.
///
/// Regions that overlap move together, so that an alias stays one. Each moves by a multiple of its
/// size rounded up to a power of two (4 KiB at least), and stays below 4 GiB or above: lines,
/// pages, boundaries within a region and the length of a request's header (PCIe Base 5.0, section
/// 2.2.4.1) are as before. The distance is a multiple of every access size, too: whether an access
/// is aligned to a size like 3 or 12 is as before.
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
    /// Least common multiple of the odd parts of its accesses' sizes; nil beyond 64 bits.
    var oddMultiple: UInt64? = 1

    var alignment: UInt64 {
      let size = last - first
      return size >= 1 << 45 ? 1 << 46 : max(4096, 1 << UInt64(64 - size.leadingZeroBitCount))
    }
  }

  /// - Parameters:
  ///   - regions: All of a trace.
  ///   - accessSizes: Of the accesses in each; see ``TraceSurvey/accessSizes``.
  ///   - seed: Same seed, same places.
  init(_ regions: [Region], _ accessSizes: [UInt64], seed: UInt64) {
    moves = [UInt64](repeating: 0, count: regions.count)
    let clusters = Self.clusters(regions, accessSizes).sorted {
      ($1.alignment, $0.first) < ($0.alignment, $1.first)
    }
    let sized = clusters.reduce(0) { $0 + $1.members.count }
    unmoved = UInt64(regions.count { $0.size == 0 && $0.kind != .config })
    precondition(sized <= regions.count, "a region lies in two clusters")
    // What cannot move is in the way of what can: where one finds no room, all are placed anew.
    var fixed = Set(clusters.indices.filter { Self.steps(clusters[$0]) == nil })
    var places = Self.places(clusters, fixed, seed)
    while places.contains(where: { $0 == nil }) {
      fixed.formUnion(places.indices.filter { places[$0] == nil })
      places = Self.places(clusters, fixed, seed)
    }
    for (index, cluster) in clusters.enumerated() {
      if fixed.contains(index) { unmoved += UInt64(cluster.members.count) }
      for member in cluster.members { moves[member] = (places[index] ?? 0) &- cluster.first }
    }
  }

  /// The first address of each cluster; nil where there is no room for it.
  private static func places(
    _ clusters: [Cluster], _ fixed: Set<Int>, _ seed: UInt64
  ) -> [UInt64?] {
    var state = seed
    var taken = DisjointRanges()
    for index in fixed { taken.insert(clusters[index].first...clusters[index].last) }
    return clusters.enumerated().map { index, cluster in
      if fixed.contains(index) { return cluster.first }
      let first = place(cluster, taken, &state)
      if let first { taken.insert(first...first + (cluster.last - cluster.first)) }
      return first
    }
  }

  /// Where a cluster may begin; nil where it must stay.
  ///
  /// - Returns: A step, and which multiples of it are to be added to the cluster's first address
  ///   modulo the step.
  private static func steps(
    _ cluster: Cluster
  ) -> (step: UInt64, numbers: ClosedRange<UInt64>)? {
    let alignment = cluster.alignment
    let isLow = cluster.last < fourGiB
    guard isLow || cluster.first >= fourGiB, let odd = cluster.oddMultiple else { return nil }
    let (step, isOver) = alignment.multipliedReportingOverflow(by: odd)
    let end = isLow ? fourGiB : top
    guard !isOver, step <= 1 << 62, end / alignment > 1 else { return nil }
    let rest = cluster.first % step
    // No memory window lies in the first MiB.
    let low = max(alignment, isLow ? 0x10_0000 : fourGiB)
    // One alignment ahead of the end: a cluster may lie across a multiple of its own.
    guard case let high = end - alignment - 1, rest <= high else { return nil }
    let numbers = (low - min(low, rest) + (step - 1)) / step..<(high - rest) / step + 1
    // Its own place is none.
    guard let last = numbers.last, last > numbers.lowerBound || last != cluster.first / step
    else { return nil }
    return (step, numbers.lowerBound...last)
  }

  private static func place(
    _ cluster: Cluster, _ taken: DisjointRanges, _ state: inout UInt64
  ) -> UInt64? {
    guard let (step, numbers) = steps(cluster) else { return nil }
    let length = cluster.last - cluster.first
    let choices = numbers.upperBound - numbers.lowerBound + 1
    for _ in 0..<4096 {
      let number = numbers.lowerBound + splitMix(&state) % choices
      let first = number * step + cluster.first % step
      if taken.isFree(first...first + length), first != cluster.first { return first }
    }
    return nil
  }

  /// Regions of a known size, overlapping ones together.
  private static func clusters(_ regions: [Region], _ accessSizes: [UInt64]) -> [Cluster] {
    let order = regions.indices.filter { index in
      let region = regions[index]
      return region.size > 0 && !region.base.addingReportingOverflow(region.size - 1).overflow
    }.sorted { (regions[$0].base, $0) < (regions[$1].base, $1) }
    var result: [Cluster] = []
    for index in order {
      let last = regions[index].base + (regions[index].size - 1)
      let odd = index < accessSizes.count ? oddMultiple(of: accessSizes[index]) : 1
      if let previous = result.last, regions[index].base <= previous.last {
        result[result.count - 1].last = max(previous.last, last)
        result[result.count - 1].members.append(index)
        result[result.count - 1].oddMultiple = leastCommonMultiple(previous.oddMultiple, odd)
      } else {
        result.append(
          Cluster(first: regions[index].base, last: last, members: [index], oddMultiple: odd))
      }
    }
    return result
  }

  /// The least common multiple of the odd parts of sizes, of which bit `n` stands for `n + 1` bytes.
  private static func oddMultiple(of sizes: UInt64) -> UInt64? {
    var result: UInt64? = 1
    for size in 1...UInt64(64) where sizes >> (size - 1) & 1 == 1 {
      let odd = size >> UInt64(size.trailingZeroBitCount)
      result = leastCommonMultiple(result, odd)
    }
    return result
  }

  private static func leastCommonMultiple(_ one: UInt64?, _ other: UInt64?) -> UInt64? {
    guard let one, let other else { return nil }
    var (divisor, rest) = (one, other)
    while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
    let (product, isOver) = (one / divisor).multipliedReportingOverflow(by: other)
    return isOver ? nil : product
  }
}
