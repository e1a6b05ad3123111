import TraceCore
import TraceIO

/// An import whose state the capture behind it may take over, as of a log that was rotated.
protocol ContinuedImport: BlockSource {
  /// Makes the source of the capture behind this one, with this one's context.
  ///
  /// What several captures show together is added to the context at the end of the last.
  ///
  /// - Parameter source: Its content, at its first byte.
  /// - Returns: It is to be read when this one has ended; nil where each capture of the format
  ///   stands for itself.
  func follower(_ source: any ByteSource) -> (any BlockSource)?
}
