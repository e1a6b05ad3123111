public import TraceCore

/// Counts accesses by address, direction and size: which registers are hot.
public struct RegisterUse {
  /// Addresses, directions and sizes told apart at most; others are counted together.
  public static let limit = 1 << 18

  private struct Key: Hashable {
    var address: UInt64
    var region: RegionID?
    var isStore: Bool
    var size: UInt8
  }

  private struct Use {
    var count: UInt64
    var firstRecord: UInt64
  }

  private var uses: [Key: Use] = [:]
  private var accesses: UInt64 = 0
  private var beyond: UInt64 = 0

  public init() {}

  /// Counts a block's loads and stores.
  public mutating func add(_ block: Block) {
    var record = block.firstRecord
    for run in block.runTokens.indices {
      let entry = block.classes[Int(block.runTokens[run])]
      let count = UInt64(block.runCounts[run])
      if entry.operation.isAccess {
        var key = Key(
          address: block.runAddresses[run], region: entry.region,
          isStore: entry.operation == .store, size: entry.size)
        for step in 0..<count {
          add(key, record + step)
          key.address &+= UInt64(entry.size)
        }
      }
      record += count
    }
  }

  private mutating func add(_ key: Key, _ record: UInt64) {
    accesses += 1
    if uses[key] == nil, uses.count == Self.limit {
      beyond += 1
    } else {
      uses[key, default: Use(count: 0, firstRecord: record)].count += 1
    }
  }

  /// The most used ones, those of equal counts in the order of their first records.
  private func top(_ count: Int) -> [(key: Key, use: Use)] {
    let sorted = uses.sorted {
      ($1.value.count, $0.value.firstRecord) < ($0.value.count, $1.value.firstRecord)
    }
    return sorted.prefix(count).map { ($0.key, $0.value) }
  }

  private func row(
    _ key: Key, _ use: Use, _ regions: RegionTable
  ) -> (region: String, offset: UInt64, name: String?) {
    guard let id = key.region else { return ("-", key.address, nil) }
    let region = regions[id]
    return (region.name, key.address &- region.base, region.register(at: key.address))
  }

  /// Lines for a terminal.
  ///
  /// - Parameters:
  ///   - count: Rows at most.
  ///   - regions: The trace's, at its end.
  /// - Returns: A head and a line for each, with line feeds.
  public func text(_ count: Int, _ regions: RegionTable) -> String {
    let rows = top(count)
    var lines = ["registers by use (\(grouped(accesses)) accesses):"]
    for (key, use) in rows {
      let place = row(key, use, regions)
      lines.append(
        "  " + padded(grouped(use.count), to: 13) + (key.isStore ? " store " : " load  ")
          + padded(String(key.size), to: 3) + padded(printable(place.region), to: 24) + " +0x"
          + hex(place.offset) + (place.name.map { "  " + printable($0) } ?? "")
          + "  first record \(grouped(use.firstRecord))")
    }
    let shown = rows.reduce(0) { $0 + $1.use.count }
    if shown < accesses { lines.append("  \(grouped(accesses - shown)) accesses to others") }
    if beyond > 0 {
      lines.append("  \(grouped(beyond)) of them beyond the first \(grouped(UInt64(Self.limit)))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same as JSON: an array of objects.
  public func json(_ count: Int, _ regions: RegionTable) -> JSONPart {
    JSONPart(
      value: .list(
        top(count).map { key, use in
          let place = row(key, use, regions)
          return .object([
            "region": .text(place.region), "offset": .count(place.offset),
            "address": .count(key.address), "register": JSONValue(place.name),
            "op": .text(key.isStore ? "store" : "load"), "size": .count(UInt64(key.size)),
            "count": .count(use.count), "first_record": .count(use.firstRecord),
          ])
        }))
  }
}

/// A value that goes into a larger document.
public struct JSONPart {
  let value: JSONValue
}
