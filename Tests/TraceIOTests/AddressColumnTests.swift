import TestSupport
import Testing
import TraceCore

@testable import TraceIO

@Suite struct AddressColumnTests {
  /// Addresses of which so many are different ones, 0 and the last one among them where there is
  /// room; each stands there once at least.
  private func addresses(_ different: Int, _ random: inout SplitMix64) -> [UInt64] {
    var distinct: Set<UInt64> = different > 2 ? [0, .max] : []
    while distinct.count < different { distinct.insert(random.next()) }
    let all = distinct.sorted()
    var addresses = all.shuffled(using: &random)
    while addresses.count < 3 * different {
      addresses.append(all[Int(random.next() % UInt64(all.count))])
    }
    return addresses
  }

  /// What the column's documentation says, from a set of the standard library.
  @Test(arguments: [1, 2, 3, 255, 256, 257, 5000, 65_536, 65_537])
  func `the table holds every address once, ascending, and the indices tell them`(
    different: Int
  ) throws {
    var random = SplitMix64(seed: UInt64(different))
    let addresses = addresses(different, &random)
    let bytes = AddressColumn.encode(addresses)
    let table = Set(addresses).sorted()
    #expect(table.count == different)
    let width = different == 1 ? 0 : different <= 256 ? 1 : different <= 65_536 ? 2 : 8
    let entries = width == 8 ? 0 : different
    #expect(bytes.count == 8 + 8 * entries + width * addresses.count)
    #expect(bytes.little(UInt32.self, at: 0) == UInt32(entries))
    #expect(bytes.little(UInt32.self, at: 4) == UInt32(width))
    let stored = (0..<entries).map { bytes.little(UInt64.self, at: 8 + 8 * $0) }
    #expect(stored == (width == 8 ? [] : table))
    var read: [UInt64] = []
    try unsafe AddressColumn.decode(bytes.span.bytes, count: addresses.count, into: &read)
    #expect(read == addresses)
  }
}
