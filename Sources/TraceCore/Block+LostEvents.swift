extension Block {
  /// Events that the block's `lost` records stand for: the number each holds as its value, or 1
  /// where the source does not know; at most 2^64 - 1.
  ///
  /// - Precondition: ``values`` is decoded where a class of lost records has a value.
  public var lostEvents: UInt64 {
    guard classes.contains(where: { $0.operation == .lost }) else { return 0 }
    var sum: UInt64 = 0
    var place = (value: 0, config: 0)
    for (token, count) in zip(runTokens, runCounts) {
      let entry = classes[Int(token)]
      let bytes = Int(count) * (entry.size == 0 ? 8 : Int(entry.size))
      let isLost = entry.operation == .lost
      if entry.columns.contains(.configValue) {
        if isLost { sum.addSaturating(Self.total(configValues, place.config, bytes)) }
        place.config += bytes
      } else if entry.columns.contains(.value) {
        if isLost { sum.addSaturating(Self.total(values, place.value, bytes)) }
        place.value += bytes
      } else if isLost {
        sum.addSaturating(UInt64(count))
      }
    }
    return sum
  }

  /// Sum of little-endian numbers of eight bytes; 0 where they are not there.
  private static func total(_ column: [UInt8], _ place: Int, _ bytes: Int) -> UInt64 {
    guard place + bytes <= column.count else { return 0 }
    var sum: UInt64 = 0
    for start in stride(from: place, to: place + bytes, by: 8) {
      let end = min(start + 8, place + bytes)
      sum.addSaturating(column[start..<end].reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
    return sum
  }
}

extension UInt64 {
  /// Adds, and stays at the largest number instead of going beyond it.
  public mutating func addSaturating(_ other: UInt64) { self = addedSaturating(other) }

  /// The sum, or the largest number where it would go beyond it.
  public func addedSaturating(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
