public import TraceCore
public import TraceIO

/// A capture format: how to tell it, and how to read it.
///
/// A new importer is a file with an extension that defines its value here, and a line in ``all``.
public struct ImportFormat: Sendable {
  /// Name for `--format` and for reports, lower case.
  public let name: String
  /// One line on where such captures come from.
  public let summary: String
  /// Tells from the first bytes of the content (up to 64 KiB) whether it is this format.
  public let recognizes: @Sendable ([UInt8]) -> Bool
  /// Makes the source of blocks.
  let reader:
    @Sendable (any ByteSource, TraceContext, ImportOptions) throws(TraceError) -> any BlockSource

  /// Every format, in the order in which they are tried.
  public static let all: [ImportFormat] = [
    .fixedRecords, .canonicalCSV, .mmiotrace, .qemuLog, .rwmmio, .kvmMMIO, .m1n1, .qemuSimple,
    .traceDat, .plugin,
  ]

  /// The format of this name.
  ///
  /// - Throws: `TraceError` `.unknownFormat`, with the names there are.
  public static func named(_ name: String) throws(TraceError) -> ImportFormat {
    if let format = all.first(where: { $0.name == name }) { return format }
    throw TraceError(
      .unknownFormat, "no input format is called '\(name)'; there are: \(names)")
  }

  /// The format that a content's first bytes show.
  ///
  /// - Parameters:
  ///   - head: First bytes, decompressed; up to 64 KiB are of use.
  ///   - path: File for the message.
  /// - Returns: The first of ``all`` that recognizes them.
  /// - Throws: `TraceError` `.unknownFormat` that says what was tried, `.empty`.
  public static func recognize(_ head: [UInt8], path: String) throws(TraceError) -> ImportFormat {
    guard !head.isEmpty else { throw TraceError(.empty, "the input is empty", file: path) }
    let text = head.startsWithByteOrderMark ? Array(head.dropFirst(ByteOrderMark.size)) : head
    if let format = all.first(where: { $0.recognizes(text) }) { return format }
    let content = head.contains(0) ? "binary data" : "text"
    throw TraceError(
      .unknownFormat,
      "\(content) of no known format (tried its first \(head.count) bytes as: \(names)); "
        + "name the format if these bytes are no guide to it",
      file: path)
  }

  private static var names: String { all.map(\.name).joined(separator: ", ") }

  /// Starts an import.
  ///
  /// - Parameters:
  ///   - source: The content, at its first byte.
  ///   - name: Name of the trace in reports.
  ///   - options: The user's map and what to do about bad records.
  /// - Returns: The records, in order; its context's `format` is ``name``.
  /// - Throws: `TraceError` when the source cannot be read.
  public func open(
    _ source: any ByteSource, name: String, options: ImportOptions = ImportOptions()
  ) throws(TraceError) -> any BlockSource {
    try open(source, name: name, options: options, after: [])
  }

  /// Starts an import of a capture that goes on where others of one run ended.
  ///
  /// Of the latest one of this format the numbers of threads, the places of regions and the BARs
  /// are known on, where the format has such: both have one context then.
  ///
  /// - Parameters:
  ///   - source: The content, at its first byte.
  ///   - name: Name of the trace in reports.
  ///   - options: The user's map and what to do about bad records.
  ///   - captures: The sources of those ahead, of which each is read to its end before the next.
  /// - Returns: The records, in order.
  /// - Throws: `TraceError` when the source cannot be read.
  public func open(
    _ source: any ByteSource, name: String, options: ImportOptions,
    after captures: [any BlockSource]
  ) throws(TraceError) -> any BlockSource {
    let latest = captures.last { $0 is any ContinuedImport && $0.context.format == self.name }
    if let next = (latest as? any ContinuedImport)?.follower(source) { return next }
    return try reader(source, TraceContext(name: name, format: self.name), options)
  }
}
