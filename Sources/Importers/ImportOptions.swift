/// What the user says about a capture before it is read.
public struct ImportOptions: Sendable {
  /// Regions of the user's map, without overlaps.
  public var regions: [MapRegion] = []
  /// Go on after a record that breaks its grammar, and count it.
  public var skipBadRecords = false
  /// The user says what format it is: a text of which no line is a record, but some line is unknown,
  /// is another one.
  public var isNamed = false
  /// Bytes in the longest line that is accepted, its end among them.
  public var longestLine = ChunkReader.defaultLongest
  /// Cores to use, at least 1; the records are the same.
  public var threads = 1
  /// Bytes that are read and lexed at a time; the records are the same.
  var chunkSize = ChunkReader.defaultSize

  public init() {}
}
