import Tables

/// Properties by which Arm's memory types differ (Arm ARM DDI 0487, B2.10 and B2.11).
public enum MemoryProperty: String, Sendable, CaseIterable {
  /// Two accesses, to the same or to different addresses, become one.
  case gathering
  /// One access per element of an instruction, at its single-copy atomic size.
  case elementAccesses = "element-accesses"
  /// Accesses arrive at one peripheral in program order.
  case programOrder = "program-order"
  /// A write is acknowledged before it has reached the endpoint.
  case earlyAcknowledgement = "early-acknowledgement"
  /// Data is read that no instruction asked for, or asked for only once.
  case speculativeRead = "speculative-read"
  /// A write that will not happen architecturally is seen by others.
  case speculativeWrite = "speculative-write"
  /// A read is served from the buffer of an earlier write.
  case forwarding
  /// An access that is not aligned to its size.
  case unaligned
  /// DC ZVA.
  case zeroBlock = "dc-zva"
  /// Allocation into a data or unified cache.
  case caching
}

/// What the architecture says of a property.
public enum PropertyVerdict: String, Sendable { case required, permitted, forbidden }

/// Which property each memory type has: the architecture's matrix as data.
public enum PropertyMatrix {
  /// One row: a property, its source, and the verdicts from the strongest type to Normal-NC.
  public struct Row: Sendable {
    public let property: MemoryProperty
    /// Section of Arm ARM DDI 0487.
    public let source: String
    /// nGnRnE, nGnRE, nGRE, GRE, Normal-NC.
    let verdicts: [PropertyVerdict]

    init(_ property: MemoryProperty, _ source: String, _ verdicts: [PropertyVerdict]) {
      self.property = property
      self.source = source
      self.verdicts = verdicts
    }
  }

  /// The matrix, a row a property.
  public static let rows: [Row] = {
    let (r, p, f) = (PropertyVerdict.required, PropertyVerdict.permitted, PropertyVerdict.forbidden)
    return [
      Row(.gathering, "B2.10.2.1", [f, f, f, p, p]),
      Row(.elementAccesses, "B2.10.2.1", [r, r, r, p, p]),
      Row(.programOrder, "B2.10.2.2, B2.4.1", [r, r, p, p, p]),
      // nGnRnE: forbidden where the endpoint acknowledges at all; posted PCIe writes do not.
      Row(.earlyAcknowledgement, "B2.10.2.3", [f, p, p, p, p]),
      Row(.speculativeRead, "B2.10.2", [f, f, f, f, p]),
      Row(.speculativeWrite, "B2.10.2", [f, f, f, f, f]),
      Row(.forwarding, "B2.10.2.1", [f, f, f, p, p]),
      Row(.unaligned, "B2.10.2", [f, f, f, f, p]),
      Row(.zeroBlock, "C5.3 DC ZVA, B2.10.2", [f, f, f, f, p]),
      Row(.caching, "B2.10.2, B2.11", [f, f, f, f, f]),
    ]
  }()

  /// What a type says of a property.
  ///
  /// - Parameters:
  ///   - property: The property.
  ///   - type: The type; write-through and write-back read as Normal-NC, except that they cache.
  /// - Returns: The verdict.
  public static func verdict(_ property: MemoryProperty, _ type: MemoryType) -> PropertyVerdict {
    if property == .caching, type.isCacheable { return .permitted }
    let column = min(Int(type.rawValue), Int(MemoryType.normalNC.rawValue))
    guard let row = rows.first(where: { $0.property == property }) else { return .forbidden }
    return row.verdicts[column]
  }

  /// The matrix as CSV: `property,device-ngnrne,...,normal-nc,source`.
  public static func csv() -> String {
    let types = MemoryType.allCases.prefix(while: { $0 != .normalWT })
    var csv = CSVText(header: ["property"] + types.map(\.name) + ["source"])
    for row in rows {
      csv.add(
        [row.property.rawValue] + row.verdicts.map(\.rawValue) + ["Arm ARM DDI 0487 " + row.source])
    }
    return csv.text
  }
}
