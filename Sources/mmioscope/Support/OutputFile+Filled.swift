import TraceCore
import TraceIO

extension OutputFile {
  /// An output that is complete but has no name yet, so that several appear together or not at all.
  ///
  /// - Parameters:
  ///   - path: As of ``OutputFile/init(path:)``.
  ///   - body: Hands over what it holds.
  /// - Returns: The output, to be committed.
  /// - Throws: ``TraceError`` where it cannot be written.
  static func filled(
    _ path: String,
    _ body: ((String) throws(TraceError) -> Void) throws(TraceError) -> Void
  ) throws(TraceError) -> OutputFile {
    let output = try OutputFile(path: path)
    try body { (text) throws(TraceError) in try output.write(text) }
    try output.flush()
    return output
  }
}
