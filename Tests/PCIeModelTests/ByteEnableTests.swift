import PCIeModel
import Testing

/// One row of the byte-enable rules, as PCI Express Base Specification 5.0, section 2.2.5, has them.
struct EnableRule: Sendable, CustomTestStringConvertible {
  let name: String
  let dwords: Int
  let address: UInt64
  let first: Set<UInt8>
  let last: Set<UInt8>
  var testDescription: String { name }
}

@Suite struct ByteEnableTests {
  static let all = Set<UInt8>(0...15)
  static let notZero = Set<UInt8>(1...15)
  static let toTheEnd: Set<UInt8> = [0b1111, 0b1110, 0b1100, 0b1000]
  static let fromTheStart: Set<UInt8> = [0b0001, 0b0011, 0b0111, 0b1111]

  static let rules = [
    EnableRule(name: "1 DW", dwords: 1, address: 0x1000, first: all, last: [0]),
    EnableRule(name: "1 DW, odd", dwords: 1, address: 0x1004, first: all, last: [0]),
    EnableRule(name: "2 DW, QW", dwords: 2, address: 0x1008, first: notZero, last: notZero),
    EnableRule(
      name: "2 DW, no QW", dwords: 2, address: 0x1004, first: toTheEnd, last: fromTheStart),
    EnableRule(name: "3 DW", dwords: 3, address: 0x1000, first: toTheEnd, last: fromTheStart),
    EnableRule(name: "3 DW, odd", dwords: 3, address: 0x1004, first: toTheEnd, last: fromTheStart),
    EnableRule(name: "1024 DW", dwords: 1024, address: 0, first: toTheEnd, last: fromTheStart),
  ]

  @Test(arguments: rules) func `legal are the pairs of the rule and no others`(_ rule: EnableRule) {
    for first in UInt8(0)...15 {
      for last in UInt8(0)...15 {
        let fields = fields(first, last)
        #expect(
          fields.areLegal(dwords: rule.dwords, address: rule.address)
            == (rule.first.contains(first) && rule.last.contains(last)), "\(first) \(last)")
      }
    }
  }

  /// Fields of any value, which a split alone cannot make.
  private func fields(_ first: UInt8, _ last: UInt8) -> ByteEnables {
    var fields = ByteEnables.none
    (fields.first, fields.last) = (first, last)
    return fields
  }

  @Test func `consecutive bytes enable what a look at each byte finds`() {
    for start in UInt64(0x1000)..<0x1008 {
      for length in 1...40 {
        let group = (0..<UInt64(length)).map { start + $0 }
        let expected = enables(group)
        let found = ByteEnables(address: start, bytes: length)
        #expect(found.first == expected.first && found.last == expected.last)
        #expect(found.areLegal(dwords: dwords(group), address: start & ~3))
      }
    }
  }

  // Any hole pattern of 16 bytes, under every policy.
  @Test(arguments: SplitPolicy.allCases)
  func `no mask leaves in a write with illegal byte enables`(policy: SplitPolicy) {
    for bits in stride(from: UInt128(1), through: 0xffff, by: 3) {
      for write in TLP.memoryWrites(mask: bits, address: 0x2004, lineBytes: 16, policy: policy) {
        guard case .address(let address) = write.route else {
          Issue.record("a write goes to an address")
          continue
        }
        #expect(write.enables.areLegal(dwords: write.dwords, address: address))
      }
    }
  }
}
