import TraceCore

/// The region that an address is in.
struct RegionFinder {
  private let context: TraceContext
  /// Regions that count; all where there are none.
  private let names: Set<String>

  /// - Parameters:
  ///   - context: That of the trace; may still grow.
  ///   - names: Regions that count; all where there are none.
  init(_ context: TraceContext, _ names: [String]) {
    self.context = context
    self.names = Set(names)
  }

  /// The number of the first region that an address is in; nil where it is in none that counts.
  func region(at address: UInt64) -> Int? {
    guard let found = context.regions.regions.firstIndex(where: { $0.contains(address) }) else {
      return nil
    }
    return names.isEmpty || names.contains(self[found].name) ? found : nil
  }

  subscript(number: Int) -> Region { context.regions.regions[number] }
}
