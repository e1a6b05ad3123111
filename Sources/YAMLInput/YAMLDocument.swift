public import TraceCore
import Yams

/// A configuration file in YAML, parsed with the place of every node.
///
/// Accepted is the plain subset that people write by hand: one document of mappings, sequences and
/// scalars. Anchors, aliases and tags are errors, so the tree never is larger than the text. Whoever
/// decodes the tree names the keys it knows; anything else is an error with file, line and key.
public struct YAMLDocument {
  /// Bytes of a configuration file at most: profiles and maps have a few thousand.
  public static let sizeLimit = 1 << 20

  public let root: YAMLNode

  /// Parses text.
  ///
  /// - Parameters:
  ///   - text: The whole file.
  ///   - file: Its name for errors.
  /// - Throws: ``TraceError`` with code `configuration` or `empty`, with the line where known.
  public init(text: String, file: String) throws(TraceError) {
    let source = YAMLSource(file: file, text: text)
    try source.check()
    guard let node = try source.compose() else {
      throw TraceError(.empty, "the file holds no YAML document", file: file)
    }
    root = YAMLNode(node: node, path: "", source: source)
    // No tag is without one, and a look at every node costs as much as parsing them.
    if text.utf8.contains(UInt8(ascii: "!")) { try root.rejectTags() }
  }

  /// Parses bytes, which must be UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: Its name for errors.
  /// - Throws: ``TraceError`` with code `configuration` or `empty`; where the bytes are no UTF-8,
  ///   with the place of the first that is none.
  public init(bytes: [UInt8], file: String) throws(TraceError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let offset = Self.validPrefix(of: bytes)
      let before = bytes[..<offset]
      let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      throw TraceError(
        .configuration, "the file is not UTF-8 text", file: file,
        line: UInt64(before.count { $0 == UInt8(ascii: "\n") } + 1),
        column: offset - lineStart + 1, byteOffset: UInt64(offset))
    }
    try self.init(text: text, file: file)
  }

  /// Bytes before the first that belongs to no character in UTF-8.
  private static func validPrefix(of bytes: [UInt8]) -> Int {
    var parser = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var count = 0
    while case .valid(let character) = parser.parseScalar(from: &iterator) {
      count += character.count
    }
    return count
  }

  /// Reads and parses a file.
  ///
  /// - Parameter path: As the user gave it.
  /// - Throws: ``TraceError`` with code `io`, `configuration` or `empty`.
  public init(path: String) throws(TraceError) {
    try self.init(
      bytes: readConfigurationFile(path, limit: Self.sizeLimit), file: path)
  }
}
