/// What is wrong with a line, and where in the chunk.
///
/// It holds no references, so throwing it costs next to nothing; ``TextImporter`` turns it into
/// a `TraceError` with the file, line and column.
struct LineFault: Error, Equatable {
  enum Kind: UInt8 {
    /// The grammar is broken.
    case malformed
    /// A number does not fit its field.
    case outOfRange
    /// A quoted cell does not end on this line: the record goes on in the next.
    case openQuote
    /// The line has more bytes than it may.
    case tooLong
  }

  var kind: Kind
  /// Index in the chunk of the first byte that is wrong.
  var position: Int
  /// What should have stood there: completes "expected ...".
  var expected: StaticString
  /// The input makes no sense without this line (a header): it cannot be skipped.
  var isFatal = false

  init(_ kind: Kind = .malformed, at position: Int, _ expected: StaticString) {
    self.kind = kind
    self.position = position
    self.expected = expected
  }

  static func == (left: Self, right: Self) -> Bool {
    left.kind == right.kind && left.position == right.position
      && left.expected.description == right.expected.description
  }
}
