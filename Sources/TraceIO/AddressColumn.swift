internal import TraceCore

/// The column of code addresses: few different ones, so a table and indices into it.
///
/// Head: entries in the table u32, bytes of an index u32 (0, 1 or 2; 8 = no table, the addresses
/// themselves). Then the table (u64 each, ascending) and the indices. With 0 the table has one
/// entry, which is every record's.
enum AddressColumn {
  static let headSize = 8

  /// Encodes at least one address.
  static func encode(_ addresses: [UInt64]) -> [UInt8] {
    var numbers = DistinctAddresses()
    var places: [UInt16] = []
    places.reserveCapacity(addresses.count)
    for address in addresses { places.append(numbers.place(of: address)) }
    let table = numbers.addresses.sorted()
    let width = table.count == 1 ? 0 : table.count <= 256 ? 1 : table.count <= 65_536 ? 2 : 8
    var column: [UInt8] = []
    column.reserveCapacity(headSize + 8 * table.count + width * addresses.count)
    column.append(little: UInt32(width == 8 ? 0 : table.count))
    column.append(little: UInt32(width))
    if width == 8 {
      for address in addresses { column.append(little: address) }
      return column
    }
    for address in table { column.append(little: address) }
    var entries = [UInt16](repeating: 0, count: table.count)
    for (entry, address) in table.enumerated() {
      entries[Int(numbers.place(of: address))] = UInt16(truncatingIfNeeded: entry)
    }
    for place in places {
      let entry = entries[Int(place)]
      if width == 1 { column.append(UInt8(truncatingIfNeeded: entry)) }
      if width == 2 { column.append(little: entry) }
    }
    return column
  }

  /// Decodes `count` addresses.
  ///
  /// - Parameters:
  ///   - bytes: The whole column, decompressed.
  ///   - count: Addresses.
  ///   - addresses: Resized to `count`.
  /// - Throws: ``TraceError`` `.badRecord` when lengths or indices are wrong.
  static func decode(
    _ bytes: RawSpan, count: Int, into addresses: inout [UInt64]
  ) throws(TraceError) {
    guard bytes.byteCount >= headSize else { throw wrong("head") }
    let entries = Int(bytes.little(UInt32.self, at: 0))
    let width = Int(bytes.little(UInt32.self, at: 4))
    let plane = headSize + 8 * entries
    guard [0, 1, 2, 8].contains(width), bytes.byteCount == plane + width * count,
      width == 0 ? entries == 1 : true
    else { throw wrong("size") }
    addresses.resize(to: count)
    var output = addresses.mutableSpan
    let content = bytes.extracting(plane...)
    switch width {
    case 0, 1, 2:
      // With room for every index there may be, so that none needs to be looked at as it is used.
      var table = [UInt64](repeating: 0, count: max(entries, 1 << (8 * width)))
      for entry in 0..<entries {
        table[entry] = bytes.little(UInt64.self, at: headSize + 8 * entry)
      }
      let largest = place(content, width, table.span, into: &output)
      guard largest < entries else { throw wrong("index") }
    default:
      for record in output.indices {
        output[record] = content.little(UInt64.self, at: 8 * record)
      }
    }
  }

  /// Replaces indices of 0 to 2 bytes by a table's entries, of which there is one for each index
  /// that so many bytes can hold.
  ///
  /// - Returns: The largest index.
  private static func place(
    _ indices: RawSpan, _ width: Int, _ table: Span<UInt64>, into output: inout MutableSpan<UInt64>
  ) -> Int {
    precondition(indices.byteCount == width * output.count && table.count >= 1 << (8 * width))
    switch width {
    case 1: return unsafe place(indices, as: UInt8.self, table, into: &output)
    case 2: return unsafe place(indices, as: UInt16.self, table, into: &output)
    default:
      for record in output.indices { output[record] = table[0] }
      return 0
    }
  }

  /// The same with one index for each element of the output.
  @unsafe
  @inline(__always)
  private static func place<Index: FixedWidthInteger & BitwiseCopyable>(
    _ indices: RawSpan, as type: Index.Type, _ table: Span<UInt64>,
    into output: inout MutableSpan<UInt64>
  ) -> Int {
    var largest: Index = 0
    for record in 0..<output.count {
      let index = unsafe Index(
        littleEndian: indices.unsafeLoadUnaligned(
          fromUncheckedByteOffset: record &* MemoryLayout<Index>.size, as: type))
      largest = max(largest, index)
      unsafe output[unchecked: record] = unsafe table[unchecked: Int(index)]
    }
    return Int(largest)
  }

  private static func wrong(_ what: String) -> TraceError {
    TraceError(.badRecord, "the column of code addresses has a wrong \(what)")
  }
}

/// Numbers addresses in order of first appearance.
private struct DistinctAddresses {
  private(set) var addresses: [UInt64] = []
  private var places: [UInt64: UInt16] = [:]
  /// Those of late, by some bits, as the same instructions come again and again; -1 for none.
  private var recent = [(address: UInt64, place: Int32)](repeating: (0, -1), count: 256)

  /// The number of an address; of those behind the 65,536th it is none of theirs alone.
  @inline(__always)
  mutating func place(of address: UInt64) -> UInt16 {
    let slot = Int(truncatingIfNeeded: (address &* 0x9e37_79b9_7f4a_7c15) &>> 56)
    let known = recent[slot]
    if known.address == address, known.place >= 0 {
      return UInt16(truncatingIfNeeded: known.place)
    }
    return search(address, slot)
  }

  @inline(never)
  private mutating func search(_ address: UInt64, _ slot: Int) -> UInt16 {
    let place = places[address] ?? add(address)
    recent[slot] = (address, Int32(place))
    return place
  }

  private mutating func add(_ address: UInt64) -> UInt16 {
    let place = UInt16(truncatingIfNeeded: addresses.count)
    addresses.append(address)
    places[address] = place
    return place
  }
}
