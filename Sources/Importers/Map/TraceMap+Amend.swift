public import TraceCore

extension TraceMap {
  /// Lets the map say more about the regions that an imported trace has.
  ///
  /// A native trace keeps the regions that it was imported with, since its records name them: the
  /// map may change what is known of a region, not where it lies.
  ///
  /// - Parameters:
  ///   - context: The trace's; its regions are changed.
  ///   - isGrowing: The trace has been read in part: regions may still grow to the map's size.
  /// - Throws: ``TraceError`` when the map names a region that the trace does not have, or places
  ///   or classifies one differently.
  public func amend(_ context: TraceContext, isGrowing: Bool = false) throws(TraceError) {
    guard !entries.isEmpty else { return }
    var numbers: [String: Int] = [:]
    for (index, region) in context.regions.regions.enumerated() where numbers[region.name] == nil {
      numbers[region.name] = index
    }
    for entry in entries {
      guard let number = numbers[entry.region.name] else {
        throw entry.error(
          .name,
          "the trace has no region '\(entry.region.name)'; import the capture again with this map",
          context)
      }
      let id = RegionID(rawValue: UInt16(number))
      let known = context.regions[id]
      try entry.checkPlace(of: known, isGrowing: isGrowing, context)
      let result = entry.describing(known)
      // Records of these are decoded otherwise than those of the rest.
      for kind in [Region.Kind.ecam, .config] where (result.kind == kind) != (known.kind == kind) {
        throw entry.error(
          .kind,
          "region '\(known.name)' of the trace is of kind \(known.kind.rawValue); import the capture "
            + "again with this map", context)
      }
      context.regions[id] = result
    }
  }
}

extension MapRegion {
  /// Rejects another base or size than the trace has.
  ///
  /// A size without a base is passed over, as it is at an import: the capture knows better.
  fileprivate func checkPlace(
    of known: Region, isGrowing: Bool, _ context: TraceContext
  ) throws(TraceError) {
    guard hasBase else { return }
    if isGrowing, let part = known.addresses, let whole = region.addresses,
      whole.lowerBound <= part.lowerBound, part.upperBound <= whole.upperBound
    {
      return
    }
    if known.base != region.base {
      throw error(
        .base,
        "region '\(known.name)' of the trace lies at 0x\(hex(known.base)); import the capture again "
          + "with this map", context)
    }
    if known.size != region.size {
      throw error(
        .size,
        "region '\(known.name)' of the trace has 0x\(hex(known.size)) bytes; import the capture again "
          + "with this map", context)
    }
  }
}
