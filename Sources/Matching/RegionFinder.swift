import TraceCore

/// The region that an address is in.
struct RegionFinder {
  private let context: TraceContext
  /// Regions that count; all where there are none.
  private let names: Set<String>
  /// First addresses of regions that the observed list has elsewhere than the trace, by name.
  private let bases: [String: UInt64]

  /// - Parameters:
  ///   - context: That of the trace; may still grow.
  ///   - names: Regions that count; all where there are none.
  ///   - bases: First addresses of regions that the observed list has elsewhere.
  init(_ context: TraceContext, _ names: [String], bases: [String: UInt64]) {
    self.context = context
    self.names = Set(names)
    self.bases = bases
  }

  subscript(number: Int) -> Region { context.regions.regions[number] }

  /// The number of the first region that an address is in; nil where it is in none that counts.
  func region(at address: UInt64) -> Int? {
    guard let found = context.regions.regions.firstIndex(where: { $0.contains(address) }) else {
      return nil
    }
    return counts(found) ? found : nil
  }

  /// The same of an observed address, and the trace's address for it.
  func place(observed address: UInt64) -> (region: Int, address: UInt64)? {
    if !bases.isEmpty {
      let moved = context.regions.regions.firstIndex { region in
        guard let base = bases[region.name], address >= base else { return false }
        return address - base < region.size
      }
      if let moved {
        let offset = address - (bases[self[moved].name] ?? 0)
        return counts(moved) ? (moved, self[moved].base + offset) : nil
      }
    }
    guard let found = region(at: address), bases[self[found].name] == nil else { return nil }
    return (found, address)
  }

  private func counts(_ region: Int) -> Bool {
    names.isEmpty || names.contains(self[region].name)
  }
}
