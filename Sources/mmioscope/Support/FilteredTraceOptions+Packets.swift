import Replay
import TraceCore

extension FilteredTraceOptions {
  /// The trace from its beginning, and the accessor assumption, for which it may be read twice.
  ///
  /// - Parameters:
  ///   - listing: Of the scenario.
  ///   - verb: The command.
  ///   - threads: Cores to use for a text.
  /// - Returns: Both.
  /// - Throws: ``TraceError`` from the trace; `ValidationError` where it would be read twice and
  ///   cannot be.
  func open(
    _ listing: PacketListing, for verb: String, threads: Int = CoreOptions.all
  ) throws -> (any BlockSource, AccessorAssumption) {
    let source = try open(hashes: false, threads: threads)
    if let accessors = try listing.accessors(of: source, isRead: false) {
      return (source, accessors)
    }
    try whole.checkReadAgain(by: "\(verb) without --accessors")
    guard let accessors = try listing.accessors(of: source, isRead: true) else {
      throw TraceError(.internal, "a trace that was read leaves its barriers open")
    }
    return (try open(hashes: false, threads: threads), accessors)
  }
}
