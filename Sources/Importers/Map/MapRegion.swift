public import TraceCore
import YAMLInput

/// What the user's map says of one region.
public struct MapRegion: Sendable {
  /// Keys of an entry that a trace may contradict.
  enum Key: String, CaseIterable {
    case name, base, size, kind
  }

  /// Nothing, or the default, where the map leaves something to the capture.
  public let region: Region
  /// The map says where the region lies.
  ///
  /// One without a base describes the region that the capture itself names so, or the one with its
  /// function and BAR number; its size is 0 where the map does not say it.
  public let hasBase: Bool
  private let leavesKind: Bool
  private let leavesVFIO: Bool
  /// An error at each key of the entry, with the key's path as its only words.
  private var places: [Key: TraceError] = [:]

  /// An entry with a kind and the flag for VFIO; one of size 0 has no base.
  public init(_ region: Region) {
    self.init(region, hasBase: region.size > 0)
  }

  init(_ region: Region, hasBase: Bool, leavesKind: Bool = false, leavesVFIO: Bool = false) {
    self.region = region
    self.hasBase = hasBase
    self.leavesKind = leavesKind
    self.leavesVFIO = leavesVFIO
  }

  mutating func place(_ key: Key, _ node: YAMLNode?) {
    places[key] = node?.error("")
  }

  /// An error about what one key says of a trace's region.
  func error(_ key: Key, _ message: String, _ context: TraceContext) -> TraceError {
    guard var located = places[key] ?? places[.name] else {
      return TraceError(.configuration, message, file: context.name)
    }
    located.message += message
    return located
  }

  /// A region of a capture or trace as the map describes it.
  ///
  /// What the map does not give stays as it is known; base and size always do.
  func describing(_ known: Region) -> Region {
    var result = known
    result.name = region.name
    if !leavesKind { result.kind = region.kind }
    // Whether a hypervisor may map it goes with the kind, unless the map says it.
    if !leavesVFIO || result.kind != known.kind { result.vfioEligible = region.vfioEligible }
    result.function = region.function ?? known.function
    result.configLayout = region.configLayout ?? known.configLayout
    result.bar = region.bar ?? known.bar
    result.prefetchable = region.prefetchable ?? known.prefetchable
    result.is64Bit = region.is64Bit ?? known.is64Bit
    result.stage1 = region.stage1 ?? known.stage1
    if !region.sideEffects.isEmpty { result.sideEffects = region.sideEffects }
    result.registers = region.registers ?? known.registers
    // Of a region that the capture describes, the map is the source only where it says what it is.
    if !leavesKind || !leavesVFIO || known.origin == .inferred { result.origin = .map }
    return result
  }
}

extension MapRegion: Equatable {
  /// The same is said, wherever it stands.
  public static func == (left: Self, right: Self) -> Bool {
    left.region == right.region && left.hasBase == right.hasBase
      && left.leavesKind == right.leavesKind && left.leavesVFIO == right.leavesVFIO
  }
}
