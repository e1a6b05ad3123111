/// Why the program cannot go on with an input, and exactly where.
///
/// The command turns it into one line, `file:line:column: code: message`, and exit status 2.
/// What the program *can* go on without is a named counter instead (``TraceCounters``).
public struct TraceError: Error, Sendable, Equatable {
  /// The stable kind of failure; scripts and tests may match on it.
  public enum Code: String, Sendable {
    /// The operating system refused to open, read or write.
    case io
    /// The reader of a pipe has gone; the command ends quietly.
    case brokenPipe = "broken-pipe"
    /// The input is empty.
    case empty
    /// No known format matches the content.
    case unknownFormat = "unknown-format"
    /// Compressed data that cannot be decompressed.
    case compression
    /// A stored checksum does not match.
    case checksum
    /// Data that ends too early.
    case truncated
    /// A record of a known kind that breaks its grammar.
    case badRecord = "bad-record"
    /// A number out of its field's range.
    case range
    /// A configuration file (map, profile) with a wrong key, type, unit or value.
    case configuration
    /// A contradiction that only a defect of this program can cause.
    case `internal`
  }

  public var code: Code
  public var message: String
  /// Path as the user gave it; `-` is standard input.
  public var file: String?
  /// Line, from 1.
  public var line: UInt64?
  /// Column in bytes, from 1.
  public var column: Int?
  /// Offset in the file, in bytes from 0.
  public var byteOffset: UInt64?
  /// Index of the record, from 0.
  public var record: UInt64?

  public init(
    _ code: Code, _ message: String, file: String? = nil, line: UInt64? = nil,
    column: Int? = nil, byteOffset: UInt64? = nil, record: UInt64? = nil
  ) {
    self.code = code
    self.message = message
    self.file = file
    self.line = line
    self.column = column
    self.byteOffset = byteOffset
    self.record = record
  }
}

extension TraceError {
  /// The error with a place, where it has none itself.
  ///
  /// - Parameters:
  ///   - file: Path as the user gave it.
  ///   - byteOffset: Offset in the file, in bytes from 0.
  ///   - record: Index of the record, from 0.
  /// - Returns: The error to throw.
  public func located(
    in file: String?, byteOffset: UInt64? = nil, record: UInt64? = nil
  ) -> TraceError {
    var located = self
    located.file = self.file ?? file
    located.byteOffset = self.byteOffset ?? byteOffset
    located.record = self.record ?? record
    return located
  }
}

extension TraceError: CustomStringConvertible {
  /// `file:line:column: code: message (byte offset N, record N)`; absent parts are left out.
  public var description: String {
    var place = file ?? ""
    if let line { place += (place.isEmpty ? "line " : ":") + String(line) }
    if let column, line != nil { place += ":" + String(column) }
    var details: [String] = []
    if let byteOffset { details.append("byte offset \(byteOffset)") }
    if let record { details.append("record \(record)") }
    let tail = details.isEmpty ? "" : " (" + details.joined(separator: ", ") + ")"
    return (place.isEmpty ? "" : place + ": ") + code.rawValue + ": " + message + tail
  }
}
