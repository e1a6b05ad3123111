public import TraceCore

/// What the user says about a capture before it is read.
public struct ImportOptions: Sendable {
  /// Regions of the user's map, without overlaps.
  ///
  /// One of size 0 has no window of its own: it describes the region that the capture itself
  /// names so, or the one with its function and BAR number.
  public var regions: [Region] = []
  /// Go on after a record that breaks its grammar, and count it.
  public var skipBadRecords = false
  /// Bytes in the longest line that is accepted; at least 16.
  public var longestLine = LineScanner.defaultCapacity

  public init() {}
}
