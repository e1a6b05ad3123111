public import TraceCore

/// A trace with the user's map, at whose end it says which windows of that hold nothing: a base that is
/// mistyped would else go unseen.
public final class MapWatch: BlockSource {
  private let source: any BlockSource
  private let names: [String]
  /// Regions that records lie in, by number.
  private var isUsed: [Bool] = []
  private var hasEnded = false

  /// - Parameters:
  ///   - source: The trace.
  ///   - names: Regions that the map gives a base.
  public init(_ source: any BlockSource, _ names: [String]) {
    self.source = source
    self.names = names
  }

  public var context: TraceContext { source.context }
  public var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  public func next(into block: Block) throws(TraceError) -> Bool {
    guard try source.next(into: block) else {
      if !hasEnded { tellUnused() }
      hasEnded = true
      return false
    }
    for entry in block.classes {
      guard let region = entry.region else { continue }
      if region.index >= isUsed.count {
        isUsed += repeatElement(false, count: region.index + 1 - isUsed.count)
      }
      isUsed[region.index] = true
    }
    return true
  }

  private func tellUnused() {
    let unused = names.filter { name in
      context.regions.first(named: name).map { $0.index >= isUsed.count || !isUsed[$0.index] }
        ?? true
    }
    guard !unused.isEmpty else { return }
    context.counters.add(
      "map_window_unused", UInt64(unused.count),
      meaning: "windows of the map that no access lies in")
    let shown = unused.prefix(Self.shown).map { "'\($0)'" }.joined(separator: ", ")
    let more = unused.count - Self.shown
    // What is wrong comes before what is missing.
    context.blindSpots.insert(
      TellingBlindSpot.map.beginning + shown + (more > 0 ? " and \(more) more" : "")
        + " of the map: is the base right?", at: 0)
  }

  private static let shown = 4
}
