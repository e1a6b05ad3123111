import Hazards
import Results
import TraceCore

/// Lines that left partially filled, counted by region and cause between two looks of the rules.
///
/// There may be one for every store, and most have nothing to tell but that they happened: where
/// code addresses are not asked for, only a region's first one of each vCPU becomes an incident of its
/// own.
struct PartialLineTally: ~Copyable {
  /// Twice: lines of several stores, and those of one.
  private static let causes = 2 * FlushCause.allCases.count

  /// Each line's incident is wanted, because it leads to a code address.
  var keepsEach = false
  private var counts = FixedBuffer<UInt64>(repeating: 0, count: 0)
  /// A bit each of the first vCPUs of which a region has had a line; the last bit stands for all
  /// others, of which the first one is told.
  private var known = FixedBuffer<UInt64>(repeating: 0, count: 0)
  /// The number of a vCPU that has one.
  private var names = FixedBuffer<UInt16>(repeating: 0, count: 0)
  /// Places of `counts` that are not 0.
  private var counted: [Int] = []

  mutating func grow(regions: Int) {
    counts.grow(to: regions * Self.causes, repeating: 0)
    known.grow(to: regions, repeating: 0)
    names.grow(to: regions, repeating: 0)
  }

  /// A line of the region has left partially filled.
  func isKnown(_ region: Int) -> Bool { known[region] != 0 }

  /// Counts a line.
  ///
  /// - Parameters:
  ///   - region: The region that the line belongs to.
  ///   - cause: Why it left.
  ///   - isLone: One store is all that it held.
  ///   - vcpu: The index of its vCPU.
  ///   - name: The number of that vCPU, asked for where it is the first.
  /// - Returns: false where its incident is to be logged instead.
  @inline(__always)
  mutating func count(
    _ region: Int, _ cause: FlushCause, isLone: Bool, _ vcpu: Int, name: @autoclosure () -> UInt16
  ) -> Bool {
    let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: min(vcpu, 63))
    guard known[region] & bit != 0, !keepsEach else {
      known[region] |= bit
      names[region] = name()
      return false
    }
    let place = region &* Self.causes &+ 2 &* Int(cause.rawValue) &+ (isLone ? 1 : 0)
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
          record: record, region: place / Self.causes, vcpu: names[place / Self.causes],
          first: counts[place],
          second: Self.detail(place % Self.causes / 2, isLone: place & 1 == 1)))
      counts[place] = 0
    }
    counted.removeAll(keepingCapacity: true)
  }

  /// ``Incident/second`` of a line.
  static func detail(_ cause: Int, isLone: Bool) -> UInt64 { UInt64(cause) | (isLone ? 1 << 8 : 0) }
}
