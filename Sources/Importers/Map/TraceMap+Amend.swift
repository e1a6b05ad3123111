public import TraceCore

extension TraceMap {
  /// All regions, those without a base last.
  public var allRegions: [Region] { regions + regionsWithoutBase }

  /// The regions as an importer takes them: one without a base has no window before the capture says
  /// where it lies, and then the size that it has there.
  public var importedRegions: [Region] {
    regions
      + regionsWithoutBase.map { region in
        var template = region
        template.size = 0
        return template
      }
  }

  /// Lets the map say more about the regions that an imported trace has.
  ///
  /// A native trace keeps the regions that it was imported with, since its records name them: the
  /// map may change what is known of a region, not where it lies.
  ///
  /// - Parameter context: The trace's; its regions are changed.
  /// - Throws: ``TraceError`` when the map names a region that the trace does not have, or places
  ///   or classifies one differently.
  public func amend(_ context: TraceContext) throws(TraceError) {
    for region in allRegions {
      guard let id = context.regions.first(named: region.name) else {
        throw TraceError(
          .configuration,
          "the trace has no region '\(region.name)'; import the capture again with this map",
          file: context.name)
      }
      let known = context.regions[id]
      let isMoved = region.size != 0 && region.base != 0 && region.base != known.base
      let keepsKind = [Region.Kind.ecam, .config].allSatisfy {
        (region.kind == $0) == (known.kind == $0)
      }
      guard !isMoved, keepsKind else {
        throw TraceError(
          .configuration,
          "the map gives region '\(region.name)' another place or kind; import the capture again",
          file: context.name)
      }
      context.regions[id] = Self.amended(known, by: region)
    }
  }

  private static func amended(_ known: Region, by region: Region) -> Region {
    var result = known
    result.kind = region.kind
    result.function = region.function ?? known.function
    result.bar = region.bar ?? known.bar
    result.configLayout = region.configLayout ?? known.configLayout
    result.prefetchable = region.prefetchable ?? known.prefetchable
    result.is64Bit = region.is64Bit ?? known.is64Bit
    result.stage1 = region.stage1 ?? known.stage1
    result.vfioEligible = region.vfioEligible
    if !region.sideEffects.isEmpty { result.sideEffects = region.sideEffects }
    result.registers = region.registers ?? known.registers
    result.origin = .map
    return result
  }
}
