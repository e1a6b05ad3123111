import ArmMemory
import Testing

/// The properties of the memory types, transcribed from Arm ARM DDI 0487, B2.10 and B2.11: from
/// nGnRnE to Normal-NC, R required, P permitted, F forbidden.
struct PropertyMatrixTests {
  static let byHand: [(MemoryProperty, String)] = [
    (.gathering, "FFFPP"), (.elementAccesses, "RRRPP"), (.programOrder, "RRPPP"),
    (.earlyAcknowledgement, "FPPPP"), (.speculativeRead, "FFFFP"), (.speculativeWrite, "FFFFF"),
    (.forwarding, "FFFPP"), (.unaligned, "FFFFP"), (.zeroBlock, "FFFFP"), (.caching, "FFFFF"),
  ]
  static let types: [MemoryType] = [
    .deviceNGnRnE, .deviceNGnRE, .deviceNGRE, .deviceGRE, .normalNC,
  ]

  @Test(arguments: byHand)
  func `a property is what the architecture says`(property: MemoryProperty, letters: String) {
    let found = Self.types.map { type in
      switch PropertyMatrix.verdict(property, type) {
      case .required: "R"
      case .permitted: "P"
      case .forbidden: "F"
      }
    }
    #expect(found.joined() == letters, "\(property)")
  }

  @Test func `every property has a row, and only one`() {
    #expect(PropertyMatrix.rows.map(\.property) == MemoryProperty.allCases)
    #expect(Self.byHand.map(\.0) == MemoryProperty.allCases)
  }

  @Test func `a weaker type never forbids what a stronger one permits`() {
    for property in MemoryProperty.allCases {
      for (stronger, weaker) in zip(Self.types, Self.types.dropFirst()) {
        let isLost =
          PropertyMatrix.verdict(property, stronger) == .permitted
          && PropertyMatrix.verdict(property, weaker) == .forbidden
        #expect(!isLost, "\(property): \(stronger), \(weaker)")
      }
    }
  }

  @Test func `gathering agrees with the engine's own question`() {
    for type in MemoryType.allCases {
      #expect((PropertyMatrix.verdict(.gathering, type) != .forbidden) == type.gathers)
    }
  }
}
