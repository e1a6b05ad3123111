import TraceCore

/// Regions by their addresses, which may meet each other.
///
/// In order of their bases, those up to 1 byte, 2, 4 and so on apart: one that meets a range begins
/// ahead of its end, and not further ahead of its start than the largest of its kind is long.
struct AddressIndex {
  private struct Entry {
    var first: UInt64
    var last: UInt64
    /// Number of the region.
    var number: Int
  }

  private var classes = [[Entry]](repeating: [], count: 65)

  /// Adds a region; one of unknown size meets nothing.
  mutating func insert(_ region: Region, number: Int) {
    guard let range = region.addresses else { return }
    let kind = Self.kind(range)
    let place = Self.place(of: range.lowerBound, in: classes[kind])
    classes[kind].insert(
      Entry(first: range.lowerBound, last: range.upperBound, number: number), at: place)
  }

  /// Removes a region as it was added.
  mutating func remove(_ region: Region, number: Int) {
    guard let range = region.addresses else { return }
    let kind = Self.kind(range)
    let start = Self.place(of: range.lowerBound, in: classes[kind])
    if let place = classes[kind][start...].firstIndex(where: { $0.number == number }) {
      classes[kind].remove(at: place)
    }
  }

  /// Numbers of the regions that have an address in common with one, ascending.
  func numbers(meeting region: Region) -> [Int] {
    guard let range = region.addresses else { return [] }
    var result: [Int] = []
    for (kind, entries) in classes.enumerated() where !entries.isEmpty {
      let reach = kind == 64 ? UInt64.max : 1 << UInt64(kind) - 1
      let start = range.lowerBound - min(reach, range.lowerBound)
      for entry in entries[Self.place(of: start, in: entries)...] {
        if entry.first > range.upperBound { break }
        if entry.last >= range.lowerBound { result.append(entry.number) }
      }
    }
    return result.sorted()
  }

  /// The power of two that is not less than the number of addresses.
  private static func kind(_ range: ClosedRange<UInt64>) -> Int {
    64 - (range.upperBound - range.lowerBound).leadingZeroBitCount
  }

  /// The first entry that begins at an address or behind it.
  private static func place(of address: UInt64, in entries: [Entry]) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].first < address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
