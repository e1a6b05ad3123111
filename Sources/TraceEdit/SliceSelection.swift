public import TraceCore

/// Which records of a trace a slice keeps: those that meet every condition given.
public struct SliceSelection: Sendable, Equatable {
  /// Records by index, from 0.
  public var records: Range<UInt64>?
  /// Records at most, counted from the first one that is not too early: in ``records``, and at
  /// ``fromTime`` or later.
  public var count: UInt64?
  /// Time stamps in ns from this one on; a record without a stamp has that of the one before.
  public var fromTime: UInt64?
  /// Time stamps in ns before this one, so that slices join.
  public var toTime: UInt64?
  /// Names of regions.
  ///
  /// Accesses of others are left out, and config accesses, those in an ECAM window too, unless their
  /// function has one of these or is a bridge above one that has: a reset at the bridge is a reset of
  /// what is below. Which bridge is above is told by the accesses so far, and by the map's images; one
  /// whose bus numbers are not known may be above any function on a higher bus.
  /// Barriers, resets, losses and marks stay: they concern every region.
  public var regions: [String] = []
  /// Functions: accesses to their regions, and config accesses as with ``regions``; of any if empty.
  public var functions: [PCIFunction] = []
  /// Numbers of vCPUs; resets, losses and marks of others stay.
  public var vcpus: Set<UInt16> = []
  /// Loads and stores with a byte in one of these ranges of addresses, of any if empty.
  ///
  /// Accesses in an ECAM window stay as with ``regions``, for the regions that a range lies in, unless
  /// one lies in the window itself.
  public var addresses: [ClosedRange<UInt64>] = []
  /// Loads and stores of these sizes in bytes, of any if empty.
  public var sizes: Set<UInt8> = []
  /// Loads and config reads, or stores and config writes, alone; nil for both.
  public var direction: Direction?
  /// Which way an access goes.
  public enum Direction: String, Sendable, CaseIterable { case load, store }
  /// From the first mark of this text on, itself included.
  public var fromMark: String?
  /// Up to the first mark of this text behind the start, itself included.
  public var toMark: String?

  public init() {}

  /// No condition is given.
  public var isEverything: Bool { self == SliceSelection() }

  /// The conditions in words, as the command's options give them.
  public var summary: String {
    var words: [String] = []
    if let records {
      words.append(
        records.upperBound == .max
          ? "from record \(records.lowerBound)"
          : "records \(records.lowerBound) to before \(records.upperBound)")
    }
    if let fromTime { words.append("from time \(fromTime) ns") }
    if let count { words.append("at most \(count) records from there") }
    if let toTime { words.append("before time \(toTime) ns") }
    if !regions.isEmpty { words.append("regions " + regions.joined(separator: ", ")) }
    if !functions.isEmpty {
      words.append("functions " + functions.map(\.description).joined(separator: ", "))
    }
    if !vcpus.isEmpty {
      words.append("vCPUs " + vcpus.sorted().map(String.init).joined(separator: ", "))
    }
    if !addresses.isEmpty {
      let ranges = addresses.map { "0x" + hex($0.lowerBound) + " to 0x" + hex($0.upperBound) }
      words.append("addresses " + ranges.joined(separator: ", "))
    }
    if !sizes.isEmpty {
      words.append("sizes " + sizes.sorted().map(String.init).joined(separator: ", "))
    }
    if let direction { words.append(direction.rawValue + "s") }
    if let fromMark { words.append("from mark '\(fromMark)'") }
    if let toMark { words.append("to mark '\(toMark)'") }
    return words.isEmpty ? "everything" : words.joined(separator: "; ")
  }
}
