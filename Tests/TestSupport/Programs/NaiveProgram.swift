/// A small trace with its regions and one scenario's settings: all that a comparison needs.
public struct NaiveProgram: Equatable, Sendable {
  /// Reproduces the program through ``generateProgram(seed:maximumEvents:)``.
  public var seed: UInt64
  public var regions: [NaiveRegion]
  public var settings: NaiveSettings
  public var events: [NaiveEvent]

  public init(
    seed: UInt64 = 0, regions: [NaiveRegion], settings: NaiveSettings, events: [NaiveEvent]
  ) {
    self.seed = seed
    self.regions = regions
    self.settings = settings
    self.events = events
  }

  /// What the naive model counts.
  public func naiveResult() -> NaiveResult {
    NaiveModel.run(events, regions: regions, settings: settings)
  }

  /// The accessor assumption in force, never `auto` (Replay's article Model, accessor assumption).
  public var accessorsInForce: String {
    naiveAccessors(settings.accessors, of: events)
  }

  /// Index of the region in which an access starts.
  public func regionIndex(of event: NaiveEvent) -> Int? {
    guard event.op == "store" || event.op == "load" else { return nil }
    return regions.firstIndex { $0.contains(event.address) }
  }
}
