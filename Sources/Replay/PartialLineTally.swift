import Hazards
import Results
import TraceCore

/// Lines that left partially filled, counted by region and cause between two looks of the rules.
///
/// There may be one for every store, and most have nothing to tell but that they happened: where
/// code addresses are not asked for, only a region's first one becomes an incident of its own.
struct PartialLineTally: ~Copyable {
  private static let causes = FlushCause.allCases.count

  /// Each line's incident is wanted, because it leads to a code address.
  var keepsEach = false
  private var counts = FixedBuffer<UInt64>(repeating: 0, count: 0)
  private var known = FixedBuffer<Bool>(repeating: false, count: 0)
  /// Places of `counts` that are not 0.
  private var counted: [Int] = []

  mutating func grow(regions: Int) {
    counts.grow(to: regions * Self.causes, repeating: 0)
    known.grow(to: regions, repeating: false)
  }

  /// A line of the region has left partially filled.
  func isKnown(_ region: Int) -> Bool { known[region] }

  /// Counts a line.
  ///
  /// - Parameters:
  ///   - region: The region that the line belongs to.
  ///   - cause: Why it left.
  /// - Returns: false where its incident is to be logged instead.
  @inline(__always)
  mutating func count(_ region: Int, _ cause: FlushCause) -> Bool {
    guard known[region], !keepsEach else {
      known[region] = true
      return false
    }
    let place = region &* Self.causes &+ Int(cause.rawValue)
    if counts[place] == 0 { counted.append(place) }
    counts[place] += 1
    return true
  }

  /// Logs what was counted, and starts again.
  mutating func report(to log: inout IncidentLog, record: UInt64) {
    for place in counted {
      log.add(
        .partialFlush,
        Incident(
          record: record, region: place / Self.causes, vcpu: 0, first: counts[place],
          second: UInt64(place % Self.causes)))
      counts[place] = 0
    }
    counted.removeAll(keepingCapacity: true)
  }
}
